import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { PodsteadError, UsageError } from "../../mod/core/mod.ts";
import {
  logFiles,
  type LogNotice,
  logSourceAt,
  logStream,
  parseTime,
  readLog,
  type ReadLogOptions,
} from "../../mod/logs/mod.ts";
import { criLine, fileBytes, type WrittenLine } from "./reference.ts";
import { collect, TempLog } from "./temp_log.ts";

const live = (...lines: WrittenLine[]) => [{ lines, compressed: false, torn: false }];

async function read(log: TempLog, options: ReadLogOptions): Promise<string> {
  return (await collect(readLog(log.source, options))).toString();
}

describe("logFiles()", () => {
  it("lists rotated files, oldest first, before the live one, each once", async () => {
    await using log = await TempLog.create();
    const files = [
      "0.log.20260101-000000.gz",
      "0.log.20260102-000000",
      // The kubelet is just compressing it.
      "0.log.20260102-000000.gz",
      "0.log.20260103-000000",
      "0.log.20260103-000000.tmp",
      "0.log",
      "00.log.20260101-000000",
      "1.log",
      "0.log.bak",
    ];
    for (const name of files) await writeFile(`${log.directory}/${name}`, "");
    const found = (await logFiles(log.source)).map((file) => file.path.split("/").at(-1));
    assert.deepEqual(found, [
      "0.log.20260101-000000.gz",
      "0.log.20260102-000000",
      "0.log.20260103-000000",
      "0.log",
    ]);
  });

  it("says that a directory is missing", async () => {
    await assert.rejects(
      logFiles(logSourceAt("/nonexistent/podstead/0.log")),
      (error) =>
        error instanceof PodsteadError && error.code === "not-found" &&
        error.message ===
          'Cannot read log directory "/nonexistent/podstead": it does not exist',
    );
  });
});

describe("readLog()", () => {
  it("prints a raw log as on the documentation page", async () => {
    const page = new URL("../../fixtures/logs/nginx/", import.meta.url).pathname;
    const options: ReadLogOptions = { output: { format: "raw", linePrefix: "172.20.0.3: " } };
    const got = await collect(readLog(logSourceAt(`${page}0.log`), options));
    assert.equal(got.toString(), await readFile(`${page}raw.txt`, "utf8"));
  });

  it("joins parts of both runtimes' lengths", async () => {
    await using log = await TempLog.create();
    for (const length of [8192, 16_384]) {
      const message = "0123456789abcdef".repeat(5000);
      const parts: WrittenLine[] = [];
      for (let at = 0; at < message.length; at += length) {
        const isLast = at + length >= message.length;
        parts.push(criLine("stdout", isLast ? "F" : "P", message.slice(at, at + length)));
      }
      await log.write(live(...parts));
      assert.equal(await read(log, { output: { format: "text" } }), `${message}\n`);
    }
  });

  it("writes times in UTC and in local time", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, "2022-02-10T17:26:01.5+02:00 stdout F a\n");
    assert.equal(
      await read(log, { output: { format: "text", timestamps: "utc" } }),
      "2022-02-10T15:26:01.500000000Z a\n",
    );
    const local = await read(log, { output: { format: "text", timestamps: "local" } });
    assert.equal(parseTime(local.split(" ")[0]!), parseTime("2022-02-10T15:26:01.5Z"));
  });

  it("puts what cannot be decoded into JSON, and a line in no format with null", async () => {
    await using log = await TempLog.create();
    await writeFile(
      log.path,
      Buffer.concat([
        Buffer.from("2022-02-10T15:26:01Z stdout F a"),
        Buffer.from([0xff]),
        Buffer.from("\nstrange\n"),
      ]),
    );
    assert.equal(
      await read(log, { output: { format: "json", pod: "default/nginx", container: "nginx" } }),
      '{"time":"2022-02-10T15:26:01Z","stream":"stdout","pod":"default/nginx",' +
        '"container":"nginx","attempt":0,"message":"a\ufffd"}\n' +
        '{"time":null,"stream":null,"pod":"default/nginx","container":"nginx","attempt":0,' +
        '"message":"strange"}\n',
    );
  });

  it("writes a very long line while it comes, and holds the other stream's lines", async () => {
    await using log = await TempLog.create();
    await log.write(live(
      criLine("stdout", "P", "a".repeat(60)),
      criLine("stderr", "F", "held"),
      criLine("stdout", "P", "b".repeat(60)),
      criLine("stderr", "F", "too"),
      criLine("stdout", "F", "c"),
      criLine("stdout", "F", "next"),
    ));
    const long = `${"a".repeat(60)}${"b".repeat(60)}c`;
    assert.equal(
      await read(log, { output: { format: "text" }, tuning: { spillBytes: 50 } }),
      `${long}\nheld\ntoo\nnext\n`,
    );
  });

  it("breaks a very long line off rather than hold the other stream without end", async () => {
    await using log = await TempLog.create();
    await log.write(live(
      criLine("stdout", "P", "a".repeat(60)),
      criLine("stderr", "F", "x".repeat(60)),
      criLine("stderr", "F", "y"),
      criLine("stdout", "F", "b"),
    ));
    assert.equal(
      await read(log, { output: { format: "text" }, tuning: { spillBytes: 50 } }),
      `${"a".repeat(60)}\n${"x".repeat(60)}\ny\nb\n`,
    );
  });

  it("says where a compressed file is damaged, and goes on after it", async () => {
    await using log = await TempLog.create();
    const zipped = gzipSync(fileBytes(live(criLine("stdout", "F", "a".repeat(50_000)))[0]!));
    await writeFile(`${log.nextRotatedPath()}.gz`, zipped.subarray(0, zipped.length - 20));
    await writeFile(log.path, fileBytes(live(criLine("stdout", "F", "live"))[0]!));
    const notices: LogNotice[] = [];
    const text = await read(log, {
      output: { format: "text" },
      onNotice: (notice) => notices.push(notice),
    });
    assert.ok(text.endsWith("live\n"));
    assert.deepEqual(notices.map((notice) => notice.kind), ["damaged"]);
  });

  it("says that a log does not exist", async () => {
    await using log = await TempLog.create();
    await assert.rejects(read(log, {}), { code: "not-found" });
  });

  it("refuses a tail that is no count, and a pattern that is no expression", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, "");
    await assert.rejects(read(log, { selection: { tail: -1 } }), UsageError);
    await assert.rejects(read(log, { selection: { limitBytes: 1.5 } }), UsageError);
    await assert.rejects(read(log, { selection: { grep: { pattern: "(" } } }), UsageError);
  });

  it("reads no more than is asked for", async () => {
    await using log = await TempLog.create();
    const line = `${criLine("stdout", "F", "x".repeat(99)).raw}\n`;
    await writeFile(log.path, line.repeat(50_000));
    const notices: LogNotice[] = [];
    // A damaged file behind the first chunk is not come to.
    await writeFile(`${log.nextRotatedPath()}`, line.repeat(50_000));
    await writeFile(`${log.nextRotatedPath()}.gz`, "no gzip");
    const chunks = readLog(log.source, { onNotice: (notice) => notices.push(notice) });
    const first = await chunks.next();
    await chunks.return(undefined);
    assert.ok((first.value?.length ?? 0) < 256 * 1024);
    assert.equal(notices.length, 0);
    for await (const _ of readLog(log.source, { onNotice: (notice) => notices.push(notice) }));
    assert.equal(notices.length, 1);
  });

  it("takes a line of 40 MB in pieces", async () => {
    await using log = await TempLog.create();
    const part = fileBytes(live(criLine("stdout", "P", "x".repeat(16_384)))[0]!).toString();
    await writeFile(log.path, part.repeat(2500));
    let sizeBytes = 0;
    const before = process.memoryUsage().rss;
    for await (const chunk of readLog(log.source, { output: { format: "text" } })) {
      sizeBytes += chunk.length;
    }
    assert.equal(sizeBytes, 2500 * 16_384 + 1);
    assert.ok(process.memoryUsage().rss - before < 80_000_000);
  });

  it("counts an unfinished line that began long before the tail by all of it", async () => {
    await using log = await TempLog.create();
    const others = Array.from({ length: 200 }, () => criLine("stderr", "F", "x".repeat(200)));
    // Without a last part it ends with the log, after every other line.
    await log.write(live(criLine("stdout", "P", "Password: "), ...others));
    const tailOf = (pattern: string, invert: boolean) =>
      read(log, {
        selection: { tail: 1, grep: { pattern, invert } },
        output: { format: "text" },
      });
    assert.equal(await tailOf("^$", true), "Password: \n");
    assert.equal(await tailOf("Pass|x", false), "Password: \n");
  });

  it("stops searching for a tail when it is aborted", async () => {
    await using log = await TempLog.create();
    const lines = Array.from(
      { length: 20_000 },
      (_, number) => criLine("stdout", "F", `${number}`),
    );
    await log.write(live(...lines));
    const abort = new AbortController();
    const selection = { tail: 1, grep: { pattern: "no such line" } };
    const tuning = { blockBytes: 100 };
    const reading = read(log, { selection, signal: abort.signal, tuning });
    setTimeout(() => abort.abort(), 1);
    // CPU time, so that other work on the machine does not count.
    const before = process.cpuUsage();
    assert.equal(await reading, "");
    const aborted = process.cpuUsage(before).user;
    assert.equal(await read(log, { selection, tuning }), "");
    assert.ok(aborted < process.cpuUsage(before).user / 2);
  });

  it("ends quietly when it is aborted", async () => {
    await using log = await TempLog.create();
    await log.write(live(criLine("stdout", "F", "a")));
    const abort = new AbortController();
    const chunks = readLog(log.source, { follow: {}, signal: abort.signal });
    assert.equal((await chunks.next()).done, false);
    const waiting = chunks.next();
    abort.abort();
    assert.equal((await waiting).done, true);
  });
});

describe("logStream()", () => {
  it("stops the reading when the body is cancelled", async () => {
    await using log = await TempLog.create();
    await log.write(live(criLine("stdout", "F", "a")));
    let aborted = false;
    const body = logStream((signal) => {
      signal.addEventListener("abort", () => aborted = true);
      return readLog(log.source, { follow: {}, signal, output: { format: "text" } });
    });
    const reader = body.getReader();
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), "a\n");
    await reader.cancel();
    assert.ok(aborted);
  });
});

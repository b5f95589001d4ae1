import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { UsageError } from "../../mod/core/mod.ts";
import { type Command, readJournal, type ReadJournalOptions } from "../../mod/services/mod.ts";
import { msToNs, parseTime } from "../../mod/logs/mod.ts";
import { Journald, journaldMissing } from "./journald.ts";
import { describeUnless } from "../support/unless.ts";

async function read(unit: string, options: ReadJournalOptions): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of readJournal([unit], options)) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

/** A program that prints and ends as it is told, in a directory of its own. */
async function withScript(script: string, use: (command: Command) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "podstead-journalctl-"));
  const path = join(directory, "journalctl");
  try {
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    await use([path]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const fixture = new URL("../../fixtures/journal/kubelet.json", import.meta.url).pathname;

describe("readJournal() of recorded output", () => {
  it("prints messages as on the documentation page, byte for byte", async () => {
    await withScript(`cat ${fixture}`, async (journalctl) => {
      assert.equal(
        await read("kubelet", {
          journalctl,
          output: { format: "raw", linePrefix: "172.20.0.2: " },
        }),
        '172.20.0.2: {"ts":1644505520281.427,"caller":"config/file.go:187","msg":"Could not ' +
          'process manifest file","path":"/etc/kubernetes/manifests/talos-default-nginx-gvisor.yaml",' +
          '"err":"invalid pod: [spec.containers: Required value]"}\n' +
          "172.20.0.2: panic: first line\n172.20.0.2: \n172.20.0.2: goroutine 1 [running]:\n" +
          "172.20.0.2: caf\ufffd\n172.20.0.2: \n",
      );
    });
  });

  it("writes bytes that are not UTF-8 unchanged but in JSON", async () => {
    await withScript(`cat ${fixture}`, async (journalctl) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of readJournal(["kubelet"], { journalctl })) parts.push(chunk);
      assert.ok(Buffer.concat(parts).includes(Buffer.from([0x63, 0x61, 0x66, 0xe9, 10])));
      const json = (await read("kubelet", { journalctl, output: { format: "json" } })).split("\n");
      assert.deepEqual(JSON.parse(json[1]!), {
        time: "2022-02-10T15:05:21.000001000Z",
        unit: "kubelet.service",
        identifier: "kubelet",
        pid: 4183,
        priority: 3,
        message: "panic: first line\n\ngoroutine 1 [running]:",
      });
      assert.equal(JSON.parse(json[2]!).message, "caf\ufffd");
      assert.equal(JSON.parse(json[3]!).pid, null);
    });
  });

  it("says that there is no journalctl", async () => {
    await assert.rejects(read("kubelet", { journalctl: ["/nonexistent/journalctl"] }), {
      code: "not-found",
      message: 'Cannot read the journal of "kubelet.service": this machine has no journalctl',
    });
  });

  it("says what journalctl says when it fails", async () => {
    await withScript("echo 'Failed to frobnicate' >&2; exit 1", async (journalctl) => {
      await assert.rejects(read("kubelet", { journalctl }), {
        code: "failed",
        message: 'Cannot read the journal of "kubelet.service": Failed to frobnicate',
      });
    });
  });

  it("refuses what is no unit's name", async () => {
    for (const name of ["", "--help", "a b", "a/b", "x".repeat(300)]) {
      await assert.rejects(read(name, {}), UsageError);
    }
  });

  it("leaves no program behind, and holds it up while nobody reads", async () => {
    // Much more than fits into a pipe; the marker says when all of it has been taken.
    const script =
      `i=0; while [ $i -lt 20000 ]; do cat ${fixture}; i=$((i+1)); done; : > "$0.done"`;
    await withScript(script, async (journalctl) => {
      const chunks = readJournal(["kubelet"], { journalctl });
      await chunks.next();
      await chunks.return(undefined);
      await assert.rejects(chmod(`${journalctl[0]}.done`, 0o600), { code: "ENOENT" });
    });
  });
});

const missing = journaldMissing();

describeUnless(missing, "readJournal() of a real journal", () => {
  it("selects as logs of containers do, and follows", async () => {
    await using journald = await Journald.start();
    const { journalctl } = journald;
    const startNs = msToNs(Date.now());
    for (const message of ["one", "two error", "three", "four error"]) {
      await journald.log("kubelet.service", message);
    }
    await journald.log("containerd.service", "other");
    const selected = (selection: ReadJournalOptions["selection"]) =>
      read("kubelet", { journalctl, selection: selection ?? {} });
    assert.equal(await selected({}), "one\ntwo error\nthree\nfour error\n");
    assert.equal(await selected({ tail: 2 }), "three\nfour error\n");
    assert.equal(await selected({ tail: 0 }), "");
    assert.equal(
      await selected({ grep: { pattern: "ERROR", ignoreCase: true }, tail: 1 }),
      "four error\n",
    );
    assert.equal(await selected({ grep: { pattern: "error", invert: true } }), "one\nthree\n");
    assert.equal(await selected({ limitBytes: 6 }), "one\ntw");
    assert.equal(await selected({ sinceNs: startNs, untilNs: startNs }), "");
    assert.equal(await read("containerd", { journalctl }), "other\n");

    const lines = (await read("kubelet", { journalctl, output: { format: "json" } })).trim().split(
      "\n",
    );
    const times = lines.map((line) => parseTime(JSON.parse(line).time) ?? 0n);
    assert.equal(await selected({ sinceNs: times[1]! }), "two error\nthree\nfour error\n");
    assert.equal(await selected({ sinceNs: times[1]! + 1n }), "three\nfour error\n");
    assert.equal(await selected({ untilNs: times[1]! }), "one\n");

    const abort = new AbortController();
    let text = "";
    const follow = { journalctl, follow: true, selection: { tail: 1 }, signal: abort.signal };
    for await (const chunk of readJournal(["kubelet"], follow)) {
      text += Buffer.from(chunk).toString();
      if (text === "four error\n") await journald.log("kubelet.service", "five");
      if (text.endsWith("five\n")) abort.abort();
    }
    assert.equal(text, "four error\nfive\n");

    // Leaving the loop is enough where nothing is pending.
    for await (const _ of readJournal(["kubelet"], { journalctl, follow: true })) break;
  });

  it("tells an unknown unit, a missing journal and a forbidden one apart", async () => {
    await using journald = await Journald.start();
    const empty = await mkdtemp(join(tmpdir(), "podstead-journal-empty-"));
    try {
      await assert.rejects(
        read("kubelet", { journalctl: ["journalctl", `--directory=${empty}`] }),
        {
          code: "not-found",
          message: 'Cannot read the journal of "kubelet.service": this machine keeps no journal',
        },
      );
      await assert.rejects(
        read("kubelet", { journalctl: ["journalctl", `--directory=${empty}`], follow: true }),
        { code: "not-found" },
      );
    } finally {
      await rm(empty, { recursive: true });
    }
    await journald.log("kubelet.service", "one");
    await assert.rejects(read("nothing", { journalctl: journald.journalctl }), {
      code: "not-found",
      message: 'Cannot read the journal of "nothing.service": it has no entry of it',
    });
    const nobody: Command = ["setpriv", "--reuid=65534", "--clear-groups", ...journald.journalctl];
    await assert.rejects(read("kubelet", { journalctl: nobody }), {
      code: "permission",
      message: 'Cannot read the journal of "kubelet.service": permission denied',
    });
  });
});

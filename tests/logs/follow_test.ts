import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { type LogNotice, msToNs, readLog, type ReadLogOptions } from "../../mod/logs/mod.ts";
import { criLine, FIRST_NS } from "./reference.ts";
import { TempLog } from "./temp_log.ts";

const line = (text: string) => `${criLine("stdout", "F", text).raw}\n`;

/** A reader that follows a log, and what it has given so far. */
class Follower {
  text = "";
  readonly notices: LogNotice[] = [];
  readonly abort = new AbortController();
  readonly ended = new AbortController();
  readonly done: Promise<void>;
  #arrived: (() => void) | undefined;

  constructor(log: TempLog, options: ReadLogOptions = {}) {
    this.done = (async () => {
      const chunks = readLog(log.source, {
        output: { format: "text" },
        signal: this.abort.signal,
        onNotice: (notice) => this.notices.push(notice),
        ...options,
        follow: { ended: this.ended.signal, ...options.follow },
      });
      for await (const chunk of chunks) {
        this.text += Buffer.from(chunk).toString();
        this.#arrived?.();
      }
      this.#arrived?.();
    })();
  }

  /** Resolves once the text so far is this. */
  async shows(wanted: string): Promise<void> {
    const deadline = setTimeout(() => this.abort.abort(), 60_000);
    while (this.text !== wanted && !this.abort.signal.aborted) {
      await new Promise<void>((resolve) => this.#arrived = resolve);
    }
    clearTimeout(deadline);
    assert.equal(this.text, wanted);
  }
}

describe("readLog() following", () => {
  it("waits for the rest of a torn line", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    const follower = new Follower(log);
    await follower.shows("a\n");
    const torn = line("torn in two");
    await appendFile(log.path, torn.slice(0, 40));
    await appendFile(log.path, torn.slice(40) + line("b"));
    await follower.shows("a\ntorn in two\nb\n");
    await appendFile(log.path, line("rest").slice(0, -1));
    follower.ended.abort();
    await follower.done;
    assert.equal(follower.text, "a\ntorn in two\nb\nrest\n");
  });

  it("waits for a file that does not exist yet", async () => {
    await using log = await TempLog.create();
    const follower = new Follower(log);
    await writeFile(log.path, line("a"));
    await follower.shows("a\n");
    follower.abort.abort();
    await follower.done;
  });

  it("reads a truncated file from its start, and says so", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a") + line("b"));
    const follower = new Follower(log);
    await follower.shows("a\nb\n");
    await truncate(log.path, 0);
    await appendFile(log.path, line("c"));
    await follower.shows("a\nb\nc\n");
    assert.deepEqual(follower.notices, [{ kind: "truncated", path: log.path }]);
    follower.abort.abort();
    await follower.done;
  });

  it("goes on after a file was deleted and made anew", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    const follower = new Follower(log);
    await follower.shows("a\n");
    await rm(log.path);
    await writeFile(log.path, line("b"));
    await follower.shows("a\nb\n");
    follower.abort.abort();
    await follower.done;
  });

  it("is not misled by a rotation that is taken back", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    const follower = new Follower(log);
    await follower.shows("a\n");
    await rename(log.path, log.nextRotatedPath());
    await appendFile(`${log.path}.20260210-000000`, line("b"));
    await follower.shows("a\nb\n");
    await rename(`${log.path}.20260210-000000`, log.path);
    await appendFile(log.path, line("c"));
    await follower.shows("a\nb\nc\n");
    follower.abort.abort();
    await follower.done;
  });

  it("starts at a rotated file when there is no live one for a moment", async () => {
    await using log = await TempLog.create();
    await writeFile(log.nextRotatedPath(), line("a"));
    const follower = new Follower(log);
    await follower.shows("a\n");
    await writeFile(log.path, line("b"));
    await follower.shows("a\nb\n");
    follower.abort.abort();
    await follower.done;
  });

  it("follows a link to where the runtime writes", async () => {
    await using log = await TempLog.create();
    await using real = await TempLog.create();
    await writeFile(real.path, line("a"));
    await symlink(real.path, log.path);
    const follower = new Follower(log, { follow: { checkMs: 60_000 } });
    await follower.shows("a\n");
    await appendFile(real.path, line("b"));
    await follower.shows("a\nb\n");
    follower.abort.abort();
    await follower.done;
  });

  it("ends when the container does, after its last line", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    let running = true;
    const follower = new Follower(log, {
      follow: { isRunning: () => Promise.resolve(running), checkMs: 10 },
    });
    await follower.shows("a\n");
    await appendFile(log.path, line("last"));
    running = false;
    await follower.done;
    assert.equal(follower.text, "a\nlast\n");
  });

  it("takes a runtime that does not answer for a container that runs", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    let asked = 0;
    const askedTwice = Promise.withResolvers<void>();
    const isRunning = () => {
      if (++asked === 2) askedTwice.resolve();
      return Promise.reject(new Error("unavailable"));
    };
    const follower = new Follower(log, { follow: { isRunning, checkMs: 10 } });
    await askedTwice.promise;
    await appendFile(log.path, line("b"));
    await follower.shows("a\nb\n");
    follower.abort.abort();
    await follower.done;
  });

  it("does not wait for a runtime that hangs", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    const isRunning = () => new Promise<boolean>(() => {});
    const follower = new Follower(log, { follow: { isRunning } });
    await follower.shows("a\n");
    await appendFile(log.path, line("b"));
    await follower.shows("a\nb\n");
    follower.abort.abort();
    await follower.done;
  });

  it("ends at a time in the past at once, and at a line that is late enough", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    const past = new Follower(log, { selection: { untilNs: FIRST_NS + 1n } });
    await past.done;
    assert.equal(past.text, "a\n");

    const untilNs = msToNs(Date.now() + 3_600_000);
    const future = new Follower(log, { selection: { untilNs } });
    await future.shows("a\n");
    const late = criLine("stdout", "F", "late", untilNs + 2_000_000_000n);
    await appendFile(log.path, `${late.raw}\n`);
    await future.done;
    assert.equal(future.text, "a\n");
  });

  it("reads the directory of the file only", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    await writeFile(join(log.directory, "1.log"), line("of another attempt"));
    const follower = new Follower(log);
    await follower.shows("a\n");
    follower.ended.abort();
    await follower.done;
    assert.equal(follower.text, "a\n");
  });
});

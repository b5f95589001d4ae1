import assert from "node:assert/strict";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import {
  type AttemptState,
  followAttempts,
  followAttemptsTimed,
  formatNotice,
  mergeByTime,
} from "../../mod/logs/mod.ts";
import { criLine, FIRST_NS } from "./reference.ts";
import { collect, TempLog } from "./temp_log.ts";

const line = (text: string, timeNs = FIRST_NS) => `${criLine("stdout", "F", text, timeNs).raw}\n`;
const decoder = new TextDecoder();

describe("followAttempts()", () => {
  it("goes on with the next attempt, and says why between the lines", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("old") + line("a0"));
    const states = new Map<number, AttemptState>();
    const events: string[] = [];
    const reading = (async () => {
      const chunks = followAttempts({
        directory: log.directory,
        attempt: 0,
        selection: { tail: 1 },
        output: { format: "text" },
        checkMs: 10,
        state: (attempt) => Promise.resolve(states.get(attempt) ?? { running: true }),
        onNotice: (notice) => events.push(formatNotice(notice, 5_000)),
      });
      for await (const chunk of chunks) {
        const text = decoder.decode(chunk);
        events.push(text);
        if (text === "a0\n") {
          await appendFile(log.path, line("last words"));
          states.set(0, {
            running: false,
            exitCode: 137,
            reason: "OOMKilled",
            finishedAtMs: 1_000,
            willRestart: true,
          });
        }
        if (text === "last words\n") {
          // The restart takes its time.
          setTimeout(
            () => void writeFile(join(log.directory, "1.log"), line("b0") + line("b1")),
            30,
          );
          states.set(1, { running: false, exitCode: 0, willRestart: false });
        }
      }
    })();
    await reading;
    assert.deepEqual(events, [
      "a0\n",
      "last words\n",
      "Attempt 0 ended with exit code 137 (OOMKilled) at 1970-01-01T00:00:01.000Z, 4s ago; " +
      "waiting for its next attempt",
      "Following attempt 1",
      "b0\nb1\n",
      "Attempt 1 ended with exit code 0",
    ]);
  });

  it("believes the file of a later attempt more than a runtime that forgot the container", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a"));
    await writeFile(join(log.directory, "3.log"), line("d"));
    const chunks = followAttempts({
      directory: log.directory,
      attempt: 0,
      output: { format: "text" },
      checkMs: 10,
      state: (attempt) =>
        attempt === 0
          ? Promise.reject(new Error("not found"))
          : Promise.resolve({ running: false, willRestart: false }),
    });
    assert.equal((await collect(chunks)).toString(), "a\nd\n");
  });

  it("stops waiting when the pod is removed", async () => {
    await using log = await TempLog.create();
    const directory = join(log.directory, "container");
    await mkdir(directory);
    await writeFile(join(directory, "0.log"), line("a"));
    let removed = false;
    const chunks = followAttempts({
      directory,
      attempt: 0,
      output: { format: "text" },
      checkMs: 10,
      state: () => Promise.resolve({ running: false, willRestart: !removed }),
      onNotice: () => {
        removed = true;
        void rm(directory, { recursive: true });
      },
    });
    assert.equal((await collect(chunks)).toString(), "a\n");
  });

  it("does not go on where the selection has ended", async () => {
    await using log = await TempLog.create();
    await writeFile(log.path, line("a") + line("b"));
    await writeFile(join(log.directory, "1.log"), line("c"));
    const options = {
      directory: log.directory,
      attempt: 0,
      output: { format: "text" as const },
      checkMs: 10,
      state: () => Promise.resolve({ running: false, willRestart: false } as const),
    };
    const limited = followAttempts({ ...options, selection: { limitBytes: 3 } });
    assert.equal((await collect(limited)).toString(), "a\nb");
    const acrossAttempts = followAttempts({ ...options, selection: { limitBytes: 5 } });
    assert.equal((await collect(acrossAttempts)).toString(), "a\nb\nc");
  });
});

describe("mergeByTime()", () => {
  it("interleaves followed logs of several containers", async () => {
    await using left = await TempLog.create();
    await using right = await TempLog.create();
    await writeFile(left.path, line("1", FIRST_NS + 1n) + line("4", FIRST_NS + 4n));
    await writeFile(right.path, line("2", FIRST_NS + 2n) + line("3", FIRST_NS + 3n));
    const abort = new AbortController();
    const source = (log: TempLog, name: string) =>
      followAttemptsTimed({
        directory: log.directory,
        attempt: 0,
        output: { format: "text", linePrefix: `${name} ` },
        signal: abort.signal,
        state: () => Promise.resolve({ running: true }),
      });
    let text = "";
    for await (const chunk of mergeByTime([source(left, "l"), source(right, "r")])) {
      text += decoder.decode(chunk);
      if (text.endsWith("l 4\n")) await appendFile(right.path, line("5", FIRST_NS + 5n));
      if (text.endsWith("r 5\n")) await appendFile(left.path, line("6", FIRST_NS + 6n));
      if (text.endsWith("l 6\n")) abort.abort();
    }
    assert.equal(text, "l 1\nr 2\nr 3\nl 4\nr 5\nl 6\n");
  });
});

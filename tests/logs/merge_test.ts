import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, it } from "@std/testing/bdd";
import { mergeByTime, readTimedLog, type TimedBatch } from "../../mod/logs/mod.ts";
import { criLine, FIRST_NS, outputArbitrary, tuningArbitrary } from "./reference.ts";
import { collect, TempLog } from "./temp_log.ts";

describe("mergeByTime()", () => {
  it("sorts the lines of several logs by time, equal times by log", async () => {
    const times = fc.array(fc.nat({ max: 50 }), { maxLength: 60 }).map((list) =>
      list.sort((left, right) => left - right)
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(times, { minLength: 1, maxLength: 4 }),
        outputArbitrary,
        tuningArbitrary,
        async (logs, output, tuning) => {
          const written = logs.map((list, index) =>
            list.map((time, at) => ({ time, text: `${index}-${at}` }))
          );
          const temps = await Promise.all(logs.map(() => TempLog.create()));
          try {
            for (const [index, temp] of temps.entries()) {
              const lines = written[index]!.map(({ time, text }) =>
                criLine("stdout", "F", text, FIRST_NS + BigInt(time))
              );
              await temp.write([{ lines, compressed: false, torn: false }]);
            }
            const merged = mergeByTime(
              temps.map((temp) => readTimedLog(temp.source, { output, tuning })),
            );
            const texts = (await collect(merged)).toString().match(/\d-\d+(?=\n|")/g) ?? [];
            // Sorting is stable: equal times stay in the order of their logs.
            const wanted = written.flat().sort((left, right) => left.time - right.time);
            assert.deepEqual(texts, wanted.map(({ text }) => text));
          } finally {
            for (const temp of temps) await temp[Symbol.asyncDispose]();
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("keeps the parts of a line in raw output, and lines in no format after the one before", async () => {
    await using log = await TempLog.create();
    const lines = [
      criLine("stdout", "P", "a", FIRST_NS),
      criLine("stderr", "F", "b", FIRST_NS + 1n),
      criLine("stdout", "F", "c", FIRST_NS + 2n),
    ];
    await log.write([{ lines, compressed: false, torn: false }]);
    const merged = await collect(mergeByTime([readTimedLog(log.source)]));
    assert.equal(merged.toString(), lines.map((line) => `${line.raw}\n`).join(""));
    const limited = await collect(mergeByTime([readTimedLog(log.source)], { limitBytes: 50 }));
    assert.equal(limited.toString(), merged.toString().slice(0, 50));
  });

  it("fails when a source fails, and lets go of the others", async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<TimedBatch> {
      try {
        for (let at = 1;; at++) {
          yield { bytes: Buffer.from("x\n"), marks: [{ timeNs: BigInt(at), end: 2 }], idle: false };
          if (at > 1_000_000) return;
        }
      } finally {
        closed = true;
      }
    }
    // deno-lint-ignore require-yield
    async function* failing(): AsyncGenerator<TimedBatch> {
      await Promise.resolve();
      throw new Error("broken");
    }
    await assert.rejects(collect(mergeByTime([endless(), failing()])), /broken/);
    assert.ok(closed);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "@std/testing/bdd";
import { readLog } from "../../mod/logs/mod.ts";
import {
  choiceArbitrary,
  expectedOutput,
  filesArbitrary,
  outputArbitrary,
  selectionFor,
  tuningArbitrary,
} from "./reference.ts";
import { collect, TempLog } from "./temp_log.ts";

const readingArbitrary = fc.record({
  choice: choiceArbitrary,
  output: outputArbitrary,
  reuseChunks: fc.boolean(),
  tuning: tuningArbitrary,
});

describe("readLog() property", () => {
  it("gives exactly what was written, for every selection and output", async () => {
    await fc.assert(
      fc.asyncProperty(
        filesArbitrary,
        fc.array(readingArbitrary, { minLength: 1, maxLength: 8 }),
        async (files, readings) => {
          await using log = await TempLog.create();
          await log.write(files);
          const lines = files.flatMap((file) => file.lines);
          // A JSON line that does not fit into a block is no JSON.
          const hasJson = lines.some((line) => line.raw[0] === 0x7b);
          for (const { choice, output, reuseChunks, tuning } of readings) {
            const selection = selectionFor(choice, lines);
            const options = { selection, output, reuseChunks, ...(!hasJson && { tuning }) };
            const got = await collect(readLog(log.source, options));
            const wanted = expectedOutput(lines, selection, output);
            assert.equal(got.toString("latin1"), wanted.toString("latin1"));
          }
        },
      ),
      {
        numRuns: Number(process.env["PODSTEAD_TEST_RUNS"] ?? 100),
        // What fails is told with its seed and path; to shrink it takes very long.
        endOnFailure: process.env["CI"] === "true",
      },
    );
  });
});

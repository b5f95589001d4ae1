import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
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
  type WrittenLine,
} from "./reference.ts";
import { TempLog } from "./temp_log.ts";

/** What the runtime and the kubelet do to a log, besides writing whole lines to it. */
type Step = "write" | "write-in-two" | "rotate" | "rotate-late-line" | "pause";

const stepsArbitrary = fc.array(
  fc.record({
    step: fc.constantFrom<Step>(
      "write",
      "write",
      "write-in-two",
      "rotate",
      "rotate-late-line",
      "pause",
    ),
    cut: fc.nat(),
    compress: fc.boolean(),
  }),
  { maxLength: 25, size: "max" },
);

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 4));

/** Plays the steps on a log, taking lines from `lines`, and writes those that are left over at the end. */
async function play(
  log: TempLog,
  steps: readonly { step: Step; cut: number; compress: boolean }[],
  lines: readonly WrittenLine[],
): Promise<void> {
  const left = lines.map((line) => Buffer.concat([line.raw, Buffer.from("\n")]));
  let rotated: string | undefined;
  for (const { step, cut, compress } of steps) {
    const line = left[0];
    if (step === "pause") await pause();
    else if (step === "rotate" || step === "rotate-late-line") {
      // The kubelet compresses a rotated file at the next rotation.
      if (compress && rotated !== undefined) {
        await writeFile(`${rotated}.tmp`, gzipSync(await readFile(rotated)));
        await rename(`${rotated}.tmp`, `${rotated}.gz`);
        await rm(rotated);
      }
      rotated = await log.rotate();
      // The runtime has opened the new file, but still writes to the old one.
      if (step === "rotate-late-line" && line !== undefined) {
        await appendFile(rotated, left.shift()!);
      }
    } else if (line !== undefined) {
      left.shift();
      const middle = step === "write" ? line.length : cut % line.length;
      await appendFile(log.path, line.subarray(0, middle));
      if (middle < line.length) {
        await pause();
        await appendFile(log.path, line.subarray(middle));
      }
    }
  }
  for (const line of left) await appendFile(log.path, line);
}

describe("readLog() following", () => {
  it("neither loses nor repeats a line through rotations", async () => {
    await fc.assert(
      fc.asyncProperty(
        filesArbitrary,
        fc.nat({ max: 4 }),
        stepsArbitrary,
        choiceArbitrary,
        outputArbitrary,
        tuningArbitrary,
        fc.boolean(),
        async (drafts, oldFiles, steps, choice, output, tuning, slowReader) => {
          await using log = await TempLog.create();
          const files = drafts.map((file) => ({ ...file, torn: false }));
          const lines = files.flatMap((file) => file.lines);
          const old = files.slice(0, oldFiles).flatMap((file) => file.lines);
          await log.write(
            files.slice(0, oldFiles).map((file, index, all) => (
              { ...file, compressed: file.compressed && index < all.length - 1 }
            )),
          );
          await appendFile(log.path, "");
          const { untilNs: _untilNs, ...selection } = selectionFor(choice, lines);
          const hasJson = lines.some((line) => line.raw[0] === 0x7b);

          const ended = new AbortController();
          const caughtUp = Promise.withResolvers<void>();
          const isRunning = () => {
            caughtUp.resolve();
            return Promise.resolve(true);
          };
          const parts: Buffer[] = [];
          const reading = (async () => {
            const chunks = readLog(log.source, {
              selection,
              output,
              ...(!hasJson && { tuning }),
              follow: { ended: ended.signal, isRunning, checkMs: 50 },
            });
            for await (const chunk of chunks) {
              parts.push(Buffer.from(chunk));
              if (slowReader) await pause();
            }
            caughtUp.resolve();
          })();
          // The tail is counted from what is there when the reader comes.
          if (selection.tail !== undefined) await caughtUp.promise;
          await play(log, steps, lines.slice(old.length));
          ended.abort();
          await reading;

          const wanted = expectedOutput(lines, selection, output, old.length).toString("latin1");
          assert.equal(Buffer.concat(parts).toString("latin1"), wanted);
        },
      ),
      { numRuns: Number(process.env["PODSTEAD_TEST_RUNS"] ?? 40), endOnFailure: true },
    );
  });
});

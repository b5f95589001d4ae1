/** Logs as broken nodes leave them, read as a filter line by line would. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, it } from "@std/testing/bdd";
import { listAttempts, logSourceOf, readLog } from "../../mod/logs/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";
import {
  choiceArbitrary,
  criLine,
  expectedOutput,
  fileBytes,
  filesOf,
  linesArbitrary,
  outputArbitrary,
  selectionFor,
  steppedLinesArbitrary,
  strangeLine,
  tuningArbitrary,
  type WrittenLine,
} from "./reference.ts";
import { collect, TempLog } from "./temp_log.ts";

const RUNS = { numRuns: Number(process.env["PODSTEAD_TEST_RUNS"] ?? 100) };

const readingsArbitrary = fc.array(
  fc.record({ choice: choiceArbitrary, output: outputArbitrary }),
  { minLength: 1, maxLength: 6 },
);

describe("readLog() over a clock that was set", () => {
  it("gives what a filter line by line gives, forwards and back", async () => {
    await fc.assert(
      fc.asyncProperty(
        filesOf(steppedLinesArbitrary),
        readingsArbitrary,
        tuningArbitrary,
        async (files, readings, tuning) => {
          await using log = await TempLog.create();
          await log.write(files);
          const lines = files.flatMap((file) => file.lines);
          for (const { choice, output } of readings) {
            const selection = selectionFor(choice, lines);
            const options = {
              selection,
              output,
              tuning: { ...tuning, lineByLineBytes: 1_000_000 },
            };
            const got = await collect(readLog(log.source, options));
            const wanted = expectedOutput(lines, selection, output);
            assert.equal(got.toString("latin1"), wanted.toString("latin1"));
          }
        },
      ),
      RUNS,
    );
  });

  it("sees a lasting step back in a log too long to be read line by line", async () => {
    await using log = await TempLog.create();
    const minute = 60_000_000_000n;
    const start = 1_764_000_000_000_000_000n;
    const lines = Array.from({ length: 2000 }, (_, at) => {
      const timeNs = start + BigInt(at) * minute - (at < 1000 ? 0n : 500n * minute);
      return criLine("stdout", "F", `line ${at}`, timeNs);
    });
    await log.write([{ lines, compressed: false, torn: false }]);
    const selection = { sinceNs: start + 900n * minute, untilNs: start + 950n * minute };
    const options = { selection, tuning: { lineByLineBytes: 0, probeBytes: 100 } };
    const got = (await collect(readLog(log.source, options))).toString().trim().split("\n");
    assert.equal(got.length, 100);
  });
});

/** What stands on the disk in front of a line, without a newline, after the power was cut. */
interface Damage {
  readonly nuls: number;
  /** How much of a record was written. */
  readonly half: number;
}

const damageArbitrary: fc.Arbitrary<Damage> = fc.record({
  nuls: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
  half: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 19 })),
});

describe("readLog() after a power loss", () => {
  it("skips NUL bytes, and counts the record behind half a record", async () => {
    await fc.assert(
      fc.asyncProperty(
        linesArbitrary.filter((lines) => lines.every(({ stream }) => stream !== undefined)),
        fc.array(damageArbitrary, { minLength: 40, maxLength: 40 }),
        readingsArbitrary,
        async (written, damages, readings) => {
          await using log = await TempLog.create();
          const disk: Buffer[] = [];
          const lines: WrittenLine[] = [];
          for (const [at, line] of written.entries()) {
            const { nuls, half } = at === 0 ? { nuls: 0, half: 0 } : damages[at % 40]!;
            // Docker's records are JSON: what is glued to one makes it none.
            const isDocker = line.raw[0] === 0x7b;
            const begun = isDocker ? Buffer.alloc(0) : line.raw.subarray(0, half);
            if (begun.length > 0) lines.push(strangeLine(begun));
            lines.push(line);
            // Without NULs a raw copy has no reason to look into its lines.
            const gap = Buffer.alloc(begun.length > 0 ? Math.max(1, nuls) : nuls);
            disk.push(begun, gap, line.raw, Buffer.from("\n"));
          }
          await writeFile(join(log.source.directory, log.source.fileName), Buffer.concat(disk));
          for (const { choice, output } of readings) {
            const selection = selectionFor(choice, lines);
            const got = await collect(readLog(log.source, { selection, output }));
            const wanted = expectedOutput(lines, selection, output);
            assert.equal(got.toString("latin1"), wanted.toString("latin1"));
          }
        },
      ),
      RUNS,
    );
  });

  it("skips more NULs than are read at once", async () => {
    await using log = await TempLog.create();
    const record = (text: string) => `2026-11-30T05:00:00Z stdout F ${text}\n`;
    const nuls = Buffer.alloc(3 * 1024 * 1024 + 17);
    const parts = [Buffer.from(record("a")), nuls, Buffer.from(record("b"))];
    await writeFile(log.path, Buffer.concat(parts));
    const got = await collect(
      readLog(log.source, { output: { format: "raw", linePrefix: "n: " } }),
    );
    assert.equal(got.toString(), `n: ${record("a")}n: ${record("b")}`);
  });

  it("reads a record that is glued to half a record without a NUL", async () => {
    await using log = await TempLog.create();
    const text = "2026-11-30T05:00:00Z stdout F a\n" +
      "half wri2026-11-30T05:10:00Z stdout F next record\n";
    await writeFile(join(log.source.directory, log.source.fileName), text);
    const selection = { sinceNs: 1_796_015_100_000_000_000n };
    const got = await collect(readLog(log.source, { selection, output: { format: "text" } }));
    assert.equal(got.toString(), "next record\n");
  });
});

describe("attempts of which only old files are left", () => {
  it("are listed and read as the line-by-line model says", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat({ max: 200 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.constantFrom("live", "rotated", "compressed"), { minLength: 5, maxLength: 5 }),
        linesArbitrary,
        async (attempts, forms, lines) => {
          await using directory = await makeTempDir("attempts");
          await mkdir(directory.path, { recursive: true });
          const bytes = fileBytes({ lines, compressed: false, torn: false });
          for (const [at, attempt] of attempts.entries()) {
            const form = forms[at];
            const suffix = form === "live"
              ? ""
              : `.20260401-21445${at}${form === "compressed" ? ".gz" : ""}`;
            await writeFile(
              join(directory.path, `${attempt}.log${suffix}`),
              form === "compressed" ? gzipSync(bytes) : bytes,
            );
          }
          await writeFile(join(directory.path, "notes.txt"), "");
          const sorted = attempts.toSorted((left, right) => left - right);
          assert.deepEqual(await listAttempts(directory.path), sorted);
          for (const attempt of attempts) {
            const got = await collect(readLog(logSourceOf(directory.path, attempt)));
            assert.equal(
              got.toString("latin1"),
              expectedOutput(lines, {}, { format: "raw" }).toString("latin1"),
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

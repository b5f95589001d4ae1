/** Hostile log files, plain and compressed: read to their end, or refused by name. */
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { PodsteadError } from "../../mod/core/mod.ts";
import { readLog, type ReadLogOptions } from "../../mod/logs/mod.ts";
import { TempLog } from "../logs/temp_log.ts";
import type { Random } from "../support/random.ts";
import { fuzz, pick } from "./fuzz.ts";

const LOG = readFileSync(
  fileURLToPath(new URL("../../fixtures/logs/nginx/0.log", import.meta.url)),
);
const PARTIAL = "2026-02-10T15:26:01.000000001Z stdout P one \n2026-02-10T15:26:01Z stdout F two\n";

/** Ways to read, of which each takes another path through the reader. */
const READINGS: readonly ((random: Random) => ReadLogOptions)[] = [
  () => ({}),
  (random) => ({ selection: { tail: random(50) } }),
  (random) => ({ selection: { sinceNs: BigInt(random(2_000_000_000)) * 1_000_000_000n } }),
  () => ({ selection: { grep: { pattern: "o.*e" } } }),
  () => ({ output: { format: "json", pod: "default/web", container: "c", attempt: 0 } }),
];

describe("hostile logs", () => {
  it("are read to their end in every way", async () => {
    await using log = await TempLog.create();
    await fuzz({
      corpus: [LOG, PARTIAL, `${"\0".repeat(64)}${PARTIAL}`],
      take: async (input, random) => {
        const rotated = `${log.path}.20260210-152601`;
        await Promise.all([rotated, `${rotated}.gz`].map((path) => rm(path, { force: true })));
        await writeFile(log.path, input);
        // Beside it a rotated file: compressed, compressed and then damaged, or plain.
        const kind = random(4);
        const half = input.subarray(0, input.length >> 1);
        if (kind === 1) await writeFile(`${rotated}.gz`, gzipSync(half));
        if (kind === 2) await writeFile(`${rotated}.gz`, damaged(gzipSync(half), random));
        if (kind === 3) await writeFile(rotated, half);
        try {
          for await (const chunk of readLog(log.source, pick(READINGS, random)(random))) void chunk;
        } catch (error) {
          if (!(error instanceof PodsteadError)) throw error;
        }
      },
    });
  });
});

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Buffer.from(bytes);
  copy[random(copy.length)] = random(256);
  return copy.subarray(0, random(copy.length + 1));
}

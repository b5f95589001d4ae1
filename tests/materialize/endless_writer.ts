/** Changes a directory between two sets of files for ever, and says each step: to be killed. */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import process from "node:process";
import { writeDirectory } from "../../mod/materialize/mod.ts";

/** Many and nested, so that a kill comes in the middle of a set. */
const PATHS = Array.from({ length: 20 }, (_, at) => at % 3 === 0 ? `dir${at}/file` : `file${at}`);

const [, , directory = ""] = process.argv;
for (let round = 0;; round++) {
  const data = Buffer.from(`round ${round}`).toString("base64");
  const files = PATHS.map((path) => ({ path, data, mode: 0o600 }));
  await writeDirectory({ directory, files }, {
    nowMs: 1_000 * round,
    onStep: (step) => writeSync(1, `${step}\n`),
  });
}

/**
 * Judges every manifest below a folder and counts what is said of them:
 *
 *     deno task sweep DIR               # counts by verdict, message and warning
 *     deno task sweep DIR --templates   # also which files are told to be templates
 *
 * Ends with 1 for a crash, a file that takes over a second, or a message without a next
 * step. The manifests are not part of this repository.
 */
import process from "node:process";
import { sweep, sweepReport } from "./sweep.ts";

const [folder, ...options] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: deno task sweep DIR [--templates]\n");
  process.exit(64);
}
const found = await sweep(folder);
process.stdout.write(sweepReport(found));
if (options.includes("--templates")) {
  process.stdout.write(`\nTEMPLATES\n${found.templates.map((file) => `${file}\n`).join("")}`);
}
process.exit(found.faults.length > 0 || found.files === 0 ? 1 : 0);

/**
 * Runs every benchmark of this folder, one after the other:
 *
 *     deno task bench               # all of them
 *     deno task bench reload logs   # some
 *
 * Each is a process of its own, so that none finds another one's heap warm, and
 * says itself what it measures. Those that drive the executable find it freshly
 * compiled.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const known = readdirSync(folder).sort()
  .filter((file) => file.endsWith(".ts") && file !== "main.ts")
  .map((file) => file.slice(0, -".ts".length));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known;
const unknown = wanted.find((name) => !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark "${unknown}"; known are ${known.join(", ")}\n`);
  process.exit(64);
}

/** A figure over a minute is near enough where all of them are wanted. */
const SHORTER: Readonly<Record<string, readonly string[]>> = { idle: ["--minutes", "1"] };

/** Runs a script of this repository and tells whether it went well. */
function run(...args: readonly string[]): boolean {
  const { status } = spawnSync(process.execPath, ["run", "-A", "--no-check", ...args], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdio: "inherit",
  });
  return status === 0;
}

if (!run("packaging/compile.ts")) process.exit(1);
const failed = wanted.filter((name) => {
  process.stdout.write(`\n## ${name}\n\n`);
  return !run(`${folder}${name}.ts`, ...SHORTER[name] ?? []);
});
if (failed.length > 0) {
  process.stderr.write(`\nNot to their end: ${failed.join(", ")}\n`);
  process.exit(1);
}

/**
 * Builds `dist/podstead`, one executable that needs nothing else.
 *
 *     deno task compile                   # for this machine
 *     deno task compile --target arm64    # or x64, x64-baseline (CPUs without AVX2)
 *
 * It is made by Bun, which comes from npm like every other dependency.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { sealEnvironment } from "./seal.ts";

const TARGETS = ["x64", "x64-baseline", "arm64"];

const { values } = parseArgs({
  options: { target: { type: "string" }, outfile: { type: "string" } },
});
if (values.target !== undefined && !TARGETS.includes(values.target)) {
  process.stderr.write(
    `--target must be one of ${TARGETS.join(", ")}, current value is "${values.target}"\n`,
  );
  process.exit(64);
}
const outfile = values.outfile ??
  (values.target === undefined ? "dist/podstead" : `dist/podstead-${values.target}`);

// The dependency's own binary: as a bare word, a task would run it as a script.
const bun = "./node_modules/.bin/bun";
if (!existsSync(bun)) execFileSync(process.execPath, ["install"], { stdio: "inherit" });
mkdirSync("dist", { recursive: true });
execFileSync(bun, [
  "build",
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  // What an agent runs lies together, so that less is read into memory: see `deno task order`.
  "--bytecode-order=packaging/bytecode_order.txt",
  // What a command does not need is not loaded: a third off the time of a short one.
  "--splitting",
  // Bun would take settings and code from the directory where podstead is called, and root's TAB
  // key calls it too.
  ...["bunfig", "dotenv", "tsconfig", "package-json"].map((file) =>
    `--no-compile-autoload-${file}`
  ),
  "--define",
  `process.env.PODSTEAD_COMMIT=${JSON.stringify(commit())}`,
  ...(values.target === undefined ? [] : [`--target=bun-linux-${values.target}`]),
  "main.ts",
  "--outfile",
  outfile,
], { stdio: ["ignore", "ignore", "inherit"] });
sealEnvironment(outfile);
process.stderr.write(`Compiled ${outfile}\n`);

/** The short hash of the checkout, with a `+` when files differ from it. */
function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
    const dirty = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+";
    return git("rev-parse", "--short=10", "HEAD") + dirty;
  } catch {
    return "unknown"; // built from an archive
  }
}

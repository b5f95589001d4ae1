import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * The path of this executable when podstead is one: compiled, and so a file
 * that can be copied to a node. Undefined when it runs from its source.
 */
export function compiledExecutable(): string | undefined {
  // Bun's executables hold their modules in a file system of this name.
  if (import.meta.url.includes("/$bunfs/")) return process.execPath;
  const deno = (globalThis as { Deno?: { build?: { standalone?: boolean } } }).Deno;
  return deno?.build?.standalone === true ? process.execPath : undefined;
}

/** The command line of another podstead: the executable that runs, whatever has become of its file. */
export function ownCommand(...args: readonly string[]): readonly [string, ...string[]] {
  if (compiledExecutable() !== undefined) return ["/proc/self/exe", ...args];
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  const isDeno = "Deno" in globalThis;
  return [process.execPath, ...isDeno ? ["run", "-A", "--no-check"] : [], main, ...args];
}

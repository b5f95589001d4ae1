import process from "node:process";

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

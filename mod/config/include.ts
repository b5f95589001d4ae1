import { dirname, isAbsolute, join } from "node:path";
import type { Problem } from "../core/mod.ts";
import { errorCode, unreadable } from "./files.ts";
import type { ConfigFs } from "./files.ts";

/** The files that patterns name, sorted, each once. */
export interface IncludedFiles {
  readonly files: readonly string[];
  /** Directories that could not be listed: what they hold is unknown. */
  readonly problems: readonly Problem[];
}

/**
 * Finds the files of `agent.include`. Patterns are relative to the directory of
 * the config file; `*`, `?` and `[…]` match within one name. Of what a pattern
 * matches only `.yaml`, `.yml` and `.json` files count, without hidden ones, so
 * that an editor's backup never runs as a pod. A name without wildcards is taken
 * as it is. Missing directories are fine: drop-ins are optional.
 */
export async function findIncluded(
  configPath: string,
  patterns: readonly string[],
  fs: ConfigFs,
): Promise<IncludedFiles> {
  const found = new Set<string>();
  const problems: Problem[] = [];
  for (const pattern of patterns) {
    const whole = isAbsolute(pattern) ? pattern : join(dirname(configPath), pattern);
    for (const path of await expand(whole, fs, problems)) found.add(path);
  }
  found.delete(configPath);
  return { files: [...found].sort(), problems };
}

const WILDCARD = /[*?[]/;

async function expand(
  pattern: string,
  fs: ConfigFs,
  problems: Problem[],
): Promise<readonly string[]> {
  const names = pattern.split("/").filter((name) => name !== "");
  let paths = [pattern.startsWith("/") ? "/" : ""];
  for (const [index, name] of names.entries()) {
    const last = index === names.length - 1;
    if (!WILDCARD.test(name)) {
      paths = paths.map((path) => join(path, name));
      continue;
    }
    const matcher = globToRegExp(name);
    const next: string[] = [];
    for (const path of paths) {
      for (const entry of await list(path === "" ? "." : path, fs, problems)) {
        if (!matcher.test(entry) || entry.startsWith(".")) continue;
        if (last && !/\.(yaml|yml|json)$/.test(entry)) continue;
        next.push(join(path, entry));
      }
    }
    paths = next;
  }
  return paths;
}

async function list(path: string, fs: ConfigFs, problems: Problem[]): Promise<readonly string[]> {
  try {
    return await fs.readdir(path);
  } catch (error) {
    // Drop-in directories need not exist, and `*` may match a file among directories.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    if (!problems.some((problem) => problem.file === path)) problems.push(unreadable(path, error));
    return [];
  }
}

/** A glob for one name as a regular expression: `*`, `?` and `[abc]`, `[!abc]`. */
export function globToRegExp(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at]!;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "[" && glob.indexOf("]", at + 2) !== -1) {
      const end = glob.indexOf("]", at + 2);
      const inside = glob.slice(at + 1, end).replace(/^!/, "^").replaceAll("\\", "\\\\");
      source += `[${inside}]`;
      at = end;
    } else source += char.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "s");
}

import { dirname, isAbsolute, join } from "node:path";
import type { FileFacts } from "../os/mod.ts";
import { type ConfigFs, errorCode } from "./files.ts";

/** A directory in which a pattern of `agent.include` looks for files. */
export interface ConfigDirectory {
  readonly path: string;
  /** What it is; undefined for one that is not there or cannot be read. */
  readonly facts?: FileFacts;
  /** Why its files are unknown; absent for one that was listed, and for one that is not there. */
  readonly failure?: DirectoryFailure;
  /** Of one that is searched by `*`: names that no pattern takes up, without hidden ones; sorted. */
  readonly others: readonly string[];
}

/** Why a directory could not be listed: a link that leads nowhere, no directory, or an error. */
export type DirectoryFailure =
  | { readonly why: "dangling" | "no-directory" }
  | { readonly why: "unreadable"; readonly error: unknown };

/** The files that patterns name, sorted, each once. */
export interface IncludedFiles {
  readonly files: readonly string[];
  /** Each once, in the order of the patterns. */
  readonly directories: readonly ConfigDirectory[];
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
  const listings = new Map<string, Promise<Listing>>();
  const listed = (path: string): Promise<Listing> => {
    const known = listings.get(path) ?? list(path, fs);
    listings.set(path, known);
    return known;
  };
  const searched = new Map<string, boolean>();
  for (const pattern of patterns) {
    const whole = isAbsolute(pattern) ? pattern : join(dirname(configPath), pattern);
    for (const path of await expand(whole, listed, searched)) found.add(path);
  }
  found.delete(configPath);
  const taken = new Set([...found, configPath]);
  const directories: ConfigDirectory[] = [];
  for (const [path, isBroad] of searched) {
    const { names, facts, failure } = await listed(path);
    directories.push({
      path,
      ...(facts === undefined ? {} : { facts }),
      ...(failure === undefined ? {} : { failure }),
      others: isBroad
        ? names.filter((name) => !name.startsWith(".") && !taken.has(join(path, name))).sort()
        : [],
    });
  }
  return { files: [...found].sort(), directories };
}

const WILDCARD = /[*?[]/;

/** @param searched takes the directories of which a wildcard chose files, and whether it begins with `*` */
async function expand(
  pattern: string,
  listed: (path: string) => Promise<Listing>,
  searched: Map<string, boolean>,
): Promise<readonly string[]> {
  const names = pattern.split("/").filter((name) => name !== "");
  let paths = [pattern.startsWith("/") ? "/" : ""];
  let chosen = false;
  for (const [index, name] of names.entries()) {
    const last = index === names.length - 1;
    if (!WILDCARD.test(name)) {
      paths = paths.map((path) => join(path, name));
      continue;
    }
    const matcher = globToRegExp(name);
    const next: string[] = [];
    for (const path of paths.map((path) => path === "" ? "." : path)) {
      const { names: entries, failure } = await listed(path);
      // A wildcard may match a file among directories; one that is named must be a directory.
      if (last && !(chosen && failure?.why === "no-directory")) {
        searched.set(path, searched.get(path) === true || name.startsWith("*"));
      }
      for (const entry of entries) {
        if (!matcher.test(entry) || entry.startsWith(".")) continue;
        if (last && !/\.(yaml|yml|json)$/.test(entry)) continue;
        next.push(join(path, entry));
      }
    }
    chosen = true;
    paths = next;
  }
  return paths;
}

interface Listing {
  readonly names: readonly string[];
  readonly facts?: FileFacts;
  readonly failure?: DirectoryFailure;
}

async function list(path: string, fs: ConfigFs): Promise<Listing> {
  try {
    const facts = await fs.stat(path);
    if (facts.kind !== "directory") return { names: [], facts, failure: { why: "no-directory" } };
    return { names: await fs.readdir(path), facts };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR") return { names: [], failure: { why: "no-directory" } };
    if (code !== "ENOENT") return { names: [], failure: { why: "unreadable", error } };
    const dangling = await fs.isThere(path).catch(() => true);
    return dangling ? { names: [], failure: { why: "dangling" } } : { names: [] };
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

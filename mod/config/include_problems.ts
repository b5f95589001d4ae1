/** What is wrong or noteworthy with the directories of `agent.include`. */
import { join } from "node:path";
import type { Problem } from "../core/mod.ts";
import type { ConfigFs } from "./files.ts";
import { unreadable } from "./files.ts";
import type { ConfigDirectory } from "./include.ts";

/** Directories that could not be listed, and files in them that no pattern takes up. */
export async function includeProblems(
  directories: readonly ConfigDirectory[],
  fs: ConfigFs,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const directory of directories) {
    if (directory.failure !== undefined) problems.push(failed(directory.path, directory.failure));
    const unread = await unreadFiles(directory, fs);
    if (unread.length > 0) problems.push(unreadProblem(directory.path, unread));
  }
  return problems;
}

function failed(path: string, failure: NonNullable<ConfigDirectory["failure"]>): Problem {
  if (failure.why === "unreadable") return unreadable(path, failure.error);
  const dangling = failure.why === "dangling";
  return {
    severity: "error",
    code: "unreadable-directory",
    file: path,
    path: [],
    message: dangling
      ? "The directory of drop-ins is a link that leads nowhere"
      : "It is no directory, so no drop-ins can be in it",
    wanted: "a directory with drop-ins, or nothing",
    hint: dangling
      ? `See where it leads with "readlink ${path}"`
      : "Put drop-ins into a directory, or name the file itself in agent.include",
  };
}

/** What a person keeps beside manifests on purpose: notes, and files that were disabled. */
const BESIDE =
  /^(readme|license|changelog|makefile)|\.(md|txt|bak|orig|old|save|disabled|off|swp|tmp|rej|rpmsave|rpmnew|dpkg-\w+)$|~$|^#.*#$/i;

/** Names that may be checked for being a directory: a few, whatever was put there. */
const MOST_CHECKED = 50;

/** Files that a person may think are read, by their names in the directory. */
export async function unreadFiles(
  { path, others }: Pick<ConfigDirectory, "path" | "others">,
  fs: Pick<ConfigFs, "stat" | "readdir">,
): Promise<readonly string[]> {
  const unread: string[] = [];
  for (const name of others.filter((name) => !BESIDE.test(name)).slice(0, MOST_CHECKED)) {
    // What cannot be looked at belongs to another program: no problem.
    const facts = await fs.stat(join(path, name)).catch(() => undefined);
    if (facts?.kind === "file") unread.push(name);
    if (facts?.kind !== "directory") continue;
    const inside = await fs.readdir(join(path, name)).catch(() => []);
    unread.push(
      ...inside.filter((file) => /\.(ya?ml|json)$/i.test(file) && !file.startsWith("."))
        .sort().map((file) => `${name}/${file}`),
    );
  }
  return unread;
}

/** Files shown by name; more are counted. */
const MOST_NAMED = 5;

/** The warning of files that are not read. */
export function unreadProblem(directory: string, unread: readonly string[]): Problem {
  const named = unread.slice(0, MOST_NAMED).map((name) => `"${name}"`).join(", ");
  const more = unread.length - MOST_NAMED;
  return {
    severity: "warning",
    code: "unread-files",
    file: directory,
    path: [],
    message: `Not read: ${named}${more > 0 ? ` and ${more} more` : ""}`,
    wanted: "names that end in .yaml, .yml or .json, in small letters, in the directory itself",
    hint: "Rename them, or name them in agent.include",
  };
}

import { createReadStream, type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type ConfigFs,
  patientFs,
  readConfigFile,
  unreadable,
  unreadFiles,
  unreadProblem,
} from "../../../config/mod.ts";
import type { Problem } from "../../../core/mod.ts";
import { decodeText, DEFAULT_LIMITS } from "../../../yaml/mod.ts";
import { readUpTo } from "../../shell/world.ts";

/** A file that was named, or found in a directory that was named; or why it cannot be read. */
export type TextFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly problem: Problem };

/** What is read in a directory; the same as the agent's own drop-ins. */
const POD_FILE = /^[^.].*\.(ya?ml|json)$/;

/**
 * Reads files, the pod files below directories, and standard input for `-`, in
 * order; directories sorted by path.
 *
 * @param readStdin asked at most once
 */
export async function* readPodFiles(
  paths: readonly string[],
  readStdin: (maxBytes: number) => Promise<Uint8Array>,
): AsyncGenerator<TextFile> {
  const fs = patientFs();
  for (const path of paths) {
    if (path === "-") {
      yield decoded("-", await readStdin(DEFAULT_LIMITS.maxBytes));
      continue;
    }
    const facts = await fs.stat(path).catch(() => undefined); // reading it will say why not
    if (facts?.kind === "other" && await isPipe(path)) { // podstead validate <(helm template …)
      yield decoded(path, await readUpTo(createReadStream(path), DEFAULT_LIMITS.maxBytes));
      continue;
    }
    if (facts?.kind !== "directory") {
      yield await readPodFile(path, fs);
      continue;
    }
    let files = 0;
    for await (const file of podFilesBelow(path, fs)) {
      files += 1;
      yield file;
    }
    if (files === 0) yield { path, problem: noPodFiles(path) };
  }
}

/** Asked only of a file that was looked at a moment ago: it answers. */
async function isPipe(path: string): Promise<boolean> {
  return await stat(path).then((facts) => facts.isFIFO(), () => false);
}

async function* podFilesBelow(directory: string, fs: ConfigFs): AsyncGenerator<TextFile> {
  let entries: readonly Dirent[];
  try {
    // A mount that does not answer is given up here; what it answers has no kinds.
    await fs.readdir(directory);
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    yield { path: directory, problem: unreadable(directory, error) };
    return;
  }
  const others = entries.filter(({ name }) => !name.startsWith(".") && !POD_FILE.test(name));
  // Directories are gone into below.
  const unread = await unreadFiles({
    path: directory,
    others: others.filter((entry) => !entry.isDirectory()).map(({ name }) => name).sort(),
  }, fs);
  if (unread.length > 0) yield { path: directory, problem: unreadProblem(directory, unread) };
  for (const entry of entries.toSorted((left, right) => left.name < right.name ? -1 : 1)) {
    const path = join(directory, entry.name);
    if (!entry.isDirectory()) {
      if (POD_FILE.test(entry.name)) yield await readPodFile(path, fs);
    } else if (!entry.name.startsWith(".")) yield* podFilesBelow(path, fs);
  }
}

function decoded(path: string, bytes: Uint8Array): TextFile {
  const result = decodeText(bytes, path);
  return result.ok ? { path, text: result.text } : { path, problem: result.problem };
}

async function readPodFile(path: string, fs: ConfigFs): Promise<TextFile> {
  const read = await readConfigFile(path, fs);
  return read.ok ? { path, text: read.text } : { path, problem: read.problem };
}

/** A warning: a directory that was mistyped must not look like one in which all is well. */
function noPodFiles(directory: string): Problem {
  return {
    severity: "warning",
    code: "no-pod-files",
    file: directory,
    path: [],
    message: "There is no pod file in this directory",
    wanted: "files that end with .yaml, .yml or .json",
  };
}

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { nodeFs, readConfigFile } from "../config/mod.ts";
import type { Problem } from "../core/mod.ts";
import { decodeText } from "../yaml/mod.ts";

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
  readStdin: () => Promise<Uint8Array>,
): AsyncGenerator<TextFile> {
  for (const path of paths) {
    if (path === "-") {
      const decoded = decodeText(await readStdin(), "-");
      yield decoded.ok ? { path, text: decoded.text } : { path, problem: decoded.problem };
      continue;
    }
    const isDirectory = await stat(path).then((facts) => facts.isDirectory(), () => false);
    for (const file of isDirectory ? await podFilesBelow(path) : [path]) {
      const read = await readConfigFile(file, nodeFs);
      yield read.ok ? { path: file, text: read.text } : { path: file, problem: read.problem };
    }
  }
}

async function podFilesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const nested = await Promise.all(
    entries.sort((left, right) => left.name < right.name ? -1 : 1).map((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith(".") ? [] : podFilesBelow(path);
      return POD_FILE.test(entry.name) ? [path] : [];
    }),
  );
  return nested.flat();
}

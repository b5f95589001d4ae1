import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** The files of a node, or of an image of one; paths are those that the node itself sees. */
export interface NodeFiles {
  /** The text of a file, undefined if there is none or it cannot be read. */
  text(path: string): Promise<string | undefined>;
  /** The names in a directory, sorted; empty if there is none. */
  names(directory: string): Promise<readonly string[]>;
  /** Permission bits and content hash; undefined if there is nothing. */
  status(path: string): Promise<FileStatus | undefined>;
}

/** What is needed of a file to know whether it is as it should be. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "other";
  /** Permission bits, such as `0o644`. */
  readonly mode: number;
  readonly gid: number;
  /** Lower-case hex SHA-256 of a file's content. */
  readonly sha256?: string;
}

/** The files below `root`; `/` is this node itself. */
export function nodeFiles(root: string): NodeFiles {
  return {
    text: (path) => readFile(join(root, path), "utf8").catch(() => undefined),
    names: async (directory) =>
      (await readdir(join(root, directory)).catch(() => [])).sort((a, b) => a < b ? -1 : 1),
    status: (path) => fileStatus(join(root, path)),
  };
}

async function fileStatus(path: string): Promise<FileStatus | undefined> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return undefined;
  const base = { mode: status.mode & 0o7777, gid: status.gid };
  if (status.isDirectory()) return { ...base, kind: "directory" };
  if (!status.isFile()) return { ...base, kind: "other" };
  return { ...base, kind: "file", sha256: await sha256OfFile(path) };
}

/** Lower-case hex SHA-256 of a file, read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Lower-case hex SHA-256 of a text's UTF-8. */
export function sha256OfText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

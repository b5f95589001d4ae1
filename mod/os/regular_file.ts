/** Reading files that other people name: never a pipe or a device, never more than is wanted. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import process from "node:process";

/** What a file is and when it changed; of what a symbolic link leads to. */
export interface FileFacts {
  readonly kind: "file" | "directory" | "other";
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** The inode's own time of change, which cannot be set. */
  readonly ctimeMs: number;
  /** Number of the device and of the inode on it: the file itself, whatever its name. */
  readonly device: number;
  readonly inode: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A file's content as it was between two looks at it. */
export interface RegularFile {
  readonly bytes: Uint8Array;
  /** Before it was read. */
  readonly before: FileFacts;
  /** After it was read: differs if it was written meanwhile. */
  readonly after: FileFacts;
}

/**
 * Reads a regular file. It is opened without waiting, so that neither a pipe without
 * a writer nor a device can hold the reader.
 *
 * @throws {FileRefused} for anything but a regular file, and for one that is too large
 * @throws the file system's error otherwise
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<RegularFile> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const before = factsOf(await file.stat());
    if (before.kind !== "file") throw new FileRefused("kind", before);
    if (before.sizeBytes > maxBytes) throw new FileRefused("size", before);
    const bytes = await readUpTo(file, maxBytes, before.sizeBytes);
    // It grew while it was read, or never told its size, as the files of /proc.
    if (bytes === undefined) throw new FileRefused("size", before);
    return { bytes, before, after: factsOf(await file.stat()) };
  } finally {
    await file.close();
  }
}

/** The most that a file of podstead's own may have: far more than any of them has. */
export const MAX_OWN_BYTES = 64 * 1024 * 1024;

/** The text of a regular file, as `readRegularFile` reads it. */
export async function readRegularText(path: string, maxBytes: number): Promise<string> {
  return new TextDecoder().decode((await readRegularFile(path, maxBytes)).bytes);
}

/**
 * The same at once, for what cannot wait: a file on a mount that hangs would hold everything up.
 *
 * @throws as `readRegularFile` does
 */
export function readRegularTextSync(path: string, maxBytes: number): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const facts = factsOf(fstatSync(file));
    if (facts.kind !== "file") throw new FileRefused("kind", facts);
    if (facts.sizeBytes > maxBytes) throw new FileRefused("size", facts);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

/** A file that is not read: it is no regular one, or too large. */
export class FileRefused extends Error {
  override readonly name = "FileRefused";
  readonly why: "kind" | "size";
  readonly facts: FileFacts;

  constructor(why: "kind" | "size", facts: FileFacts) {
    super(
      why === "size"
        ? "it is too large"
        : facts.kind === "directory"
        ? "it is a directory, not a file"
        : "it is a device, pipe or socket, not a file",
    );
    this.why = why;
    this.facts = facts;
  }
}

/** Whether what was found at the place of a file of podstead's own is none that it wrote. */
export function isNoOwnFile(error: unknown): boolean {
  // A link in a circle; all others that lead somewhere are followed.
  return error instanceof FileRefused || (error as NodeJS.ErrnoException).code === "ELOOP";
}

/** What a rename says whose target is there and of another kind, or a directory that is not empty. */
const TAKEN: ReadonlySet<string | undefined> = new Set([
  ...["EISDIR", "ENOTDIR", "ENOTEMPTY", "EEXIST"],
]);

/** How many places are tried. */
const PLACES = 10;

/**
 * Puts what stands in the place of a file of podstead's own, and cannot be used, beside it: as
 * `.damaged`, instead of what was put there before, or else as `.damaged-1` and so on. No directory
 * is deleted.
 *
 * @returns where it is now
 * @throws the file system's error
 */
export async function putAside(path: string): Promise<string> {
  for (let place = 0;; place++) {
    const aside = place === 0 ? `${path}.damaged` : `${path}.damaged-${place}`;
    try {
      await rename(path, aside);
      return aside;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // of node:fs
      if (!TAKEN.has(code) || place === PLACES) throw error;
    }
  }
}

/** @returns undefined if there is more than `maxBytes` */
async function readUpTo(
  file: FileHandle,
  maxBytes: number,
  expectedBytes: number,
): Promise<Uint8Array | undefined> {
  // One byte more than expected: the end is seen in the same call.
  let buffer = new Uint8Array(Math.min(expectedBytes, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) return undefined;
    if (length < buffer.length) continue;
    const larger = new Uint8Array(Math.min(maxBytes + 1, buffer.length * 2));
    larger.set(buffer);
    buffer = larger;
  }
}

/** What matters of a file's status. */
export function factsOf(stats: Stats): FileFacts {
  return {
    kind: stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other",
    sizeBytes: stats.size,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    device: stats.dev,
    inode: stats.ino,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
  };
}

/** Whether two looks saw the same content: as far as times and sizes tell. */
export function isSameContent(one: FileFacts, other: FileFacts): boolean {
  return one.device === other.device && one.inode === other.inode &&
    one.sizeBytes === other.sizeBytes && one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs;
}

/** The user and the group that this process runs as. */
export function ownIds(): { readonly uid: number; readonly gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

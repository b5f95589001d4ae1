/** The open files of a log, oldest first, as one text. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { errorText, PodsteadError } from "../core/mod.ts";
import { gunzipBlocks, type LineBlock, PlainReader } from "./block.ts";
import type { LogNotice } from "./notice.ts";
import {
  errorCode,
  fileError,
  listRotated,
  livePath,
  type LogSource,
  type RotatedName,
} from "./source.ts";
import type { Tuning } from "./tuning.ts";

/** An open file of a log. It stays readable when it is renamed or removed. */
export interface Segment {
  readonly path: string;
  /** Its name without `.gz`; undefined for the live file. */
  readonly stem: string | undefined;
  readonly compressed: boolean;
  /** A link led to it: what is not in the format of a log is no line of it. */
  readonly isLink: boolean;
  readonly handle: FileHandle;
  /** When it was opened. */
  readonly sizeBytes: number;
  /** When it was last written or renamed, milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** Device and inode: says whether a path still leads to this file. */
  readonly identity: string;
  /** Reads it if it is not compressed. */
  readonly reader: PlainReader;
  readonly tuning: Tuning;
}

/** A place in a log: a file, and an offset in it (always 0 in a compressed one). */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/** Device and inode of a file as one comparable text. */
export function identityOf(stats: { readonly dev: number; readonly ino: number }): string {
  return `${stats.dev}:${stats.ino}`;
}

/** Without waiting for a writer, as a pipe would. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens one file of a log. The live one may be a link to where the runtime
 * writes, a rotated one never is: a pod that may write next to the logs must not
 * have root read another file for it.
 *
 * @returns undefined if it does not exist; a rotated one also if it is no regular file
 * @throws {PodsteadError} also if the live one is no regular file
 */
export async function openSegment(
  path: string,
  tuning: Tuning,
  rotated?: RotatedName,
): Promise<Segment | undefined> {
  let handle: FileHandle;
  let isLink = false;
  try {
    handle = await open(path, OPEN_FLAGS | constants.O_NOFOLLOW).catch((error) => {
      isLink = errorCode(error) === "ELOOP" && rotated === undefined;
      if (isLink) return open(path, OPEN_FLAGS);
      throw error;
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    // A link, or a socket.
    if (code === "ELOOP" || code === "ENXIO") return notRegular(path, rotated);
    throw fileError(`Cannot open log ${JSON.stringify(path)}`, error);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      await handle.close();
      return notRegular(path, rotated);
    }
    return {
      path,
      stem: rotated?.stem,
      compressed: rotated?.compressed ?? false,
      isLink,
      handle,
      sizeBytes: stats.size,
      modifiedMs: Math.max(stats.mtimeMs, stats.ctimeMs),
      identity: identityOf(stats),
      reader: new PlainReader(handle, tuning.blockBytes),
      tuning,
    };
  } catch (error) {
    await handle.close();
    throw fileError(`Cannot read log ${JSON.stringify(path)}`, error);
  }
}

function notRegular(path: string, rotated: RotatedName | undefined): undefined {
  if (rotated !== undefined) return undefined;
  throw new PodsteadError(
    "failed",
    `Cannot read log ${JSON.stringify(path)}: it is no regular file`,
    {
      hint: "The runtime writes logs into regular files; see what was put in its place with ls -l",
    },
  );
}

/** Closes all; a failed close of a file that was only read loses nothing. */
export async function closeSegments(segments: Iterable<Segment>): Promise<void> {
  for (const segment of segments) await segment.handle.close().catch(() => undefined);
}

/** How often a rotation may come between listing and opening. One in a row is rare already. */
const OPEN_TRIES = 5;

/**
 * Opens every file of a log, oldest first, the live one (if there is one) last.
 * When a rotation comes between listing and opening, it starts again, so that
 * no file is missing and none is there twice.
 *
 * @throws {PodsteadError} `not-found` without the directory, `permission`.
 */
export async function openSegments(source: LogSource, tuning: Tuning): Promise<Segment[]> {
  for (let tries = 1;; tries++) {
    const rotated = await listRotated(source);
    const segments: Segment[] = [];
    try {
      for (const file of rotated) {
        const segment = await openSegment(join(source.directory, file.name), tuning, file);
        if (segment !== undefined) segments.push(segment);
      }
      const live = await openSegment(livePath(source), tuning);
      if (live !== undefined) segments.push(live);
      const complete = segments.filter((segment) => segment.stem !== undefined).length ===
        rotated.length;
      const distinct = new Set(segments.map((segment) => segment.identity)).size ===
        segments.length;
      const names = (files: readonly RotatedName[]) => files.map((file) => file.stem).join("/");
      const unchanged = names(await listRotated(source)) === names(rotated);
      if ((complete && distinct && unchanged) || tries === OPEN_TRIES) return segments;
      await closeSegments(segments);
    } catch (error) {
      await closeSegments(segments);
      throw error;
    }
  }
}

/** The blocks of one whole compressed segment. */
export function compressedBlocks(
  segment: Segment,
  onNotice?: (notice: LogNotice) => void,
): AsyncGenerator<LineBlock> {
  return gunzipBlocks(segment.handle, (error) => {
    onNotice?.({ kind: "damaged", path: segment.path, message: errorText(error) });
  }, segment.tuning.blockBytes);
}

/**
 * The blocks from one place to another (exclusive, at the start of a line). A
 * file that ends without a newline ends with a torn block.
 */
export async function* readSegments(
  segments: readonly Segment[],
  from: LogPosition,
  to: LogPosition,
  onNotice?: (notice: LogNotice) => void,
): AsyncGenerator<LineBlock> {
  for (let index = from.segment; index <= to.segment; index++) {
    const segment = segments[index];
    if (segment === undefined || (index === to.segment && to.offset === 0)) return;
    // A compressed file has no places inside: at its end nothing is left of it.
    if (from.segment === to.segment && from.offset >= to.offset) return;
    if (segment.compressed) {
      yield* compressedBlocks(segment, onNotice);
      continue;
    }
    const { reader } = segment;
    reader.position = index === from.segment ? from.offset : 0;
    reader.midLine = false;
    const limit = index === to.segment ? to.offset : segment.sizeBytes;
    yield* reader.read(limit);
    if (reader.position < limit || reader.midLine) {
      const last = await reader.finish();
      if (last !== undefined) yield last;
    }
  }
}

/** The end of what `segments` held when they were opened. */
export function endOf(segments: readonly Segment[]): LogPosition {
  const segment = Math.max(0, segments.length - 1);
  return { segment, offset: segments[segment]?.sizeBytes ?? 0 };
}

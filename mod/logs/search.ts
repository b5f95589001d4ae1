/** Finds places in a log: by time, by line, and what lies before a place. */
import { Buffer } from "node:buffer";
import { LineCursor } from "./line.ts";
import type { Before } from "./entries.ts";
import { compressedBlocks, type LogPosition, type Segment } from "./segment.ts";

const NEWLINE = 10;
/** Read at once while searching: some hundred lines, so that one read mostly finds one with a time. */
const PROBE_BYTES = 32 * 1024;
/**
 * How far back it is looked for open lines. The parts of a line come in one
 * run; a stream that has been silent for so long has no line open.
 */
const LOOK_BEHIND_BYTES = 256 * 1024;

interface TimedPlace {
  readonly offset: number;
  readonly timeNs: bigint;
}

async function readAt(segment: Segment, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, length));
  const { bytesRead } = await segment.handle.read(bytes, 0, bytes.length, position);
  return bytes.subarray(0, bytesRead);
}

/**
 * The start of the first line that begins at or after `offset` of a plain
 * segment; `limit` where none begins before it.
 */
export async function nextLineStart(
  segment: Segment,
  offset: number,
  limit: number,
): Promise<number> {
  if (offset <= 0) return 0;
  for (let at = offset - 1; at < limit;) {
    const bytes = await readAt(segment, at, Math.min(PROBE_BYTES, limit - at));
    if (bytes.length === 0) break;
    const newline = bytes.indexOf(NEWLINE);
    if (newline >= 0) return Math.min(at + newline + 1, limit);
    at += bytes.length;
  }
  return limit;
}

/** The first line with a time that begins in `[offset, limit)` of a plain segment. */
async function nextTimed(
  segment: Segment,
  offset: number,
  limit: number,
): Promise<TimedPlace | undefined> {
  const line = new LineCursor();
  let at = await nextLineStart(segment, offset, limit);
  while (at < limit) {
    // A line may begin before the limit and end after it.
    const bytes = await readAt(segment, at, Math.min(PROBE_BYTES, segment.sizeBytes - at));
    let start = 0;
    while (at + start < limit) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      line.read(bytes, start, end);
      const timeNs = line.timeNs();
      if (timeNs !== undefined) return { offset: at + start, timeNs };
      if (newline < 0) break;
      start = newline + 1;
    }
    if (start === 0) at = await nextLineStart(segment, at + 1, limit);
    else at += start;
    if (bytes.length === 0) return undefined;
  }
  return undefined;
}

/** The time of the first line of a segment that has one. */
async function firstTime(segment: Segment): Promise<bigint | undefined> {
  if (!segment.compressed) return (await nextTimed(segment, 0, segment.sizeBytes))?.timeNs;
  const line = new LineCursor();
  for await (const block of compressedBlocks(segment)) {
    let start = block.start;
    while (start < block.bytes.length) {
      const newline = block.bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? block.bytes.length : newline;
      line.read(block.bytes, start, end);
      const timeNs = line.timeNs();
      if (timeNs !== undefined) return timeNs;
      start = end + 1;
    }
  }
  return undefined;
}

/** Where in a plain segment the lines from `timeNs` on begin, by halving. */
async function findInSegment(segment: Segment, timeNs: bigint): Promise<number> {
  let low = 0;
  let high = segment.sizeBytes;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const place = await nextTimed(segment, middle, high);
    if (place !== undefined && place.timeNs < timeNs) low = place.offset + 1;
    else high = middle;
  }
  return await nextLineStart(segment, low, segment.sizeBytes);
}

/**
 * A place such that the line before it is older than `timeNs` and the line at
 * it is not. In a log without order of times there may be several such places.
 * In a compressed file it is the file's start.
 */
export async function findTime(
  segments: readonly Segment[],
  timeNs: bigint,
): Promise<LogPosition> {
  for (let index = segments.length - 1; index >= 0; index--) {
    const segment = segments[index]!;
    const first = await firstTime(segment);
    if (first === undefined || first >= timeNs) continue;
    if (segment.compressed) return { segment: index, offset: 0 };
    return { segment: index, offset: await findInSegment(segment, timeNs) };
  }
  return { segment: 0, offset: 0 };
}

/** What lies before a place that is the start of a line. */
export async function lookBehind(
  segments: readonly Segment[],
  position: LogPosition,
): Promise<Before> {
  const open = [false, false, false];
  const line = new LineCursor();
  let timeNs: bigint | undefined;
  const see = (bytes: Buffer, start: number) => {
    while (start < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      line.read(bytes, start, end);
      open[line.stream] = line.partial;
      timeNs = line.timeNs() ?? timeNs;
      start = end + 1;
    }
  };
  let index = position.segment;
  const parts: { segment: Segment; from: number; to: number }[] = [];
  for (let wanted = LOOK_BEHIND_BYTES; wanted > 0 && index >= 0; index--) {
    const segment = segments[index];
    if (segment === undefined) continue;
    const to = index === position.segment ? position.offset : segment.sizeBytes;
    if (segment.compressed) {
      if (index === position.segment) continue;
      parts.unshift({ segment, from: 0, to });
      break;
    }
    let from = Math.max(0, to - wanted);
    // A line longer than that: go back until one begins.
    for (let back = wanted; from > 0; from = Math.max(0, to - back)) {
      const start = await nextLineStart(segment, from, to);
      if (start < to) {
        from = start;
        break;
      }
      back *= 8;
    }
    if (from < to) parts.unshift({ segment, from, to });
    wanted -= to - from;
  }
  for (const { segment, from, to } of parts) {
    if (!segment.compressed) see(await readAt(segment, from, to - from), 0);
    else for await (const block of compressedBlocks(segment)) see(block.bytes, block.start);
  }
  return { open, timeNs };
}

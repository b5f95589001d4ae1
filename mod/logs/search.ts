/** Finds places in a log: by time, by line, and what lies before a place. */
import { Buffer } from "node:buffer";
import { LineCursor } from "./line.ts";
import type { Before } from "./entries.ts";
import { compressedBlocks, type LogPosition, type Segment } from "./segment.ts";

const NEWLINE = 10;
/**
 * How far back it is looked for open lines. The parts of a line come in one
 * run; a stream that has been silent for so long has no line open.
 */
const LOOK_BEHIND_BYTES = 128 * 1024;
/** Mostly the last few lines tell all. */
const LOOK_BEHIND_STEP_BYTES = 8 * 1024;

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
    const bytes = await readAt(segment, at, Math.min(segment.tuning.probeBytes, limit - at));
    if (bytes.length === 0) break;
    const newline = bytes.indexOf(NEWLINE);
    if (newline >= 0) return Math.min(at + newline + 1, limit);
    at += bytes.length;
  }
  return limit;
}

/** The first line with a time that begins in `[offset, limit)` of a plain segment. */
export async function nextTimed(
  segment: Segment,
  offset: number,
  limit: number,
): Promise<TimedPlace | undefined> {
  const line = new LineCursor();
  // The byte before says whether a line begins at the offset itself.
  let at = Math.max(0, offset - 1);
  let midLine = offset > 0;
  while (at < limit) {
    // A line may begin before the limit and end after it.
    const wanted = Math.min(segment.tuning.probeBytes, segment.sizeBytes - at);
    const bytes = await readAt(segment, at, wanted);
    if (bytes.length === 0) return undefined;
    let start = midLine ? bytes.indexOf(NEWLINE) + 1 : 0;
    if (!midLine || start > 0) {
      midLine = false;
      while (start < bytes.length && at + start < limit) {
        const newline = bytes.indexOf(NEWLINE, start);
        line.read(bytes, start, newline < 0 ? bytes.length : newline);
        const timeNs = line.timeNs();
        if (timeNs !== undefined) return { offset: at + start, timeNs };
        if (newline < 0) break;
        start = newline + 1;
      }
    }
    // Nothing but a part of one line: skip the rest of it.
    if (start === 0) midLine = true;
    at += start === 0 ? bytes.length : start;
  }
  return undefined;
}

/** The time of the first line of a segment that has one. */
export async function firstTime(segment: Segment): Promise<bigint | undefined> {
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

/** What the lines of a stretch say; a stream without a line in it says nothing. */
class Stretch {
  readonly open: (boolean | undefined)[] = [undefined, undefined, undefined];
  timeNs: bigint | undefined;
  sizeBytes = 0;
  readonly #line = new LineCursor();

  see(bytes: Buffer, start: number): void {
    this.sizeBytes += bytes.length - start;
    while (start < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      this.#line.read(bytes, start, end);
      this.open[this.#line.stream] = this.#line.partial;
      this.timeNs = this.#line.timeNs() ?? this.timeNs;
      start = end + 1;
    }
  }
}

/** What lies before a place that is the start of a line. */
export async function lookBehind(
  segments: readonly Segment[],
  position: LogPosition,
): Promise<Before> {
  const open: (boolean | undefined)[] = [undefined, undefined, false];
  let timeNs: bigint | undefined;
  let leftBytes = LOOK_BEHIND_BYTES;
  for (let index = position.segment; index >= 0; index--) {
    const segment = segments[index];
    if (segment === undefined) continue;
    let to = index === position.segment ? position.offset : segment.sizeBytes;
    while (to > 0) {
      const stretch = new Stretch();
      if (segment.compressed) {
        for await (const block of compressedBlocks(segment)) stretch.see(block.bytes, block.start);
        to = 0;
      } else {
        const from = await lineStartBefore(segment, to, LOOK_BEHIND_STEP_BYTES);
        stretch.see(await readAt(segment, from, to - from), 0);
        to = from;
      }
      for (const [stream, isOpen] of stretch.open.entries()) open[stream] ??= isOpen;
      timeNs ??= stretch.timeNs;
      leftBytes -= stretch.sizeBytes;
      const isKnown = timeNs !== undefined && !open.includes(undefined);
      if (isKnown || leftBytes <= 0) return { open: open.map((is) => is === true), timeNs };
    }
  }
  return { open: open.map((is) => is === true), timeNs };
}

/** The start of a line about `distance` before `to`, or farther where a line is longer than that. */
async function lineStartBefore(segment: Segment, to: number, distance: number): Promise<number> {
  for (let back = distance; back < to; back *= 8) {
    const start = await nextLineStart(segment, to - back, to);
    if (start < to) return start;
  }
  return 0;
}

/**
 * One physical line of a container log.
 *
 * CRI: `<RFC3339Nano> <stdout|stderr> <tag[:tag…]> <content>`; the first tag is
 * `P` for a part of a longer line, `F` for a whole line or the last part of one
 * (kubernetes: pkg/kubelet/kuberuntime/logs, docs on the CRI logging format).
 * Docker's json-file: `{"log":"…\n","stream":"stdout","time":"…"}`; a part has no
 * newline at the end of `log`.
 */
import { Buffer } from "node:buffer";
import { parseTimestamp } from "./time.ts";

/** Where the container wrote it. */
export type LogStream = "stdout" | "stderr";

/** A physical line, read. */
export interface LogLine {
  /** Nanoseconds since the Unix epoch; undefined if the line is in no known format. */
  readonly timeNs: bigint | undefined;
  /** Undefined if the line is in no known format. */
  readonly stream: LogStream | undefined;
  /** True for a part that the next line of the same stream continues. */
  readonly partial: boolean;
  /** What the container wrote, without the newline; the whole line where the format is unknown. */
  readonly content: Uint8Array;
}

/** Streams as indexes of small tables; `NO_STREAM` is a line in no known format. */
export type StreamIndex = 0 | 1 | 2;
export const NO_STREAM: StreamIndex = 2;
export const STREAM_NAMES: readonly (LogStream | undefined)[] = ["stdout", "stderr", undefined];

const EMPTY = Buffer.alloc(0);
/** The shortest RFC 3339 time, `2006-01-02T15:04:05Z`. */
const SHORTEST_TIME = 20;
/** The longest, `2006-01-02T15:04:05.000000000+02:00`. */
const LONGEST_TIME = 35;

/**
 * Reads physical lines one after the other without making an object for each:
 * the fields say what the last one read was, and are ranges of buffers.
 */
export class LineCursor {
  stream: StreamIndex = NO_STREAM;
  partial = false;
  /** The content is `content[contentStart..contentEnd)`. */
  content: Buffer = EMPTY;
  contentStart = 0;
  contentEnd = 0;
  /** The time as it was written is `stamp[stampStart..stampEnd)`; empty if there is none. */
  stamp: Buffer = EMPTY;
  stampStart = 0;
  stampEnd = 0;
  /** Where the record begins: behind what a power loss has left in front of it. */
  recordStart = 0;

  /**
   * Reads the line `bytes[start..end)`, given without its newline. What is glued to its
   * front (a block of NUL bytes, half a record) is skipped: see `recordStart`.
   */
  read(bytes: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end && bytes[from] === 0) from++;
    this.recordStart = from;
    this.#read(bytes, from, end);
    if (this.stream !== NO_STREAM) return;
    const glued = findRecord(bytes, from, end);
    if (glued === undefined) return;
    this.recordStart = glued;
    this.#read(bytes, glued, end);
  }

  #read(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] === 0x7b && this.#readDocker(bytes, start, end)) return;
    let at = start;
    const limit = Math.min(start + LONGEST_TIME + 1, end);
    // Letters, digits and the punctuation of a time, none of which JSON would escape.
    while (at < limit && bytes[at]! >= 0x2b && bytes[at]! <= 0x5a) at++;
    // "stdout " and "stderr " differ in their fourth to sixth letter.
    if (
      at - start >= SHORTEST_TIME && at + 8 < end && bytes[at] === 0x20 &&
      bytes[start + 10] === 0x54 &&
      bytes[at + 1] === 0x73 && bytes[at + 2] === 0x74 && bytes[at + 3] === 0x64 &&
      bytes[at + 7] === 0x20
    ) {
      const [fourth, fifth, sixth] = [bytes[at + 4], bytes[at + 5], bytes[at + 6]];
      const isOut = fourth === 0x6f && fifth === 0x75 && sixth === 0x74;
      if (isOut || (fourth === 0x65 && fifth === 0x72 && sixth === 0x72)) {
        let tagEnd = at + 8;
        while (tagEnd < end && bytes[tagEnd] !== 0x20) tagEnd++;
        this.stream = isOut ? 0 : 1;
        this.partial = bytes[at + 8] === 0x50 && (tagEnd === at + 9 || bytes[at + 9] === 0x3a);
        this.content = this.stamp = bytes;
        this.stampStart = start;
        this.stampEnd = at;
        this.contentStart = Math.min(tagEnd + 1, end);
        this.contentEnd = end;
        return;
      }
    }
    this.readUnknown(bytes, start, end);
  }

  /** Takes bytes as content in no known format. */
  readUnknown(bytes: Buffer, start: number, end: number): void {
    this.stream = NO_STREAM;
    this.partial = false;
    this.continueWith(bytes, start, end);
    this.stampStart = this.stampEnd = 0;
  }

  /** Takes bytes as more content of the line read before. */
  continueWith(bytes: Buffer, start: number, end: number): void {
    this.content = bytes;
    this.contentStart = start;
    this.contentEnd = end;
  }

  /** The time of the line, nanoseconds since the epoch. */
  timeNs(): bigint | undefined {
    if (this.stampStart === this.stampEnd) return undefined;
    return parseTimestamp(this.stamp, this.stampStart, this.stampEnd);
  }

  #readDocker(bytes: Buffer, start: number, end: number): boolean {
    let record: unknown;
    try {
      record = JSON.parse(bytes.toString("utf8", start, end));
    } catch {
      // Not JSON: a line of some other format, which is allowed.
      return false;
    }
    if (typeof record !== "object" || record === null) return false;
    const { log, stream, time } = record as { log?: unknown; stream?: unknown; time?: unknown };
    if (typeof log !== "string" || typeof time !== "string") return false;
    if (stream !== "stdout" && stream !== "stderr") return false;
    this.partial = !log.endsWith("\n");
    this.stream = stream === "stdout" ? 0 : 1;
    this.content = Buffer.from(this.partial ? log : log.slice(0, -1));
    this.contentStart = 0;
    this.contentEnd = this.content.length;
    this.stamp = Buffer.from(time);
    this.stampStart = 0;
    this.stampEnd = this.stamp.length;
    return true;
  }
}

/** What stands between time and tag of a record, and its length. */
const STREAM_MARKS = [Buffer.from(" stdout "), Buffer.from(" stderr ")] as const;

/** Where a CRI record begins inside a line in no known format; undefined if none does. */
function findRecord(bytes: Buffer, start: number, end: number): number | undefined {
  for (let at = start + SHORTEST_TIME; at < end;) {
    const hits = STREAM_MARKS.map((mark) => bytes.indexOf(mark, at))
      .filter((hit) => hit >= 0 && hit + STREAM_MARKS[0].length < end);
    if (hits.length === 0) return undefined;
    const mark = Math.min(...hits);
    const tag = mark + STREAM_MARKS[0].length;
    const isTag = (bytes[tag] === 0x46 || bytes[tag] === 0x50) &&
      (tag + 1 === end || bytes[tag + 1] === 0x20 || bytes[tag + 1] === 0x3a);
    const time = isTag ? timeBefore(bytes, start, mark) : undefined;
    if (time !== undefined) return time;
    at = mark + 1;
  }
  return undefined;
}

/** Where the time begins that ends at `end`; whatever is glued to it may end with digits too. */
function timeBefore(bytes: Buffer, start: number, end: number): number | undefined {
  for (let at = end - SHORTEST_TIME; at >= Math.max(start, end - LONGEST_TIME); at--) {
    if (bytes[at + 10] !== 0x54 || bytes[at + 4] !== 0x2d) continue;
    if (parseTimestamp(bytes, at, end) !== undefined) return at;
  }
  return undefined;
}

/** Reads one physical line, given without its newline. Never throws: see `LogLine.stream`. */
export function parseLine(line: Uint8Array): LogLine {
  const cursor = new LineCursor();
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  cursor.read(bytes, 0, bytes.length);
  return {
    timeNs: cursor.timeNs(),
    stream: STREAM_NAMES[cursor.stream],
    partial: cursor.partial,
    content: cursor.content.subarray(cursor.contentStart, cursor.contentEnd),
  };
}

/** How a selected line is written: raw, text or JSON. */
import { Buffer, isUtf8 } from "node:buffer";
import { type LineCursor, NO_STREAM, type StreamIndex } from "./line.ts";
import { type ByteSink, LARGEST_PIECE } from "./sink.ts";
import { formatTime, parseTimestamp, type TimeZone } from "./time.ts";

/** What says that an object is a line of a log, for `firstMembers`. */
export const LOG_LINE_MEMBERS = '"apiVersion":"podstead.dev/v1","kind":"LogLine",';

/** What is written of each line. */
export interface LogOutput {
  /**
   * `raw`: each physical line as it is in the file. `text`: the message alone,
   * parts joined. `json`: one object a line: time, stream, pod, container,
   * attempt, message; bytes that are not UTF-8 become U+FFFD there and only there.
   */
  readonly format: "raw" | "text" | "json";
  /** Put before every raw or text line as it is, such as `172.20.0.3: `. */
  readonly linePrefix?: string;
  /** `text`: put the time before the message. `json`: the zone of the time (UTC if not set). */
  readonly timestamps?: TimeZone;
  /** `json`: the field `pod`, such as `default/nginx`. */
  readonly pod?: string;
  /** `json`: the field `container`. */
  readonly container?: string;
  /** `json`: put behind the opening brace of each object as it is, such as `"kind":"Line",`. */
  readonly firstMembers?: string;
}

/** The first part of a joined line, when its block is gone. */
export interface EntryHead {
  readonly stream: StreamIndex;
  /** The time as it was written; empty if there is none. */
  readonly stamp: Buffer;
}

/** Writes joined lines, whole or piece by piece. */
export interface EntryWriter {
  /** Begins a line whose time is `stamp[start..end)`. */
  head(sink: ByteSink, stream: StreamIndex, stamp: Buffer, start: number, end: number): void;
  /** Continues with a part of the message. */
  piece(sink: ByteSink, bytes: Buffer, start: number, end: number): void;
  /** The same for bytes that are used nowhere else. */
  ownedPiece(sink: ByteSink, bytes: Buffer): void;
  /** Ends the line. */
  foot(sink: ByteSink): void;
}

const NEWLINE = 10;
const SPACE = 32;
const CAPITAL_Z = 90;

/** The messages alone. */
export function textWriter(output: LogOutput): EntryWriter {
  const prefix = Buffer.from(output.linePrefix ?? "");
  const zone = output.timestamps;
  return {
    head: (sink, _stream, stamp, start, end) => {
      sink.write(prefix, 0, prefix.length);
      if (zone === undefined || start === end) return;
      writeTime(sink, stamp, start, end, zone);
      sink.writeByte(SPACE);
    },
    piece: (sink, bytes, start, end) => sink.write(bytes, start, end),
    ownedPiece: (sink, bytes) => sink.writeOwned(bytes),
    foot: (sink) => sink.writeByte(NEWLINE),
  };
}

/** A time that is UTC already keeps its digits; any other is written again. */
function writeTime(sink: ByteSink, stamp: Buffer, start: number, end: number, zone: TimeZone) {
  if (zone === "utc" && stamp[end - 1] === CAPITAL_Z) return sink.write(stamp, start, end);
  const timeNs = parseTimestamp(stamp, start, end);
  const text = timeNs === undefined
    ? stamp.subarray(start, end)
    : Buffer.from(formatTime(timeNs, zone));
  sink.write(text, 0, text.length);
}

/** One JSON object a line. */
export function jsonWriter(output: LogOutput, attempt: number | undefined): EntryWriter {
  const zone = output.timestamps ?? "utc";
  const fixed = Object.entries({ pod: output.pod, container: output.container, attempt })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `"${key}":${JSON.stringify(value)},`)
    .join("");
  const { firstMembers = "" } = output;
  const beforeTime = Buffer.from(`{${firstMembers}"time":"`);
  const afterTime = ["stdout", "stderr"].map((stream) =>
    Buffer.from(`","stream":"${stream}",${fixed}"message":"`)
  );
  const unknown = Buffer.from(`{${firstMembers}"time":null,"stream":null,${fixed}"message":"`);
  const foot = Buffer.from(`"}\n`);
  // A character may be cut in two by the end of a part: the decoder keeps the first half.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let decoding = false;
  const decode = (sink: ByteSink, bytes?: Buffer) => {
    const text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    const escaped = Buffer.from(JSON.stringify(text).slice(1, -1));
    sink.write(escaped, 0, escaped.length);
    decoding = bytes !== undefined;
  };
  const piece = (sink: ByteSink, bytes: Buffer, start: number, end: number) => {
    if (!decoding && writeEscaped(sink, bytes, start, end)) return;
    decode(sink, bytes.subarray(start, end));
  };
  return {
    head: (sink, stream, stamp, start, end) => {
      if (stream === NO_STREAM) return sink.write(unknown, 0, unknown.length);
      sink.write(beforeTime, 0, beforeTime.length);
      writeTime(sink, stamp, start, end, zone);
      const middle = afterTime[stream]!;
      sink.write(middle, 0, middle.length);
    },
    piece,
    ownedPiece: (sink, bytes) => piece(sink, bytes, 0, bytes.length),
    foot: (sink) => {
      if (decoding) decode(sink);
      sink.write(foot, 0, foot.length);
    },
  };
}

const HEX = Buffer.from("0123456789abcdef");
const ESCAPED_HEX = 1;
/** By byte: 0 as it is, 1 as `\\u00` and two digits, else the letter after the backslash. */
const ESCAPES = new Uint8Array(256).fill(ESCAPED_HEX, 0, 32);
for (const [character, letter] of ["\bb", "\tt", "\nn", "\ff", "\rr", '""', "\\\\"]) {
  ESCAPES[character!.charCodeAt(0)] = letter!.charCodeAt(0);
}
const LONGEST_ESCAPE = 6;
const PIECE_BYTES = Math.floor(LARGEST_PIECE / LONGEST_ESCAPE);

/** Writes bytes as the inside of a JSON string; false (and nothing) if they are not UTF-8. */
function writeEscaped(sink: ByteSink, bytes: Buffer, start: number, end: number): boolean {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at]!;
  if (seen >= 0x80 && !isUtf8(bytes.subarray(start, end))) return false;
  for (let from = start; from < end; from += PIECE_BYTES) {
    const to = Math.min(end, from + PIECE_BYTES);
    sink.reserve((to - from) * LONGEST_ESCAPE);
    const out = sink.buffer;
    let length = sink.length;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      const escape = ESCAPES[byte]!;
      if (escape === 0) out[length++] = byte;
      else {
        out[length++] = 92;
        if (escape !== ESCAPED_HEX) out[length++] = escape;
        else {
          length += out.write("u00", length, "latin1");
          out[length++] = HEX[byte >> 4]!;
          out[length++] = HEX[byte & 15]!;
        }
      }
    }
    sink.length = length;
  }
  return true;
}

/** Copies the head of an entry out of the line that was just read. */
export function headOf(line: LineCursor): EntryHead {
  return {
    stream: line.stream,
    stamp: Buffer.from(line.stamp.subarray(line.stampStart, line.stampEnd)),
  };
}

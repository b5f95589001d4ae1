/**
 * Two channels in one byte stream: what belongs on stdout, and messages besides it
 * that belong on stderr. Each frame is a kind, a length (32 bits, big endian)
 * and that many bytes.
 */
import { PodsteadError } from "../../core/mod.ts";
import type { WireError } from "./errors.ts";

const DATA = 1;
const NOTICE = 2;
const ERROR = 3;
const HEADER_BYTES = 5;

/** One frame, as the reader gets it. */
export type Frame =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "notice"; readonly text: string };

/** A frame of bytes for stdout. */
export function dataFrame(bytes: Uint8Array): Uint8Array {
  return frame(DATA, bytes);
}

/** A frame of words for stderr. */
export function noticeFrame(text: string): Uint8Array {
  return frame(NOTICE, new TextEncoder().encode(text));
}

/** The last frame of a stream that broke after it had begun. */
export function errorFrame(error: WireError): Uint8Array {
  return frame(ERROR, new TextEncoder().encode(JSON.stringify(error)));
}

/**
 * Reads frames from bytes that come in pieces of any size. Data is handed on as
 * it comes, not gathered.
 *
 * @throws {PodsteadError} what an error frame reports, or that the stream ended inside a frame
 */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let header: Uint8Array = new Uint8Array(0);
  let words: Uint8Array[] = [];
  let kind = 0;
  let left = 0;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const needed = HEADER_BYTES - header.length;
        header = Buffer.concat([header, chunk.subarray(at, at + needed)]);
        at += needed;
        if (header.length < HEADER_BYTES) break;
        kind = header[0] ?? 0;
        left = new DataView(header.buffer, header.byteOffset).getUint32(1);
        header = new Uint8Array(0);
        words = [];
        continue;
      }
      const piece = chunk.subarray(at, at + left);
      at += piece.length;
      left -= piece.length;
      if (kind === DATA) {
        yield { kind: "data", bytes: piece };
        continue;
      }
      words.push(piece);
      if (left > 0) continue;
      const text = Buffer.concat(words).toString("utf8");
      if (kind === ERROR) throw reported(text);
      yield { kind: "notice", text };
    }
  }
  if (left > 0 || header.length > 0) {
    throw new PodsteadError(
      "agent-unreachable",
      "The agent broke off in the middle of the stream",
      {
        hint: 'See "systemctl status podstead"',
      },
    );
  }
}

function frame(kind: number, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(HEADER_BYTES + bytes.length);
  whole[0] = kind;
  new DataView(whole.buffer).setUint32(1, bytes.length);
  whole.set(bytes, HEADER_BYTES);
  return whole;
}

function reported(text: string): PodsteadError {
  const { error } = JSON.parse(text) as WireError; // written by `errorFrame`
  return new PodsteadError(
    error.code,
    error.message,
    error.hint === undefined ? {} : { hint: error.hint },
  );
}

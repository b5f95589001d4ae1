/**
 * Frames by which many connections share one pair of streams: kind (1 byte), channel (4) and
 * length (4), big-endian, then the payload.
 */
import { Buffer } from "node:buffer";
import { PodsteadError } from "../../core/mod.ts";

/**
 * - `open`: connects the channel; the payload names the target
 * - `data`: bytes of the connection
 * - `end`: this side has sent everything
 * - `reset`: the connection is gone; the payload says why
 * - `credit`: the receiver has room for so many more bytes (4 bytes, big-endian)
 */
export type FrameKind = "open" | "data" | "end" | "reset" | "credit";

const KINDS: readonly FrameKind[] = ["open", "data", "end", "reset", "credit"];

/** One frame. */
export interface LinkFrame {
  readonly kind: FrameKind;
  readonly channel: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 9;

/** The largest payload that is sent, and taken: what is read from a socket at once. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** Writes one frame; its payload has at most {@linkcode MAX_PAYLOAD_BYTES}. */
export function encodeFrame(
  kind: FrameKind,
  channel: number,
  payload: Uint8Array = NOTHING,
): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt8(KINDS.indexOf(kind), 0);
  frame.writeUInt32BE(channel, 1);
  frame.writeUInt32BE(payload.length, 5);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Puts frames together from chunks of any size. */
export class FrameReader {
  #rest: Buffer = NOTHING;

  /**
   * The frames that are complete with this chunk.
   *
   * @throws {PodsteadError} for what is not a frame
   */
  push(chunk: Uint8Array): readonly LinkFrame[] {
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: LinkFrame[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const kind = KINDS[bytes.readUInt8(at)];
      const length = bytes.readUInt32BE(at + 5);
      if (kind === undefined || length > MAX_PAYLOAD_BYTES) {
        throw new PodsteadError("failed", "The connection to the node carries foreign data", {
          hint: "Shell start-up files of the node must not print anything",
        });
      }
      const end = at + HEADER_BYTES + length;
      if (bytes.length < end) break;
      frames.push({
        kind,
        channel: bytes.readUInt32BE(at + 1),
        payload: bytes.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

/**
 * gRPC's frames: a flag byte, the length as 32 bits big endian, the message.
 *
 * Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
 */
import { GrpcCode, GrpcError } from "./error.ts";

const PREFIX_BYTES = 5;

/**
 * The largest message that is taken: more than any runtime sends (containerd 16 MiB, CRI-O
 * 80 MiB by default), so that a broken one cannot fill the memory.
 */
export const MAX_MESSAGE_BYTES = 96 * 1024 * 1024;

/** One message in its frame, not compressed. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Puts messages together again from the pieces in which they arrive. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** Takes the next piece. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** True if more has arrived than one message may have; of a stream, it is read as it comes. */
  get isTooLarge(): boolean {
    return this.#length > MAX_MESSAGE_BYTES + PREFIX_BYTES;
  }

  /** True if a frame has begun and not ended. */
  get isPartial(): boolean {
    return this.#length > 0;
  }

  /**
   * The next whole message, or undefined until more has arrived.
   *
   * @throws {GrpcError} for a compressed frame, which was not asked for.
   */
  next(): Uint8Array | undefined {
    if (this.#length < PREFIX_BYTES) return undefined;
    // A message comes in pieces of 16 KiB: joining them before all are there would be quadratic.
    while ((this.#chunks[0]?.length ?? 0) < PREFIX_BYTES) this.#join(2);
    const head = this.#chunks[0] ?? new Uint8Array();
    if (head[0] !== 0) throw new GrpcError(GrpcCode.internal, "The answer is compressed");
    const frameBytes = PREFIX_BYTES +
      new DataView(head.buffer, head.byteOffset, head.length).getUint32(1);
    if (this.#length < frameBytes) return undefined;
    this.#join(this.#chunks.length);
    const all = this.#chunks[0] ?? new Uint8Array();
    this.#length = all.length - frameBytes;
    this.#chunks = this.#length > 0 ? [all.subarray(frameBytes)] : [];
    return all.subarray(PREFIX_BYTES, frameBytes);
  }

  #join(count: number): void {
    const parts = this.#chunks.splice(0, count);
    if (parts.length === 1 && parts[0] !== undefined) {
      this.#chunks.unshift(parts[0]);
      return;
    }
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    this.#chunks.unshift(joined);
  }
}

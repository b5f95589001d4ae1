import { Buffer } from "node:buffer";

/** Big enough that a system call for each costs little, small enough for the processor's cache. */
const CHUNK_BYTES = 128 * 1024;
/** The most bytes that `reserve` can be asked for. */
export const LARGEST_PIECE = CHUNK_BYTES;
/** From this size on, bytes that are used nowhere else are handed on instead of copied. */
const HAND_ON_BYTES = 16 * 1024;

/** A line in a contiguous output, with its time. */
export interface TimedMark {
  readonly timeNs: bigint;
  /** The line ends before this offset and starts where the one before it ends. */
  readonly end: number;
}

/**
 * Collects output bytes in chunks. A contiguous sink keeps everything in one
 * chunk that grows, so that offsets into it (marks) stay true.
 */
export class ByteSink {
  /** The chunk being filled; written to directly by the hot path, up to `length`. */
  buffer: Buffer;
  length = 0;
  readonly marks: TimedMark[] = [];
  readonly #ready: Buffer[] = [];
  readonly #contiguous: boolean;
  readonly #reuse: boolean;
  #taken: Buffer | undefined;
  #spare: Buffer[] = [];

  /** @param reuse a chunk that was taken is overwritten after the next one is taken. */
  constructor(options: { readonly contiguous?: boolean; readonly reuse?: boolean } = {}) {
    this.#contiguous = options.contiguous ?? false;
    this.#reuse = options.reuse ?? false;
    this.buffer = Buffer.allocUnsafeSlow(this.#contiguous ? 4096 : CHUNK_BYTES);
  }

  /** Appends `bytes[start..end)`. */
  write(bytes: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end) {
      if (this.length === this.buffer.length) this.grow(end - from);
      const count = Math.min(end - from, this.buffer.length - this.length);
      bytes.copy(this.buffer, this.length, from, from + count);
      this.length += count;
      from += count;
    }
  }

  /** Appends bytes that are used and changed nowhere else. */
  writeOwned(bytes: Buffer): void {
    if (this.#contiguous || bytes.length < HAND_ON_BYTES) {
      return this.write(bytes, 0, bytes.length);
    }
    this.#finishChunk();
    this.#ready.push(bytes);
  }

  writeByte(byte: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = byte;
  }

  /** Makes room for `count` bytes in one piece of `buffer`. @param count at most `LARGEST_PIECE` */
  reserve(count: number): void {
    if (this.buffer.length - this.length < count) this.grow(count);
  }

  /** Makes room for more bytes: at least one, `wanted` where it is contiguous. */
  grow(wanted: number): void {
    if (!this.#contiguous) return this.#finishChunk();
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + wanted));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  /** Says that a line ends here. */
  mark(timeNs: bigint): void {
    this.marks.push({ timeNs, end: this.length });
  }

  /** The next full chunk, or undefined. */
  takeFull(): Buffer | undefined {
    const chunk = this.#ready.shift();
    if (chunk === undefined) return undefined;
    if (this.#reuse) {
      if (this.#taken !== undefined) this.#spare.push(this.#taken);
      this.#taken = chunk.buffer.byteLength === CHUNK_BYTES ? chunk : undefined;
    }
    return chunk;
  }

  /** Makes everything so far available to `takeFull`. */
  flush(): void {
    if (this.length > 0) this.#finishChunk();
  }

  #finishChunk(): void {
    if (this.length === 0) return;
    this.#ready.push(this.buffer.subarray(0, this.length));
    const spare = this.#spare.pop();
    this.buffer = spare === undefined
      ? Buffer.allocUnsafeSlow(this.#contiguous ? 4096 : CHUNK_BYTES)
      : Buffer.from(spare.buffer, 0, CHUNK_BYTES);
    this.length = 0;
  }
}

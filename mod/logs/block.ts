/**
 * Log files as blocks of whole lines, read ahead while the block before is
 * being worked on.
 */
import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DEFAULT_TUNING } from "./tuning.ts";

/**
 * What ends a block: a newline; `open`, in the middle of a line longer than a
 * block; `torn`, a line that ends here without its newline. `idle` and `reset`
 * carry no bytes: nothing more for now, and: what follows is another file's text.
 */
export type BlockTail = "newline" | "open" | "torn" | "idle" | "reset";

/** Some whole lines, or a part of one very long line. Valid until the next block is asked for. */
export interface LineBlock {
  /** The lines are `bytes[start..]`; what is before `start` means nothing. */
  readonly bytes: Buffer;
  readonly start: number;
  /** False if it continues the line of an `open` block. */
  readonly startsLine: boolean;
  readonly tail: BlockTail;
}

const NEWLINE = 10;
const GUNZIP_BYTES = 64 * 1024;

/** A block without bytes. */
export function emptyBlock(tail: BlockTail, startsLine = true): LineBlock {
  return { bytes: Buffer.alloc(0), start: 0, startsLine, tail };
}

function lastNewline(bytes: Buffer, start: number, end: number): number {
  for (let at = end - 1; at >= start; at--) if (bytes[at] === NEWLINE) return at;
  return -1;
}

/**
 * Reads a plain file from a position on. What it has not handed out (a last
 * line without its newline) is read again the next time, so nothing is kept.
 */
export class PlainReader {
  /** Everything before has been handed out. */
  position = 0;
  /** True after an `open` block: the line before `position` continues. */
  midLine = false;
  readonly #handle: FileHandle;
  readonly #blockBytes: number;
  // In front of each half lies room for the line that the block before has cut.
  #near: Buffer | undefined;
  #far: Buffer | undefined;

  constructor(handle: FileHandle, blockBytes = DEFAULT_TUNING.blockBytes) {
    this.#handle = handle;
    this.#blockBytes = blockBytes;
  }

  /** The whole lines from `position` to the end of the file, or to the offset `limit`. */
  async *read(limit = Infinity): AsyncGenerator<LineBlock> {
    const head = this.#blockBytes;
    let near = this.#near ??= Buffer.allocUnsafeSlow(2 * this.#blockBytes);
    let far = this.#far ??= Buffer.allocUnsafeSlow(2 * this.#blockBytes);
    let fetchAt = this.position;
    let carried = 0;
    let pending: Promise<number> | undefined = this.#fetch(near, fetchAt, limit);
    try {
      while (true) {
        const count: number = await pending;
        if (count === 0) return;
        fetchAt += count;
        pending = this.#fetch(far, fetchAt, limit);
        const start = head - carried;
        const end = head + count;
        const newline = lastNewline(near, head, end);
        const cut = newline >= 0 ? newline + 1 : end - start >= head ? end : start;
        carried = end - cut;
        near.copy(far, head - carried, cut, end);
        if (cut > start) {
          const block: LineBlock = {
            bytes: near.subarray(0, cut),
            start,
            startsLine: !this.midLine,
            tail: newline >= 0 ? "newline" : "open",
          };
          this.position += cut - start;
          this.midLine = newline < 0;
          yield block;
        }
        [near, far] = [far, near];
      }
    } finally {
      // The read ahead must not outlive us: its buffer and its file may be gone by then.
      await pending?.catch(() => 0);
    }
  }

  /**
   * The last line, which has no newline: up to the newline if that has come by
   * now, else torn. Undefined if there is none.
   */
  async finish(): Promise<LineBlock | undefined> {
    const head = this.#blockBytes;
    const bytes = this.#near ??= Buffer.allocUnsafeSlow(2 * this.#blockBytes);
    const count = await this.#fetch(bytes, this.position, Infinity);
    const startsLine = !this.midLine;
    if (count === 0 && startsLine) return undefined;
    const newline = bytes.subarray(0, head + count).indexOf(NEWLINE, head);
    const end = newline < 0 ? head + count : newline + 1;
    this.position += end - head;
    this.midLine = false;
    return {
      bytes: bytes.subarray(0, end),
      start: head,
      startsLine,
      tail: newline < 0 ? "torn" : "newline",
    };
  }

  async #fetch(into: Buffer, position: number, limit: number): Promise<number> {
    const length = Math.min(this.#blockBytes, limit - position);
    if (length <= 0) return 0;
    return (await this.#handle.read(into, this.#blockBytes, length, position)).bytesRead;
  }
}

async function* rawChunks(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0;;) {
    const chunk = Buffer.allocUnsafeSlow(64 * 1024);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/**
 * The lines of a gzip file, decompressed as they are asked for.
 *
 * @param onDamage called when the file is cut off or damaged; what came before it is handed out.
 */
export async function* gunzipBlocks(
  handle: FileHandle,
  onDamage: (error: unknown) => void,
  blockBytes = DEFAULT_TUNING.blockBytes,
): AsyncGenerator<LineBlock> {
  const input = Readable.from(rawChunks(handle));
  const unzipped = input.pipe(createGunzip({ chunkSize: GUNZIP_BYTES }));
  input.on("error", (error) => unzipped.destroy(error));
  const buffer = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  let startsLine = true;
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      for (let taken = 0; taken < chunk.length;) {
        const count = Math.min(chunk.length - taken, blockBytes - filled);
        chunk.copy(buffer, filled, taken, taken + count);
        const newline = lastNewline(buffer, filled, filled + count);
        taken += count;
        filled += count;
        const cut = newline >= 0 ? newline + 1 : filled === blockBytes ? filled : 0;
        if (cut === 0) continue;
        const tail = newline >= 0 ? "newline" : "open";
        yield { bytes: buffer.subarray(0, cut), start: 0, startsLine, tail };
        startsLine = newline >= 0;
        buffer.copy(buffer, 0, cut, filled);
        filled -= cut;
      }
    }
  } catch (error) {
    onDamage(error);
  } finally {
    unzipped.destroy();
    input.destroy();
  }
  if (filled > 0 || !startsLine) {
    yield { bytes: buffer.subarray(0, filled), start: 0, startsLine, tail: "torn" };
  }
}

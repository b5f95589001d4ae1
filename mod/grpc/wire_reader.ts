import { Buffer } from "node:buffer";

/** Reads the parts of Protocol Buffers' wire format one after the other. */
export class WireReader {
  readonly #bytes: Buffer;
  /** Where the next part begins. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A varint of which the low 32 bits count. @throws {RangeError} if it does not end. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("A varint is longer than ten bytes");
  }

  /** A signed varint of 32 bits. @throws {RangeError} as `uint32`. */
  int32(): number {
    return this.uint32() | 0;
  }

  /** A varint of 64 bits. @throws {RangeError} as `uint32`. */
  uint64(): bigint {
    // In two halves of plain numbers: bigint arithmetic on each byte is slow.
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (index < 4) low += bits * 2 ** (7 * index);
      else if (index === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high = bits >>> 4;
      } else high += bits * 2 ** (7 * index - 32);
      if (byte < 0x80) {
        return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low));
      }
    }
    throw new RangeError("A varint is longer than ten bytes");
  }

  /** The position at which the part ends whose length comes now. @throws {RangeError} beyond the end. */
  lengthEnd(): number {
    const length = this.uint32();
    const end = this.position + length;
    if (end > this.#bytes.length) throw new RangeError("A part is longer than its message");
    return end;
  }

  /** A text in UTF-8. @throws {RangeError} beyond the end. */
  string(): string {
    const end = this.lengthEnd();
    const text = this.#bytes.toString("utf8", this.position, end);
    this.position = end;
    return text;
  }

  /** A copy of a run of bytes. @throws {RangeError} beyond the end. */
  bytes(): Uint8Array {
    const end = this.lengthEnd();
    const part = new Uint8Array(this.#bytes.subarray(this.position, end));
    this.position = end;
    return part;
  }

  /** Passes over a value of this wire type. @throws {RangeError} beyond the end, or for a group. */
  skip(wireType: number): void {
    if (wireType === 0) this.uint64();
    else if (wireType === 2) this.position = this.lengthEnd();
    else if (wireType === 1) this.position += 8;
    else if (wireType === 5) this.position += 4;
    else throw new RangeError(`Unknown wire type ${wireType}`);
    if (this.position > this.#bytes.length) {
      throw new RangeError("A part is longer than its message");
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new RangeError("A message ends in the middle of a value");
    this.position += 1;
    return byte;
  }
}

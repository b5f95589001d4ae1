const encoder = new TextEncoder();

/** Writes the parts of Protocol Buffers' wire format one after the other. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #pending: number[] = [];
  #length = 0;

  /** The head of a field. */
  tag(number: number, wireType: number): void {
    this.varint(BigInt(number * 8 + wireType));
  }

  /** A whole number; a negative one takes ten bytes, as the format wants it. */
  varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#pending.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#pending.push(Number(rest));
  }

  /** A text in UTF-8 with its length. */
  string(text: string): void {
    this.bytes(encoder.encode(text));
  }

  /** A run of bytes with its length. */
  bytes(bytes: Uint8Array): void {
    this.varint(BigInt(bytes.length));
    this.#flush();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** What `write` writes, with its length. */
  nested(write: (inner: WireWriter) => void): void {
    const inner = new WireWriter();
    write(inner);
    this.bytes(inner.finish());
  }

  /** Everything that was written. */
  finish(): Uint8Array {
    this.#flush();
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#parts.push(Uint8Array.from(this.#pending));
    this.#length += this.#pending.length;
    this.#pending = [];
  }
}

import { Buffer } from "node:buffer";

const NEWLINE = 10;

/** Cuts bytes that come in pieces into whole lines. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** The lines that are complete now, each with its line feed. */
  push(chunk: Uint8Array): readonly Buffer[] {
    // A chunk may be overwritten once the next one is asked for.
    const bytes = Buffer.concat([this.#rest, chunk]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
      lines.push(bytes.subarray(start, at + 1));
      start = at + 1;
    }
    this.#rest = bytes.subarray(start);
    return lines;
  }

  /** What is left at the end, as a line; undefined if nothing is. */
  end(): Buffer | undefined {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length === 0 ? undefined : Buffer.concat([rest, Buffer.from("\n")]);
  }
}

/** A writer of text whose lines all begin with a prefix. */
export function prefixedLines(
  prefix: string,
  write: (text: string) => void,
): { readonly write: (data: string | Uint8Array) => void; readonly end: () => void } {
  const cutter = new LineCutter();
  const tell = (line: Buffer) => write(prefix + line.toString("utf8"));
  return {
    write: (data) => cutter.push(typeof data === "string" ? Buffer.from(data) : data).forEach(tell),
    end() {
      const rest = cutter.end();
      if (rest !== undefined) tell(rest);
    },
  };
}

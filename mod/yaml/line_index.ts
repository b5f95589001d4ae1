import type { Position } from "../core/mod.ts";

/** Finds lines in a text: offsets are 0-based UTF-16 code units, positions 1-based. */
export interface LineIndex {
  readonly text: string;
  readonly lineCount: number;
  /** The position of an offset; offsets past the end are at the end. */
  positionAt(offset: number): Position;
  /** The offset at which a 1-based line begins. */
  offsetOf(line: number): number;
  /** A 1-based line without its end of line; empty for a line that does not exist. */
  lineText(line: number): string;
}

/** Indexes a text whose lines end in LF or CRLF. */
export function indexLines(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);

  const offsetOf = (line: number) => starts[line - 1] ?? text.length;
  return {
    text,
    lineCount: starts.length,
    offsetOf,
    positionAt(offset) {
      const inside = Math.min(Math.max(offset, 0), text.length);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= inside) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: inside - starts[low]! + 1 };
    },
    lineText(line) {
      if (line < 1 || line > starts.length) return "";
      return text.slice(offsetOf(line), offsetOf(line + 1)).replace(/\r?\n$|\r$/, "");
    },
  };
}

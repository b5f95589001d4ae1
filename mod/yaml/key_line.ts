/** What a line looks like to a person who reads YAML by eye. */
import type { LineIndex } from "./line_index.ts";

/** An indented line with its key, if it has one. */
export interface KeyLine {
  readonly line: number;
  /** 1-based column of the key, behind `- ` where the line begins a list item. */
  readonly column: number;
  readonly key: string;
  /** What follows the colon, trimmed. */
  readonly rest: string;
}

const KEY_LINE = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s#'"[\]{},&*!|>%@`][^:#]*?)\s*:(?:\s+(.*))?$/;

/** The line as a key line, or undefined if it is none. */
export function keyLine(lines: LineIndex, line: number): KeyLine | undefined {
  const match = KEY_LINE.exec(lines.lineText(line));
  if (match === null) return undefined;
  const [, indent, key, rest] = match;
  return {
    line,
    column: indent!.length + 1,
    key: key!,
    rest: (rest ?? "").replace(/\s+#.*$/, "").trim(),
  };
}

/** The nearest key line above `line` for which `accept` holds. */
export function keyAbove(
  lines: LineIndex,
  line: number,
  accept: (candidate: KeyLine) => boolean,
): KeyLine | undefined {
  for (let above = line - 1; above >= 1; above--) {
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(lines.lineText(above))) return undefined;
    const candidate = keyLine(lines, above);
    if (candidate !== undefined && accept(candidate)) return candidate;
  }
  return undefined;
}

/** Quotes a text for a message; long ones are cut. */
export function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return short.includes('"') ? `'${short}'` : `"${short}"`;
}

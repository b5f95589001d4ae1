import stringWidth from "fast-string-width";
import { type Look, paint as painted } from "./paint.ts";
import type { Position, Problem } from "../core/mod.ts";

/** How {@linkcode formatProblem} writes. */
export interface FormatProblemOptions {
  /** Whether to use ANSI colours. */
  readonly color: boolean;
}

// Wide enough to recognise a line, narrow enough for a terminal of 100 columns.
const MAX_SOURCE_WIDTH = 88;
// How much of a long line is kept before the place that the caret points at.
const KEPT_BEFORE = 40;

/**
 * Writes a problem for a person: place and message, then the source line with a
 * caret, what was wanted, what to do, and the other place if there is one.
 * Several lines, no newline at the end. Control characters of the file are shown
 * as `�`, so that no file can write to the terminal.
 *
 * @example
 * ```text
 * config.yaml:4:8: error: Line 4 is indented deeper than "apiVersion" in line 3
 *     4 |        kind: Pod
 *       |        ^
 *   wanted: "kind" at column 7, it is at column 8
 *   hint: Align "kind" under "apiVersion"
 * ```
 */
export function formatProblem(problem: Problem, options: FormatProblemOptions): string {
  const paint = (look: Look, text: string) => options.color ? painted(look, text) : text;
  const loud = problem.severity === "error" ? "red" : "yellow";
  const lines = [
    `${paint("bold", `${place(problem.file, problem.position)}:`)} ` +
    `${paint(loud, `${problem.severity}:`)} ${printable(problem.message)}`,
  ];
  if (problem.position !== undefined && problem.sourceLine !== undefined) {
    const number = String(problem.position.line);
    const { text, before } = sourceWindow(problem.sourceLine, problem.position.column);
    lines.push(
      `${paint("dim", `  ${number.padStart(4)} |`)} ${text}`.trimEnd(),
      `${paint("dim", `  ${" ".repeat(Math.max(4, number.length))} |`)} ${before}${
        paint(loud, "^")
      }`,
    );
  }
  if (problem.wanted !== undefined) {
    lines.push(`  ${paint("cyan", "wanted:")} ${printable(problem.wanted)}`);
  }
  if (problem.hint !== undefined) {
    lines.push(`  ${paint("cyan", "hint:")} ${printable(problem.hint)}`);
  }
  if (problem.related !== undefined) {
    const { file, position } = problem.related;
    lines.push(`  ${paint("cyan", "see also:")} ${place(file, position)}`);
  }
  return lines.join("\n");
}

function place(file: string, position: Position | undefined): string {
  const name = file === "-" ? "<stdin>" : printable(file);
  return position === undefined ? name : `${name}:${position.line}:${position.column}`;
}

/** Text without what a terminal would act on: control characters and bidirectional overrides. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "�");
}

/** The part of a line around a column, and the blanks up to that column. */
function sourceWindow(line: string, column: number): { text: string; before: string } {
  const shown = (part: string) => printable(part.replaceAll("\t", "→"));
  let start = 0;
  if (stringWidth(shown(line)) > MAX_SOURCE_WIDTH) start = Math.max(0, column - 1 - KEPT_BEFORE);
  const head = start > 0 ? "…" : "";
  const tail = line.length - start > MAX_SOURCE_WIDTH ? "…" : "";
  const visible = line.slice(start, start + MAX_SOURCE_WIDTH);
  const before = head + shown(line.slice(start, column - 1));
  return {
    text: head + shown(visible) + tail,
    before: " ".repeat(stringWidth(before)),
  };
}

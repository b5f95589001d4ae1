/** A list whose items stand further left than their key. */
import { keyLine } from "./key_line.ts";
import type { KeyLine } from "./key_line.ts";
import type { LineIndex } from "./line_index.ts";
import type { SyntaxProblem } from "./explanation.ts";

/**
 * The first item above line `last` that is further left than the key whose list it is
 * meant to be in; undefined if there is none.
 */
export function explainDedent(last: number, lines: LineIndex): SyntaxProblem | undefined {
  let above: KeyLine | undefined;
  for (let line = 1; line <= Math.min(last, lines.lineCount); line++) {
    const text = lines.lineText(line);
    if (text.trim() === "" || /^\s*#/.test(text)) continue;
    const column = text.search(/\S/) + 1;
    const isItem = /^\s*-(?:\s|$)/.test(text);
    if (
      isItem && above !== undefined && above.rest === "" && column < above.column &&
      !continuesList(above.line, column, lines)
    ) {
      return {
        code: "yaml-dedented-list",
        offset: lines.offsetOf(line) + column - 1,
        message:
          `The list item in line ${line} is further left than "${above.key}" in line ${above.line}`,
        wanted: `"-" at column ${above.column} or further right, it is at column ${column}`,
        hint: `Indent line ${line} and the lines that belong to it by at least ${
          above.column - column
        } spaces`,
      };
    }
    above = keyLine(lines, line);
  }
  return undefined;
}

/** Whether a dash in this column continues a list that is open above a line. */
function continuesList(line: number, column: number, lines: LineIndex): boolean {
  for (let above = line; above >= 1; above--) {
    const text = lines.lineText(above);
    if (text.trim() === "" || /^\s*#/.test(text)) continue;
    const start = text.search(/\S/) + 1;
    if (start < column) return false;
    if (start === column) return /^\s*-(?:\s|$)/.test(text);
  }
  return false;
}

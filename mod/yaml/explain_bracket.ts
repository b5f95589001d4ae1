import type { LineIndex } from "./line_index.ts";
import type { SyntaxProblem } from "./explanation.ts";

/** A bracket that is still open at `offset`; the problem is where it opens. */
export function explainOpenBracket(
  offset: number,
  bracket: "{" | "[",
  lines: LineIndex,
): SyntaxProblem {
  const start = findOpenBracket(lines.text, offset, bracket);
  const closing = bracket === "{" ? "}" : "]";
  return {
    code: "yaml-unclosed",
    offset: start,
    message: `The "${bracket}" in line ${lines.positionAt(start).line} is never closed`,
    wanted: `"${closing}" before line ${lines.positionAt(offset).line} ends`,
    hint: `Add "${closing}"; if the bracket is part of a text, put the text in quotes`,
  };
}

/** The last bracket before `offset` that has no partner, by a count that ignores quotes. */
function findOpenBracket(text: string, offset: number, bracket: "{" | "["): number {
  const closing = bracket === "{" ? "}" : "]";
  let depth = 0;
  for (let at = Math.min(offset, text.length - 1); at >= 0; at--) {
    if (text[at] === closing && at !== offset) depth += 1;
    else if (text[at] === bracket) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return offset;
}

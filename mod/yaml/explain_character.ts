/** A character of an editor where YAML reads structure: it looks like a quote, a dash or a blank. */
import { editorCharacters, typeInstead } from "../core/mod.ts";
import type { EditorCharacter } from "../core/mod.ts";
import type { SyntaxProblem } from "./explanation.ts";
import type { LineIndex } from "./line_index.ts";

/** The character in the line of a problem, or in the one above it, that may be the cause. */
export function explainCharacter(offset: number, lines: LineIndex): SyntaxProblem | undefined {
  const { line } = lines.positionAt(offset);
  for (const at of [line, line - 1]) {
    const found = structural(lines.lineText(at));
    if (found === undefined) continue;
    return {
      code: "yaml-character",
      offset: lines.offsetOf(at) + found.index,
      message: `Line ${at} has the character ${found.name}, which YAML takes for a letter`,
      hint: typeInstead(found),
    };
  }
  return undefined;
}

/** The first one outside of quotes and comments that stands where it would mean something. */
function structural(text: string): EditorCharacter | undefined {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (part) => " ".repeat(part.length))
    .replace(/(?:^|\s)#.*$/, "");
  for (const found of editorCharacters(bare)) {
    const before = bare.slice(0, found.index);
    const after = bare.slice(found.index + 1);
    const begins = /(?:^|[:,[{]|-)\s*$/.test(before);
    const means = {
      quote: begins || /^\s*(?:$|[,\]}])/.test(after),
      dash: /^\s*$/.test(before) && /^\s/.test(after),
      space: true,
      invisible: true,
      punctuation: true,
    }[found.kind];
    if (means) return found;
  }
  return undefined;
}

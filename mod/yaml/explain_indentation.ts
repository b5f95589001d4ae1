/** Explains lines that do not line up, and lines that are no pair of key and value. */
import type { YAMLParseError } from "yaml";
import { explainOpenBracket } from "./explain_bracket.ts";
import { keyAbove, keyLine, quoted } from "./key_line.ts";
import type { KeyLine } from "./key_line.ts";
import type { LineIndex } from "./line_index.ts";
import type { SyntaxProblem } from "./explanation.ts";

/** A tab where indentation is; the library names the first. */
export function explainTab(offset: number, lines: LineIndex): SyntaxProblem {
  const at = lines.positionAt(offset);
  let others = 0;
  for (let line = 1; line <= lines.lineCount; line++) {
    if (line !== at.line && /^ *\t+ *[^\s#]/.test(lines.lineText(line))) others += 1;
  }
  const more = others === 0
    ? ""
    : `, and so ${others === 1 ? "is 1 other line" : `are ${others} other lines`}`;
  return {
    code: "yaml-tab",
    offset,
    message: `Line ${at.line} is indented with a tab${more}`,
    wanted: "spaces, the only indentation that YAML allows",
    hint: "Replace each tab at the start of a line with spaces, 2 for a level",
  };
}

/** Two colons on one line, or a value that runs on into the next line's key. */
export function explainKey(errors: readonly YAMLParseError[], lines: LineIndex): SyntaxProblem {
  const first = errors[0]!;
  const { text } = lines;
  const multiline = errors.find((error) =>
    error.code === "MULTILINE_IMPLICIT_KEY" && text.slice(...error.pos).trim().includes("\n")
  );
  if (multiline !== undefined && multiline.pos[0] <= first.pos[1]) {
    const startLine = lines.positionAt(multiline.pos[0]).line;
    const endLine = lines.positionAt(multiline.pos[1] - 1).line;
    const above = keyLine(lines, startLine);
    // The first line that is deeper and is not part of the value above it.
    const below = keyLine(lines, endLine);
    if (above !== undefined && below !== undefined && below.column > above.column) {
      return tooDeep(above, below, lines);
    }
    const start = lines.lineText(startLine).trim();
    if (/^(?:- +)*[\w.-]+:\S/.test(start)) {
      return {
        code: "yaml-colon-space",
        offset: lines.offsetOf(startLine) + lines.lineText(startLine).indexOf(":"),
        message: `Line ${startLine} has no space after the colon`,
        wanted: `"${start.replace(":", ": ")}"`,
        hint: "Add a space after the colon",
      };
    }
    return explainNoColon(startLine, lines);
  }
  const at = lines.positionAt(first.pos[0]);
  const line = lines.lineText(at.line);
  if (/^\s*-(?:\s|$)/.test(line.slice(at.column - 1))) {
    return explainListAmongKeys(at.line, lines);
  }
  const own = keyLine(lines, at.line);
  if (own !== undefined && /:(?:\s|$)/.test(own.rest)) {
    return {
      code: "yaml-second-colon",
      offset: first.pos[0],
      message: `Line ${at.line} has a second colon, in the value of "${own.key}"`,
      wanted: 'one "key: value" a line',
      hint: `If it is part of the text, put the value in quotes: ${own.key}: ${quoted(own.rest)}`,
    };
  }
  // The value of this line continues in a deeper line that is a key of its own.
  for (let line = at.line + 1; own !== undefined && line <= lines.lineCount; line++) {
    const below = keyLine(lines, line);
    if (below === undefined) continue;
    if (below.column > own.column) return tooDeep(own, below, lines);
    break;
  }
  return explainNoColon(at.line, lines);
}

function tooDeep(above: KeyLine, below: KeyLine, lines: LineIndex): SyntaxProblem {
  const value = above.rest === "" ? "" : `, which already has the value ${quoted(above.rest)}`;
  return {
    code: "yaml-indentation",
    offset: lines.offsetOf(below.line) + below.column - 1,
    message:
      `Line ${below.line} is indented deeper than "${above.key}" in line ${above.line}${value}`,
    wanted: `"${below.key}" at column ${above.column}, it is at column ${below.column}`,
    hint: `Align "${below.key}" under "${above.key}", and move the lines that belong to it as well`,
  };
}

/** A line that is no pair of key and value. */
export function explainNoColon(line: number, lines: LineIndex): SyntaxProblem {
  const text = lines.lineText(line);
  return {
    code: "yaml-no-colon",
    offset: lines.offsetOf(line) + Math.max(0, text.search(/\S/)),
    message: `Line ${line} is no "key: value" pair: ${quoted(text.trim())}`,
    wanted: "a key, a colon and a space",
    hint: "Add the colon; a text of several lines begins with | or is put in quotes",
  };
}

/** A dash where a key is expected. */
export function explainListAmongKeys(line: number, lines: LineIndex): SyntaxProblem {
  const text = lines.lineText(line);
  const column = text.search(/\S/) + 1;
  const above = keyAbove(lines, line, (candidate) => candidate.column <= column);
  for (let number = line - 1; number > (above?.line ?? 0); number--) {
    const dash = /^\s*(?=-\s)/.exec(lines.lineText(number));
    if (dash === null || dash[0].length + 1 === column) continue;
    return {
      code: "yaml-indentation",
      offset: lines.offsetOf(line) + column - 1,
      message: `The list item in line ${line} lines up with no item above it`,
      wanted: `"-" at column ${
        dash[0].length + 1
      }, as in line ${number}, it is at column ${column}`,
      hint: "Align the dashes of one list",
    };
  }
  return {
    code: "yaml-mixed",
    offset: lines.offsetOf(line) + column - 1,
    message: `Line ${line} begins a list item where a key is expected`,
    ...(above === undefined ? {} : {
      wanted: `a key like "${above.key}" in line ${above.line}, which already has its value`,
    }),
    hint: "Put a key with an empty value above the list, such as containers:",
  };
}

/** A line that lines up with nothing above it. */
export function explainIndent(error: YAMLParseError, lines: LineIndex): SyntaxProblem {
  const { text } = lines;
  const bracket = /^Flow (map|sequence) /.exec(error.message);
  if (bracket !== null) {
    return explainOpenBracket(error.pos[0], bracket[1] === "map" ? "{" : "[", lines);
  }

  let offset = error.pos[0];
  while (text[offset] === " " || text[offset] === "\n" || text[offset] === "\r") offset += 1;
  const at = lines.positionAt(offset);
  const own = keyLine(lines, at.line);
  const name = own === undefined ? quoted(lines.lineText(at.line).trim()) : `"${own.key}"`;
  const column = own?.column ?? at.column;
  const above = keyAbove(lines, at.line, () => true);
  if (own !== undefined && above !== undefined && column > above.column && above.rest !== "") {
    return tooDeep(above, own, lines);
  }
  // Candidates to line up with: the columns of the keys that are still open above.
  const open: KeyLine[] = [];
  let limit = Infinity;
  keyAbove(lines, at.line, (candidate) => {
    if (candidate.column < limit) {
      open.push(candidate);
      limit = candidate.column;
    }
    return false;
  });
  const near =
    open.toSorted((a, b) => Math.abs(a.column - column) - Math.abs(b.column - column))[0];
  return {
    code: "yaml-indentation",
    offset,
    message:
      `${name} in line ${at.line} is at column ${column}, where it lines up with no line above`,
    ...(near === undefined ? {} : {
      wanted: `column ${near.column}, as "${near.key}" in line ${near.line}`,
      hint: `Align it with "${near.key}", or with the key whose part it is`,
    }),
  };
}

/**
 * Says what is wrong with a text that is no YAML, in words for somebody who has
 * never read the YAML specification. The library's errors say where; the lines
 * around it say what was meant.
 */
import { isScalar, visit } from "yaml";
import type { Document, YAMLParseError } from "yaml";
import type { LineIndex } from "./line_index.ts";

/** A syntax problem; the caller adds file, position and source line. */
export interface SyntaxProblem {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly wanted?: string;
  readonly hint?: string;
}

/** An indented line with its key, if it has one. */
interface KeyLine {
  readonly line: number;
  /** 1-based column of the key, behind `- ` where the line begins a list item. */
  readonly column: number;
  readonly key: string;
  /** What follows the colon, trimmed. */
  readonly rest: string;
}

const KEY_LINE = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s#'"[\]{},&*!|>%@`][^:#]*?)\s*:(?:\s+(.*))?$/;

function keyLine(lines: LineIndex, line: number): KeyLine | undefined {
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
function keyAbove(
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

/**
 * The one problem behind the errors of a document: what follows the first one is
 * mostly its echo.
 */
export function explainSyntax(
  document: Document.Parsed,
  errors: readonly YAMLParseError[],
  lines: LineIndex,
): SyntaxProblem {
  const first = errors[0]!;
  const tab = errors.find((error) => error.code === "TAB_AS_INDENT");
  if (tab !== undefined) return explainTab(tab.pos[0], lines);
  const offset = first.pos[0];
  const indent = /^[ \t]*/.exec(lines.lineText(lines.positionAt(offset).line))?.[0] ?? "";
  if (indent.includes("\t")) {
    const { line } = lines.positionAt(offset);
    return explainTab(lines.offsetOf(line) + indent.indexOf("\t"), lines);
  }
  if (first.message.startsWith("Sequence item without")) return explainIndent(first, lines);
  switch (first.code) {
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return explainKey(errors, lines);
    case "BAD_INDENT":
      return explainIndent(first, lines);
    case "MISSING_CHAR":
    case "UNEXPECTED_TOKEN":
      return explainToken(document, first, lines);
    case "BAD_SCALAR_START":
      return {
        code: "yaml-reserved-character",
        offset,
        message: `A text cannot begin with "${lines.text[offset]}" in YAML`,
        hint: `Put the text in quotes: ${quoted(restOfLine(lines, offset))}`,
      };
    case "BAD_DQ_ESCAPE":
      return {
        code: "yaml-escape",
        offset,
        message: `"${lines.text.slice(offset, offset + 2)}" is no escape that YAML knows`,
        hint: "Put the text in single quotes, where a backslash is a backslash",
      };
    default:
      return { code: "yaml-syntax", offset, message: plainMessage(first.message) };
  }
}

function explainTab(offset: number, lines: LineIndex): SyntaxProblem {
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
function explainKey(errors: readonly YAMLParseError[], lines: LineIndex): SyntaxProblem {
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
    return noColon(startLine, lines);
  }
  const at = lines.positionAt(first.pos[0]);
  const line = lines.lineText(at.line);
  if (/^\s*-(?:\s|$)/.test(line.slice(at.column - 1))) {
    return listAmongKeys(at.line, lines);
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
  // The value of this line goes on in a deeper line that is a key of its own.
  for (let line = at.line + 1; own !== undefined && line <= lines.lineCount; line++) {
    const below = keyLine(lines, line);
    if (below === undefined) continue;
    if (below.column > own.column) return tooDeep(own, below, lines);
    break;
  }
  return noColon(at.line, lines);
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

function noColon(line: number, lines: LineIndex): SyntaxProblem {
  const text = lines.lineText(line);
  return {
    code: "yaml-no-colon",
    offset: lines.offsetOf(line) + Math.max(0, text.search(/\S/)),
    message: `Line ${line} is no "key: value" pair: ${quoted(text.trim())}`,
    wanted: "a key, a colon and a space",
    hint: "Add the colon; a text of several lines begins with | or is put in quotes",
  };
}

function listAmongKeys(line: number, lines: LineIndex): SyntaxProblem {
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
function explainIndent(error: YAMLParseError, lines: LineIndex): SyntaxProblem {
  const { text } = lines;
  const bracket = /^Flow (map|sequence) /.exec(error.message);
  if (bracket !== null) return openBracket(error.pos[0], bracket[1] === "map" ? "{" : "[", lines);

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

function openBracket(offset: number, bracket: "{" | "[", lines: LineIndex): SyntaxProblem {
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

function explainToken(
  document: Document.Parsed,
  error: YAMLParseError,
  lines: LineIndex,
): SyntaxProblem {
  const offset = error.pos[0];
  const at = lines.positionAt(offset);
  const { text } = lines;

  const before = lines.lineText(at.line).slice(0, at.column - 1);

  const quote = /^Missing closing ("|')/.exec(error.message)?.[1];
  if (quote !== undefined) {
    const start = quotedScalarAt(document, offset) ?? offset;
    const line = lines.positionAt(start).line;
    return {
      code: "yaml-unclosed",
      offset: start,
      message: `The ${quote === '"' ? "double" : "single"} quote in line ${line} is never closed`,
      hint: "Add the closing quote at the end of the text",
    };
  }
  if (
    /flow (map|collection)|Flow map/i.test(error.message) &&
    /with a? ?\}|end with/.test(error.message)
  ) {
    return openBracket(offset, "{", lines);
  }
  if (/Flow sequence|flow-seq/i.test(error.message) && /end with/.test(error.message)) {
    return openBracket(offset, "[", lines);
  }
  if (/flow-(seq|map)-end/.test(error.message)) {
    return {
      code: "yaml-unexpected",
      offset,
      message: `"${text[offset]}" closes a bracket that is not open`,
      hint: "Remove it, or put the text in quotes",
    };
  }
  if (/at node end|between flow/.test(error.message)) {
    const last = before.trimEnd().at(-1);
    if (last === "'" || last === '"') {
      return {
        code: "yaml-after-quote",
        offset,
        message: `Text follows the closing quote in line ${at.line}`,
        hint: last === "'"
          ? "An apostrophe inside single quotes is written twice; or use double quotes"
          : 'A double quote inside double quotes is written as \\"; or use single quotes',
      };
    }
    const own = keyLine(lines, at.line);
    if (own !== undefined && before.trim() === "") {
      return {
        code: "yaml-mixed",
        offset,
        message: `"${own.key}" in line ${at.line} stands at the level of a list`,
        wanted: "another list item, or less indentation",
        hint: `If it belongs to the item above, align it with the text after "- "`,
      };
    }
  }
  if (/^Block scalar header/.test(error.message) || /[|>][-+0-9]*\s+$/.test(before)) {
    return {
      code: "yaml-block-text",
      offset,
      message: `Text follows "|" or ">" in line ${at.line}`,
      wanted: "the text on the lines below, indented",
    };
  }
  if (/Implicit map keys need to be followed/.test(error.message)) {
    if (/^\s*-(?:\s|$)/.test(lines.lineText(at.line))) return listAmongKeys(at.line, lines);
    return noColon(at.line, lines);
  }
  if (/directives-end marker/.test(error.message)) {
    return {
      code: "yaml-document-start",
      offset,
      message: `A mapping begins on the line of "---"`,
      hint: "Put it on the next line",
    };
  }
  return { code: "yaml-syntax", offset, message: plainMessage(error.message) };
}

/** Start of the quoted text that contains `offset`. */
function quotedScalarAt(document: Document.Parsed, offset: number): number | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar(_key, node) {
      if (!isScalar(node) || !node.type?.startsWith("QUOTE") || !node.range) return;
      if (node.range[0] <= offset && offset <= node.range[2]) start = node.range[0];
    },
  });
  return start;
}

function restOfLine(lines: LineIndex, offset: number): string {
  const { line, column } = lines.positionAt(offset);
  return lines.lineText(line).slice(column - 1).trim();
}

/** Quotes a text for a message; long ones are cut. */
function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return short.includes('"') ? `'${short}'` : `"${short}"`;
}

function plainMessage(message: string): string {
  return message.replace(/\.$/, "");
}

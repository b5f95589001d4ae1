/**
 * Says what is wrong with a text that is no YAML, in plain words for a person who has
 * never read the YAML specification. The library's errors say where; the lines
 * around it say what was meant.
 */
import { isScalar, visit } from "yaml";
import type { Document, YAMLParseError } from "yaml";
import type { SyntaxProblem } from "./explanation.ts";
import { explainOpenBracket } from "./explain_bracket.ts";
import { explainCharacter } from "./explain_character.ts";
import { explainDedent } from "./explain_dedent.ts";
import {
  explainIndent,
  explainKey,
  explainListAmongKeys,
  explainNoColon,
  explainTab,
} from "./explain_indentation.ts";
import { keyLine, quoted } from "./key_line.ts";
import type { LineIndex } from "./line_index.ts";

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
  const character = explainCharacter(first.pos[0], lines);
  if (character !== undefined) return character;
  const dedent = explainDedent(lines.positionAt(first.pos[1]).line + 1, lines);
  if (dedent !== undefined) return dedent;
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
      return explainOther(first, lines);
  }
}

/** What the rarer errors of the library mean to a reader who does not know its words. */
const OTHERS: Readonly<Partial<Record<YAMLParseError["code"], readonly [string, string]>>> = {
  ALIAS_PROPS: ["An alias (*name) stands next to an anchor or a tag", "Keep one of the two"],
  BAD_ALIAS: ["An anchor (&name) or an alias (*name) has no name", "Put the text in quotes"],
  BAD_COLLECTION_TYPE: ["The tag does not fit what follows it", "Remove the tag"],
  BAD_DIRECTIVE: ["A line that begins with % is no YAML here", "Remove the line"],
  BAD_PROP_ORDER: ["An anchor or a tag stands before its dash or colon", "Put it behind"],
  BLOCK_IN_FLOW: [
    "Lines with keys or dashes stand inside brackets",
    "Close the bracket, or write the values in one line with commas between them",
  ],
  KEY_OVER_1024_CHARS: ["A key is longer than 1024 characters", "Is a line break missing?"],
  MULTIPLE_ANCHORS: ["A value has two anchors (&name)", "Keep one of them"],
  MULTIPLE_TAGS: ["A value has two tags (!name)", "Keep one of them"],
  NON_STRING_KEY: ["A key is a list or a mapping", "Write a text before the colon"],
  TAG_RESOLVE_FAILED: ["The value does not fit its tag (!name)", "Remove the tag"],
};

function explainOther(error: YAMLParseError, lines: LineIndex): SyntaxProblem {
  const offset = error.pos[0];
  const known = OTHERS[error.code];
  if (known !== undefined) {
    return { code: "yaml-syntax", offset, message: known[0], hint: known[1] };
  }
  const rest = restOfLine(lines, offset);
  const { line } = lines.positionAt(offset);
  return {
    code: "yaml-syntax",
    offset,
    message: rest === ""
      ? `Line ${line} ends where a value or a key is expected`
      : `${quoted(rest)} in line ${line} cannot follow what stands before it`,
    hint: 'Put a text in quotes; a mapping is written as lines of "key: value"',
  };
}

function explainToken(
  document: Document.Parsed,
  error: YAMLParseError,
  lines: LineIndex,
): SyntaxProblem {
  const offset = error.pos[0];
  const { line, column } = lines.positionAt(offset);
  const place: Place = {
    message: error.message,
    offset,
    line,
    before: lines.lineText(line).slice(0, column - 1),
    lines,
  };
  return explainQuote(document, place) ?? explainBrackets(place) ?? explainGlued(place) ??
    explainNodeEnd(place) ?? explainLine(place) ?? explainOther(error, lines);
}

/** Where the library stumbled, and over what. */
interface Place {
  /** In the library's words. */
  readonly message: string;
  readonly offset: number;
  readonly line: number;
  /** What stands before it in its line. */
  readonly before: string;
  readonly lines: LineIndex;
}

/** A quote that is never closed. */
function explainQuote(
  document: Document.Parsed,
  { message, offset, lines }: Place,
): SyntaxProblem | undefined {
  const quote = /^Missing closing ("|')/.exec(message)?.[1];
  if (quote === undefined) return undefined;
  const start = quotedScalarAt(document, offset) ?? offset;
  const line = lines.positionAt(start).line;
  return {
    code: "yaml-unclosed",
    offset: start,
    message: `The ${quote === '"' ? "double" : "single"} quote in line ${line} is never closed`,
    hint: "Add the closing quote at the end of the text",
  };
}

/** Brackets, and what stands in them. */
function explainBrackets(
  { message, offset, line, before, lines }: Place,
): SyntaxProblem | undefined {
  if (
    /flow (map|collection)|Flow map/i.test(message) &&
    /with a? ?\}|end with/.test(message)
  ) {
    return explainOpenBracket(offset, "{", lines);
  }
  if (/Flow sequence|flow-seq/i.test(message) && /end with/.test(message)) {
    return explainOpenBracket(offset, "[", lines);
  }
  if (/flow-(seq|map)-end/.test(message)) {
    return {
      code: "yaml-unexpected",
      offset,
      message: `"${lines.text[offset]}" closes a bracket that is not open`,
      hint: "Remove it, or put the text in quotes",
    };
  }
  if (/^Missing , (?:or : )?between/.test(message) && !/["']$/.test(before)) {
    return {
      code: "yaml-comma",
      offset,
      message: `A comma is missing before ${quoted(restOfLine(lines, offset))} in line ${line}`,
      wanted: "a comma between the values in brackets",
      hint: "Add the comma; a text with blanks, colons or brackets goes in quotes",
    };
  }
  if (/^Missing space after :/.test(message)) {
    return {
      code: "yaml-colon-space",
      offset,
      message: `Line ${line} has no space after a colon in brackets`,
      hint: "Add a space after the colon",
    };
  }
  if (/^Unexpected (?:,|empty item) in/.test(message)) {
    return {
      code: "yaml-comma",
      offset,
      message: `Line ${line} has a comma with nothing before it`,
      hint: "Remove one comma, or write the value that is missing",
    };
  }
  return undefined;
}

/** Signs that need a blank next to them. */
function explainGlued({ message, offset, line }: Place): SyntaxProblem | undefined {
  if (/^Comments must be separated/.test(message)) {
    return {
      code: "yaml-comment",
      offset,
      message: `A "#" in line ${line} follows a value without a blank`,
      hint: "Put a space before the #, or the text with the # in quotes",
    };
  }
  if (/^Tags and anchors must be separated/.test(message)) {
    return {
      code: "yaml-anchor",
      offset,
      message: `Text with & or ! in line ${line} is taken for an anchor or a tag`,
      hint: "Put the text in quotes",
    };
  }
  return undefined;
}

/** Something that follows a value in its line. */
function explainNodeEnd(
  { message, offset, line, before, lines }: Place,
): SyntaxProblem | undefined {
  if (!/at node end|between flow/.test(message)) return undefined;
  const last = before.trimEnd().at(-1);
  if (last === "'" || last === '"') {
    return {
      code: "yaml-after-quote",
      offset,
      message: `Text follows the closing quote in line ${line}`,
      hint: last === "'"
        ? "An apostrophe inside single quotes is written twice; or use double quotes"
        : 'A double quote inside double quotes is written as \\"; or use single quotes',
    };
  }
  const own = keyLine(lines, line);
  if (own !== undefined && before.trim() === "") {
    return {
      code: "yaml-mixed",
      offset,
      message: `"${own.key}" in line ${line} stands at the level of a list`,
      wanted: "another list item, or less indentation",
      hint: `If it belongs to the item above, align it with the text after "- "`,
    };
  }
  return undefined;
}

/** A whole line that stands where it cannot. */
function explainLine({ message, offset, line, before, lines }: Place): SyntaxProblem | undefined {
  if (/^Block scalar header/.test(message) || /[|>][-+0-9]*\s+$/.test(before)) {
    return {
      code: "yaml-block-text",
      offset,
      message: `Text follows "|" or ">" in line ${line}`,
      wanted: "the text on the lines below, indented",
    };
  }
  if (/Implicit map keys need to be followed/.test(message)) {
    if (/^\s*-(?:\s|$)/.test(lines.lineText(line))) return explainListAmongKeys(line, lines);
    return explainNoColon(line, lines);
  }
  if (/directives-end marker/.test(message)) {
    return {
      code: "yaml-document-start",
      offset,
      message: `A mapping begins on the line of "---"`,
      hint: "Put it on the next line",
    };
  }
  return undefined;
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

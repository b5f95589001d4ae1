/**
 * Finds out whether a text that cannot be read is a template that was not rendered:
 * then whatever the parser says of it is beside the point.
 */
import { findTemplateBlock, renderHint } from "../core/mod.ts";
import type { TemplateMark } from "../core/mod.ts";
import type { SyntaxProblem } from "./explanation.ts";
import type { LineIndex } from "./line_index.ts";

/** An expression, where it stands, and whether YAML would read it as structure. */
interface FoundMark {
  readonly mark: TemplateMark;
  readonly line: number;
  /** 0-based. */
  readonly column: number;
  readonly isBare: boolean;
}

/** Expressions that are only taken for a template's where the parser stumbles over them. */
const AT_ERROR =
  /\$\{[^}\s]*\}?|\$\([A-Za-z_][\w.]*\)|(?<![\w"'.])@@?[A-Za-z_][\w.-]*@@?|(?<![\w"'.])%[A-Za-z_{][\w.-]*[%}]|#\{[^}\s]*\}|<<?[A-Z][A-Z0-9_ -]*>>?/;

/**
 * The template behind a problem at `offset`, or undefined if the document is none.
 *
 * @param inComments whether expressions in comments count, as Salt's and Jinja's line
 * comments do for keys that stand twice
 */
export function explainTemplate(
  offset: number,
  lines: LineIndex,
  inComments: boolean,
): SyntaxProblem | undefined {
  const { line } = lines.positionAt(offset);
  const here = AT_ERROR.exec(withoutComment(withoutQuoted(lines.lineText(line))));
  const found = marksAround(line, lines, inComments);
  const bare = nearest(found.filter(({ isBare }) => isBare), line);
  if (bare !== undefined && (here === null || bare.line === line)) return problemOf(bare, lines);
  if (here === null) return undefined;
  const mark = { text: here[0], index: here.index, renderer: "`envsubst`, `sed`" };
  return problemOf({ mark, line, column: here.index, isBare: true }, lines);
}

/**
 * What to add to the hint of a problem whose document holds expressions inside of texts
 * only, where they may be meant; undefined if it holds none.
 */
export function templateDoubt(offset: number, lines: LineIndex): string | undefined {
  const { line } = lines.positionAt(offset);
  const quoted = nearest(marksAround(line, lines, false), line);
  return quoted &&
    `line ${quoted.line} holds ${quoted.mark.text}: if this is a template, render it first`;
}

function problemOf({ mark, line, column }: FoundMark, lines: LineIndex): SyntaxProblem {
  return {
    code: "template",
    offset: lines.offsetOf(line) + column,
    message: `Line ${line} holds ${mark.text}: this is a template that was not rendered`,
    hint: `${renderHint(mark)}; what is meant as text goes in quotes`,
  };
}

/** The expression on the line itself, else the last one above, else the first one below. */
function nearest(found: readonly FoundMark[], line: number): FoundMark | undefined {
  return found.find((one) => one.line === line) ?? found.findLast((one) => one.line < line) ??
    found[0];
}

/** Every expression of the document that has this line. */
function marksAround(line: number, lines: LineIndex, inComments: boolean): readonly FoundMark[] {
  const isBorder = (text: string) => /^(?:---|\.\.\.)(?:\s|$)/.test(text);
  let first = line;
  while (first > 1 && !isBorder(lines.lineText(first))) first -= 1;
  const found: FoundMark[] = [];
  // Text after "|" or ">" is text, as long as it is deeper than its key.
  let blockIndent: number | undefined;
  for (let at = first; at <= lines.lineCount; at++) {
    const text = lines.lineText(at);
    if (at > line && isBorder(text)) break;
    if (text.trim() === "") continue;
    const indent = text.search(/\S/);
    if (blockIndent !== undefined && indent > blockIndent) continue;
    const own = inComments ? text : withoutComment(text);
    const whole = findTemplateBlock(own);
    if (whole !== undefined) {
      const bare = findTemplateBlock(withoutQuoted(own));
      found.push({
        mark: bare ?? whole,
        line: at,
        column: (bare ?? whole).index,
        isBare: bare !== undefined,
      });
    }
    blockIndent = blockTextIndent(text);
  }
  return found;
}

/** The column below which the text after a line's "|" or ">" ends; undefined for other lines. */
function blockTextIndent(text: string): number | undefined {
  const header = /^(.*\s)[|>][-+0-9]*\s*(?:#.*)?$/.exec(text)?.[1];
  if (header === undefined) return undefined;
  if (/^\s*(?:- +)*- +$/.test(header)) return header.lastIndexOf("-");
  return /:\s+$/.test(header) ? /^\s*(?:- +)*/.exec(header)?.[0].length : undefined;
}

/** The line with everything in quotes blanked out, columns kept. */
function withoutQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (quoted) => " ".repeat(quoted.length));
}

/** The line without the comment at its end; a `#` inside a template's braces begins none. */
function withoutComment(text: string): string {
  const comment = /(?:^|\s)#(?![{}])/.exec(withoutQuoted(text));
  return comment === null ? text : text.slice(0, comment.index);
}

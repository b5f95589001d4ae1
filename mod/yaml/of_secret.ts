/** Problems of documents that hold Secrets: no message may quote a value. */
import type { LineIndex } from "./line_index.ts";

/** What a Secret has, in a text that may be broken anywhere: in `kind` too. */
const SECRET = /\bSecret\b|\bstringData\b/;
const KIND = /^\s*(?:- +)?["']?kind["']?\s*:/im;

/** Whether a text seems to hold a Secret. */
export function holdsSecret(text: string): boolean {
  return SECRET.test(text);
}

/** A line without a value, or with a kind or a version. */
const HARMLESS = /^\s*(?:- +)?(?:[\w-]+:|(?:kind|apiVersion):\s*[\w./-]+)\s*$/;

/**
 * Whether a line of a text may be shown, whatever it is part of.
 *
 * @param hasSecret whether the text seems to hold a Secret
 */
export function isQuotable(line: string, hasSecret: boolean): boolean {
  return !hasSecret || HARMLESS.test(line);
}

/**
 * Whether a line of a text that holds a Secret seems to be of it: its document is one, or has
 * one, or has no kind at all.
 */
export function isOfSecret(line: number, lines: LineIndex): boolean {
  const document = documentAround(line, lines);
  return holdsSecret(document) || !KIND.test(document);
}

function documentAround(line: number, lines: LineIndex): string {
  const isBorder = (at: number) => /^(?:---|\.\.\.)(?:\s|$)/.test(lines.lineText(at));
  let first = line;
  while (first > 1 && !isBorder(first)) first -= 1;
  let last = line;
  while (last < lines.lineCount && !isBorder(last + 1)) last += 1;
  const found: string[] = [];
  for (let at = first; at <= last; at++) found.push(lines.lineText(at));
  return found.join("\n");
}

/** What is wrong, by code, as text that quotes nothing. */
const MESSAGES: Readonly<Record<string, string>> = {
  "control-character": "The text has a control character",
  "duplicate-key": "A key stands twice in one mapping",
  "invalid-key": "A key is no text",
  "json-syntax": "The text is not valid JSON here",
  "nul-byte": "The text has a NUL byte",
  "too-many-problems": "The text has many problems up to here; the rest of it is not read",
  "template": "This is a template that was not rendered",
  "unknown-alias": "An alias refers to an anchor that is not defined above it",
  "yaml-after-quote": "Something stands behind the end of a text in quotes",
  "yaml-anchor": "An anchor or a tag stands where none can be",
  "yaml-block-text": "A text of several lines is not indented as it should be",
  "yaml-character": "The text has a character that an editor or a web page has made",
  "yaml-colon-space": "A space is missing after the colon",
  "yaml-comma": "A comma is missing, or one too many",
  "yaml-comment": "A comment needs a space before it",
  "yaml-dedented-list": "An item of a list is not indented as its list",
  "yaml-document-start": "Something stands beside the start of a document",
  "yaml-escape": "A text in double quotes has an escape that YAML does not have",
  "yaml-indentation": "This line is indented as no line above it allows",
  "yaml-mixed": "Items of a list and keys of a mapping are mixed",
  "yaml-no-colon": "This line is no key with a colon and a value",
  "yaml-reserved-character": "A text cannot begin with this character",
  "yaml-second-colon": "The value has a second colon",
  "yaml-tab": "Tabs cannot indent",
  "yaml-unclosed": "A bracket or a quote that begins here has no end",
};

/** A problem of a Secret's document. */
export interface UnquotedProblem {
  readonly message: string;
  readonly hint: string;
}

/** What is said of a problem of a Secret's document in the place of its own words. */
export function unquoted(code: string, line: number): UnquotedProblem {
  const message = Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : undefined;
  return {
    message: `Line ${line}: ${message ?? "the text is not valid YAML here"}`,
    hint: code === "template"
      ? "Render it first and give podstead the output; the line may be of a Secret and is not shown"
      : "The line may hold a value of a Secret and is not shown; put values in quotes",
  };
}

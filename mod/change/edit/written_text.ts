/** What one pod or object of a file looks like as it was written, for a file of its own. */
import { isMap, isSeq, parseAllDocuments } from "yaml";
import type { Document, Node } from "yaml";
import { canonicalJson } from "../../core/mod.ts";
import type { JsonObject } from "../../core/mod.ts";
import { parseYaml } from "../../yaml/mod.ts";
import { columnOf, lineStart } from "./text_edit.ts";

/** A value of a file: a document of its own, or an item of the list `items` of one. */
export interface WrittenPlace {
  /** 0-based, as `parseYaml` counts. */
  readonly document: number;
  /** 0-based; absent for the document itself. */
  readonly item?: number;
}

/** In UTF-16 units; what is longer was made by a program, and is read once more for nothing. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Reads values out of a text with their comments, the order of their keys and their quotes.
 *
 * @returns the text of the value at a place; undefined if it does not mean `value` on its own, as
 * one that refers to an anchor of another
 */
export function writtenTexts(
  text: string,
): (place: WrittenPlace, value: JsonObject) => string | undefined {
  if (text.length > MAX_LENGTH) return () => undefined;
  let documents: readonly Document.Parsed[] | undefined;
  return ({ document, item }, value) => {
    documents ??= documentsOf(text);
    const found = documents[document];
    if (found === undefined) return undefined;
    const written = item === undefined
      ? documentText(text, documents, document)
      : itemText(text, found, item);
    return written !== undefined && means(written, value) ? written : undefined;
  };
}

function documentsOf(text: string): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, { schema: "failsafe", logLevel: "silent" });
  return "empty" in documents ? [] : documents;
}

/** From behind the `---` above it to the one below it. */
function documentText(
  text: string,
  documents: readonly Document.Parsed[],
  index: number,
): string | undefined {
  const range = documents[index]?.range;
  if (range === undefined) return undefined;
  const start = index === 0 ? 0 : range[0];
  const next = documents[index + 1]?.range[0] ?? text.length;
  return text.slice(start, next).replace(/^---[ \t]*\r?\n/, "")
    .replace(/(^|\n)(---|\.\.\.)[ \t]*(#.*)?(\r?\n)?$/, "$1");
}

/** The lines of an item, with the comments above it, moved to the left. */
function itemText(text: string, { contents }: Document.Parsed, index: number): string | undefined {
  const list = isMap(contents) ? contents.get("items", true) : undefined;
  if (!isSeq(list) || list.flow === true) return undefined;
  const item = list.items[index] as Node | undefined;
  const [start, , end] = item?.range ?? [];
  if (start === undefined || end === undefined) return undefined;
  const column = columnOf(text, start);
  const first = lineStart(text, start);
  const dash = text.slice(first, start);
  if (!/^ *-[ ]+$/.test(dash)) return undefined;
  const lines = `${" ".repeat(dash.length)}${text.slice(start, end)}`.split("\n");
  const own = lines.map((line) => /^\s*$/.test(line) ? "" : line.slice(leading(line, column)));
  return [...commentsAbove(text, first, dash.indexOf("-")), ...own].join("\n");
}

/** How many blanks a line has at its beginning, up to `most`. */
function leading(line: string, most: number): number {
  return Math.min(most, line.length - line.trimStart().length);
}

/** The lines of comments directly above an offset that begin at a column, without the blanks. */
function commentsAbove(text: string, offset: number, column: number): readonly string[] {
  const comments: string[] = [];
  for (let end = offset - 1; end > 0;) {
    const start = lineStart(text, end);
    const line = text.slice(start, end);
    if (line.search(/\S/) !== column || line[column] !== "#") break;
    comments.unshift(line.slice(column));
    end = start - 1;
  }
  return comments;
}

function means(written: string, value: JsonObject): boolean {
  const { documents, problems } = parseYaml(written, "");
  const values = documents.filter((one) => one.value !== null);
  return !problems.some(({ severity }) => severity === "error") && values.length === 1 &&
    canonicalJson(values[0]?.value ?? null) === canonicalJson(value);
}

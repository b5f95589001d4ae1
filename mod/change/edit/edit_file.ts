/** Edits of config files that keep what they do not touch, and are checked by reading them again. */
import { isMap, isScalar, parseAllDocuments } from "yaml";
import type { Document, Node } from "yaml";
import { canonicalJson, getOwn, isJsonObject, PodsteadError, valueAt } from "../../core/mod.ts";
import type { JsonObject, JsonValue, Path } from "../../core/mod.ts";
import { parseYaml } from "../../yaml/mod.ts";
import { renderBlock, styleOf } from "./render_value.ts";
import { applyEdits, type TextEdit } from "./text_edit.ts";
import { NoSmallEdit, YamlEditor } from "./yaml_editor.ts";

/** The place of a value in a file of one or more documents. */
export interface ValuePlace {
  /** 0-based number of its document, as `parseYaml` counts. */
  readonly document: number;
  /** From the document to the value; empty for the document itself. */
  readonly path: Path;
}

/**
 * The text with another value at one place. Comments, the order of keys, quotes
 * and blanks of everything that does not change are kept to the byte.
 *
 * @param file the name for errors
 * @throws {PodsteadError} if the text is written in a way that has no small edit (a value
 * behind an anchor, say); the file is then for a person to edit
 */
export function editValue(
  text: string,
  file: string,
  place: ValuePlace,
  after: JsonValue,
): string {
  const documents = valuesOf(text, file);
  const before = valueAt(documents.get(place.document) ?? null, place.path);
  if (before === undefined) throw notThere(file, place);
  const wanted = new Map(documents);
  const root = documents.get(place.document) ?? null;
  wanted.set(place.document, withValue(root, place.path, after));
  if (isJson(text)) return editJson(text, file, wanted);
  const edited = smallEdit(text, file, place, before, after);
  return checked(edited, file, wanted);
}

/**
 * The text without the value at one place: a list item, a member, or a whole
 * document. Undefined when nothing of the file is left, so that it can be deleted.
 *
 * @throws {PodsteadError} as `editValue`
 */
export function removeValue(text: string, file: string, place: ValuePlace): string | undefined {
  const last = place.path.at(-1);
  if (last === undefined) return removeDocument(text, file, place.document);
  const parentPath = place.path.slice(0, -1);
  const parent = valueAt(valuesOf(text, file).get(place.document) ?? null, parentPath);
  const without = Array.isArray(parent)
    ? parent.filter((_, index) => index !== last)
    : isJsonObject(parent)
    ? Object.fromEntries(Object.entries(parent).filter(([key]) => key !== last))
    : undefined;
  if (without === undefined) throw notThere(file, place);
  return editValue(text, file, { document: place.document, path: parentPath }, without);
}

/**
 * The text with one more document at its end.
 *
 * @param written the document as text, to keep its order; it is rendered if it is left out
 * @throws {PodsteadError} if it would say something else there
 */
export function appendDocument(
  text: string,
  file: string,
  value: JsonObject,
  written = renderBlock(value, 0, styleOf(text)),
): string {
  const before = valuesOf(text, file);
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  const rendered = `${written.trimEnd()}\n`.replace(/\r?\n/g, lineBreak);
  const base = text.endsWith("\n") ? text : `${text}${lineBreak}`;
  const edited = text.trim() === ""
    ? rendered
    : `${base.replace(/(^|\n)\.\.\.\s*$/, "$1")}---${lineBreak}${rendered}`;
  const after = valuesOf(edited, file);
  if (canonicalJson([...before.values(), value]) !== canonicalJson([...after.values()])) {
    throw unsafe(file, "a document behind its last one changes what it says");
  }
  return edited;
}

/** A document as text, in the order of its keys. */
export function renderDocument(value: JsonObject): string {
  return `${renderBlock(value, 0, styleOf(""))}\n`;
}

function removeDocument(text: string, file: string, index: number): string | undefined {
  const values = valuesOf(text, file);
  values.delete(index);
  if (values.size === 0) return undefined;
  const documents = parseAllDocuments(text, { schema: "failsafe", logLevel: "silent" });
  const list: readonly Document.Parsed[] = "empty" in documents ? [] : documents;
  const starts = list.map((one) => boundaryBefore(text, one.range[0]));
  const start = index === 0 ? 0 : starts[index];
  const end = starts[index + 1] ?? text.length;
  if (start === undefined) throw notThere(file, { document: index, path: [] });
  const edited = text.slice(0, start) + text.slice(end);
  const left = [...valuesOf(edited, file).values()];
  if (canonicalJson(left) !== canonicalJson([...values.values()])) {
    throw unsafe(file, "its documents cannot be told apart");
  }
  return edited;
}

/** Where the `---` before a document begins; the document's own start without one. */
function boundaryBefore(text: string, offset: number): number {
  const line = text.lastIndexOf("\n---", offset);
  if (line >= 0 && /^\n---[ \t]*(#.*)?\n?$/.test(text.slice(line, offset))) return line + 1;
  return text.startsWith("---", offset) ? offset : line >= 0 ? line + 1 : offset;
}

function smallEdit(
  text: string,
  file: string,
  place: ValuePlace,
  before: JsonValue,
  after: JsonValue,
): string {
  const documents = parseAllDocuments(text, { schema: "failsafe", logLevel: "silent" });
  const document = "empty" in documents ? undefined : documents[place.document];
  const node = place.path.length === 0
    ? document?.contents
    : document?.getIn(place.path, true) as Node | undefined; // "true" asks for the node
  const editor = new YamlEditor(text, styleOf(text));
  try {
    editor.change(node ?? null, before, after, 2 * place.path.length, keyEndOf(document, place));
    return applyEdits(text, withLineBreaksOf(text, editor.edits));
  } catch (error) {
    if (error instanceof NoSmallEdit) throw unsafe(file, error.message);
    if (error instanceof RangeError) throw unsafe(file, "the changed values overlap");
    throw error;
  }
}

/** Where the key of a value ends, if it is a member of a mapping. */
function keyEndOf(document: Document.Parsed | undefined, { path }: ValuePlace): number | undefined {
  const parent = path.length < 2 ? document?.contents : document?.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))
    : undefined;
  return isScalar(pair?.key) ? pair.key.range?.[1] : undefined;
}

/** New lines end as those of the file do. */
function withLineBreaksOf(text: string, edits: readonly TextEdit[]): readonly TextEdit[] {
  if (!text.includes("\r\n")) return edits;
  return edits.map((edit) => ({ ...edit, text: edit.text.replace(/\r?\n/g, "\r\n") }));
}

/** Braces alone do not make it JSON: YAML in braces may have comments. */
function isJson(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function editJson(text: string, file: string, wanted: ReadonlyMap<number, JsonValue>): string {
  const indent = /^\s*\{\s*?\n([ \t]+)/.exec(text)?.[1];
  const [value = null] = wanted.values();
  const edited = `${JSON.stringify(value, bigints, indent ?? 0)}\n`;
  return checked(edited, file, wanted);
}

function bigints(_: string, value: unknown): unknown {
  if (typeof value === "bigint") throw new RangeError("An integer beyond 2^53 in a JSON file");
  return value;
}

/** @throws {PodsteadError} if the edited text does not say what was meant */
function checked(text: string, file: string, wanted: ReadonlyMap<number, JsonValue>): string {
  const found = valuesOf(text, file);
  const same = found.size === wanted.size &&
    [...wanted].every(([index, value]) =>
      canonicalJson(found.get(index) ?? null) === canonicalJson(value)
    );
  if (!same) throw unsafe(file, "the edited text would say something else");
  return text;
}

function valuesOf(text: string, file: string): Map<number, JsonValue> {
  const parsed = parseYaml(text, file);
  const problem = parsed.problems.find(({ severity }) => severity === "error");
  if (problem !== undefined) throw unsafe(file, problem.message);
  return new Map(
    parsed.documents.filter(({ value }) => value !== null)
      .map(({ index, value }) => [index, value]),
  );
}

function withValue(value: JsonValue, path: Path, after: JsonValue): JsonValue {
  const [first, ...rest] = path;
  if (first === undefined) return after;
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, index) =>
      index === first ? withValue(item, rest, after) : item
    );
  }
  if (!isJsonObject(value)) return value;
  const member = getOwn(value, String(first)) ?? null;
  return { ...value, [String(first)]: withValue(member, rest, after) };
}

function unsafe(file: string, why: string): PodsteadError {
  return new PodsteadError("failed", `Cannot edit "${file}" without a person: ${why}`, {
    hint: `Edit it by hand ("podstead edit --file ${file}"), then "podstead reload"`,
  });
}

function notThere(file: string, place: ValuePlace): PodsteadError {
  return new PodsteadError(
    "not-found",
    `"${file}" has nothing at document ${place.document + 1}, ${place.path.join(".")}`,
  );
}

/** Texts of files to show to a person: without the values of the Secrets in them. */
import { Buffer } from "node:buffer";
import { type Document, isMap, isScalar, isSeq, type Node, parseAllDocuments } from "yaml";
import { applyEdits, type TextEdit } from "../edit/text_edit.ts";

/** One value of a Secret in a text. */
interface SecretValue {
  /** Of its place in the objects, not in the text: `default/app data password`. */
  readonly key: string;
  readonly value: string;
  readonly sizeBytes: number;
  readonly start: number;
  readonly end: number;
}

/** What stands for a text that has a Secret and cannot be read: where its values are is unknown. */
const UNREADABLE = "(not shown: it has a Secret, and cannot be read as YAML)\n";

/** What an API server's client keeps of an object, values and all. */
const COPY_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * A text with the size of each value of its Secrets in the value's place.
 *
 * @param before the text before a change: a value that it changes says so
 */
export function hideSecrets(text: string, before = ""): string {
  if (!/\bSecret/.test(text)) return text;
  const values = secretValues(text);
  if (values === undefined) return UNREADABLE;
  const old = new Map((secretValues(before) ?? []).map(({ key, value }) => [key, value]));
  const edits = values.map(({ key, value, sizeBytes, start, end }): TextEdit => {
    const was = old.get(key);
    const changed = was !== undefined && was !== value ? ", changed" : "";
    const lineEnd = text.slice(start, end).endsWith("\n") ? "\n" : "";
    const size = `${sizeBytes} ${sizeBytes === 1 ? "byte" : "bytes"}`;
    return { start, end, text: `(hidden, ${size}${changed})${lineEnd}` };
  });
  return applyEdits(text, edits);
}

/** The values of every Secret of a text; undefined if it cannot be read. */
function secretValues(text: string): readonly SecretValue[] | undefined {
  if (!/\bSecret/.test(text)) return [];
  const parsed = parseAllDocuments(text, { schema: "failsafe", logLevel: "silent" });
  const documents: readonly Document.Parsed[] = "empty" in parsed ? [] : parsed;
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  const found: SecretValue[] = [];
  for (const { contents } of documents) look(contents, found);
  return found;
}

/** Finds Secrets at any depth: also in lists. */
function look(node: Node | null, found: SecretValue[]): void {
  if (isSeq(node)) {
    for (const item of node.items) look(item as Node, found);
    return;
  }
  if (!isMap(node)) return;
  if (textOf(node.get("kind", true)) === "Secret") return take(node, found);
  for (const { value } of node.items) look(value as Node | null, found);
}

function take(secret: Node, found: SecretValue[]): void {
  if (!isMap(secret)) return;
  const name = (key: string) => textOf(secret.getIn(["metadata", key], true)) ?? "";
  const of = `${name("namespace")}/${name("name")}`;
  for (const field of ["data", "stringData"]) {
    const values = secret.get(field, true);
    if (!isMap(values)) continue;
    for (const { key, value } of values.items) {
      put(value, `${of} ${field} ${textOf(key)}`, field === "data" ? "base64" : "utf8", found);
    }
  }
  put(
    secret.getIn(["metadata", "annotations", COPY_ANNOTATION], true),
    `${of} copy`,
    "utf8",
    found,
  );
}

function put(node: unknown, key: string, encoding: "base64" | "utf8", found: SecretValue[]): void {
  const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
  if (!range) return;
  const value = isScalar(node) ? String(node.value) : "";
  const [start, end] = range;
  if (start === end) return;
  found.push({ key, value, sizeBytes: Buffer.byteLength(value, encoding), start, end });
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === "string" ? node.value : undefined;
}

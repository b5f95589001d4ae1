/**
 * Files of the pod's own fields, as far as they are known before the pod runs.
 *
 * Source: kubernetes pkg/fieldpath/fieldpath.go, `ExtractFieldPathAsString` and `FormatMap`.
 */
import { Buffer } from "node:buffer";
import { getOwn, isJsonObject, type JsonObject } from "../core/mod.ts";
import { objectAt, textAt } from "./json.ts";

/**
 * The text of a field.
 *
 * @param fieldPath such as `metadata.labels['app']`
 * @returns undefined if it is not known before the pod runs
 */
export function fieldText(
  pod: JsonObject,
  namespace: string,
  nodeName: string,
  fieldPath: string,
): string | undefined {
  const metadata = objectAt(pod, "metadata");
  if (fieldPath === "metadata.name") return `${textAt(metadata, "name") ?? ""}-${nodeName}`;
  if (fieldPath === "metadata.namespace") return namespace;
  if (fieldPath === "metadata.labels") return formatMap(objectAt(metadata, "labels"));
  if (fieldPath === "metadata.annotations") return formatMap(objectAt(metadata, "annotations"));
  const one = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  const [, map = "", key = ""] = one ?? [];
  if (one === null) return undefined;
  const value = getOwn(objectAt(metadata, map), key);
  return typeof value === "string" ? value : "";
}

/** `key="value"`, one a line, sorted; the values quoted as Go does. */
function formatMap(map: JsonObject): string {
  return Object.keys(map).sort().map((key) => `${key}=${quote(String(map[key] ?? ""))}`).join("\n");
}

/** Source: Go strconv.Quote: what cannot be printed is escaped, everything else is as it is. */
function quote(text: string): string {
  const escaped = Array.from(text, (character) => {
    const simple = SIMPLE.get(character);
    if (simple !== undefined) return simple;
    if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `"${escaped.join("")}"`;
}

const SIMPLE = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** The field that an item of a downward API part names; undefined if it is another sort of item. */
export function fieldPathOf(item: JsonObject): string | undefined {
  const reference = getOwn(item, "fieldRef");
  return isJsonObject(reference) ? textAt(reference, "fieldPath") : undefined;
}

/** A text as the content of a file. */
export function fileData(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

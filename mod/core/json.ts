/**
 * JSON as data: the value model shared by YAML parsing, pods and the wire.
 *
 * Integers outside the safe range of a `number` are `bigint`, so that an
 * `int64` field survives the way from the file to the kubelet unchanged.
 */

/** Any JSON value. A `bigint` stands for an integer a `number` cannot hold exactly. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonObject;

/** A JSON object; keys are own properties only, `__proto__` included. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** True for a JSON object: neither null, nor an array, nor a scalar. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Own property of a JSON object, or undefined; never an inherited one. */
export function getOwn(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * One text for one value: object keys sorted by UTF-16 code unit, no white space.
 *
 * The served manifest and the spec hash are made of it, so its output must
 * never change between releases (`tests/golden` holds that).
 *
 * @throws {TypeError} on NaN and infinities, which JSON does not have.
 */
export function canonicalJson(value: JsonValue): string {
  // Every pod goes through here several times in a reload: the engine's own writer is quicker, and
  // leaves no thousand pieces of text behind.
  const sorted = sortedCopy(value);
  return sorted === undefined ? writeJson(value) : JSON.stringify(sorted);
}

/** The value with its keys in order; undefined if `JSON.stringify` would not write it as it is. */
function sortedCopy(value: JsonValue): JsonValue | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "bigint":
      return undefined;
    case "object":
      if (value === null) return value;
      return isJsonObject(value) ? sortedObject(value) : sortedArray(value);
    default:
      return value;
  }
}

function sortedObject(object: JsonObject): JsonObject | undefined {
  const sorted: Record<string, JsonValue> = {};
  for (const key of Object.keys(object).sort()) {
    if (HAS_OWN_ORDER.test(key)) return undefined;
    const member = object[key];
    if (member === undefined) continue; // absent, as for JSON.stringify
    const copy = sortedCopy(member);
    if (copy === undefined) return undefined;
    sorted[key] = copy;
  }
  return sorted;
}

function sortedArray(items: readonly JsonValue[]): readonly JsonValue[] | undefined {
  const sorted: JsonValue[] = [];
  for (const item of items) {
    const copy = sortedCopy(item);
    if (copy === undefined) return undefined;
    sorted.push(copy);
  }
  return sorted;
}

/** Keys that an object lists before all others, or does not take as keys. */
const HAS_OWN_ORDER = /^(?:[0-9]|__proto__$|toJSON$)/;

function writeJson(value: JsonValue): string {
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no number ${value}`);
      return JSON.stringify(value);
    case "bigint":
      return value.toString();
    case "string":
      return quote(value);
    case "object":
      if (value === null) return "null";
      return isJsonObject(value) ? writeObject(value) : writeArray(value);
    default:
      return JSON.stringify(value);
  }
}

function writeObject(object: JsonObject): string {
  let text = "";
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined) continue; // absent, as for JSON.stringify
    text += `${text === "" ? "" : ","}${quote(key)}:${writeJson(member)}`;
  }
  return `{${text}}`;
}

function writeArray(items: readonly JsonValue[]): string {
  let text = "";
  for (const item of items) text += `${text === "" ? "" : ","}${writeJson(item)}`;
  return `[${text}]`;
}

/** What JSON escapes, and half a surrogate pair, which `JSON.stringify` escapes as well. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Whether two values have the same canonical JSON: the order of keys does not matter. */
export function isSameJson(left: JsonValue, right: JsonValue): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  if (isJsonObject(left)) return isJsonObject(right) && isSameObject(left, right);
  if (isJsonObject(right) || left.length !== right.length) return false;
  return left.every((item, at) => isSameJson(item, right[at] ?? null));
}

function isSameObject(left: JsonObject, right: JsonObject): boolean {
  // A member that is undefined is absent, as for canonicalJson.
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    const [one, other] = [getOwn(left, key), getOwn(right, key)];
    if (one === undefined || other === undefined) {
      if (one !== other) return false;
    } else if (!isSameJson(one, other)) return false;
  }
  return true;
}

/**
 * Reads JSON with integers beyond the safe range exact, as `bigint`.
 *
 * @throws {SyntaxError} for text that is not JSON
 */
export function parseJson(text: string): JsonValue {
  // A reviver takes several times as long, and hardly any text needs it.
  return LONG_NUMBER.test(text) ? JSON.parse(text, reviveExactly) : JSON.parse(text);
}

/** Where a number of 16 digits or more may begin: 2^53 has 16. */
const LONG_NUMBER = /(?:^|[:[,])\s*-?\d{16}/;

/** The reviver's third argument (ES2026) has the digits that the number has lost. */
function reviveExactly(_key: string, value: unknown, context?: { readonly source?: string }) {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const digits = context?.source;
  return digits !== undefined && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

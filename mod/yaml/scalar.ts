/**
 * What a plain (unquoted) scalar means, by the rules of the kubelet's decoder:
 * sigs.k8s.io/yaml, which is go-yaml v2 (YAML 1.1 without base 60) and then JSON.
 */
import type { JsonValue } from "../core/mod.ts";

/** A scalar's value, or why JSON has none for it. */
export type ScalarResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly reason: "no-number" | "tag" | "base64" };

const TAG = "tag:yaml.org,2002:";

// Source: sigs.k8s.io/yaml goyaml.v2/resolve.go, resolveMapList.
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) =>
    [word, true] as const
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) =>
    [word, false] as const
  ),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);

const NOT_FINITE = /^(?:\.(?:nan|NaN|NAN)|[-+]?\.(?:inf|Inf|INF))$/;
// Source: resolve.go, yamlStyleFloat.
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
// strconv.ParseFloat takes more after a leading dot only in notations without digits.
const DOT_FLOAT = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;
// The time formats of resolve.go, allowedTimestampFormats: these stay strings.
const TIMESTAMP =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;

// More digits than this are no number that anybody means, and BigInt is quadratic in them.
const MAX_DIGITS = 400;

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * Resolves a scalar.
 *
 * @param source the text; for a quoted scalar, its content
 * @param plain true for an unquoted scalar without a tag of its own
 * @param tag the explicit tag in its long form (`tag:yaml.org,2002:str`), if any
 */
export function resolveScalar(
  source: string,
  plain: boolean,
  tag: string | undefined,
): ScalarResult {
  if (tag === undefined || tag === "?") return plain ? resolvePlain(source) : text(source);
  if (tag === "!" || tag === `${TAG}str`) return text(source);
  if (tag === `${TAG}binary`) return resolveBinary(source);
  if (!tag.startsWith(TAG)) return text(source);

  const kind = tag.slice(TAG.length);
  if (!["int", "float", "bool", "null", "timestamp"].includes(kind)) return text(source);
  const resolved = resolvePlain(source);
  if (!resolved.ok) return resolved;
  const { value } = resolved;
  const fits = {
    int: typeof value === "bigint" || Number.isInteger(value),
    float: typeof value === "number" || typeof value === "bigint",
    bool: typeof value === "boolean",
    null: value === null,
    timestamp: typeof value === "string" && TIMESTAMP.test(source),
  }[kind];
  return fits ? resolved : { ok: false, reason: "tag" };
}

function text(value: string): ScalarResult {
  return { ok: true, value };
}

function resolvePlain(source: string): ScalarResult {
  const word = WORDS.get(source);
  if (word !== undefined) return { ok: true, value: word };
  if (NOT_FINITE.test(source)) return { ok: false, reason: "no-number" };
  if (source.startsWith(".")) {
    return DOT_FLOAT.test(source) ? float(source) : text(source);
  }
  if (!/^[-+0-9]/.test(source) || TIMESTAMP.test(source)) return text(source);
  const digits = source.replaceAll("_", "");
  if (digits.length > MAX_DIGITS) {
    return /^[-+]?[0-9]+$/.test(digits) ? { ok: false, reason: "no-number" } : text(source);
  }
  const integer = parseInteger(digits);
  if (integer !== undefined && integer >= INT64_MIN && integer <= UINT64_MAX) {
    return { ok: true, value: toJsonInteger(integer) };
  }
  // Hexadecimal beyond 64 bits, such as an address of a ledger, stays the text that it was.
  return FLOAT.test(digits) ? float(digits) : text(source);
}

/** Integers in Go's notation: decimal, `0x`, `0o`, `0b`, and octal with a leading zero. */
function parseInteger(source: string): bigint | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.exec(source);
  if (match === null) return undefined;
  const [, sign, body] = match;
  const magnitude = BigInt(/^0[0-7]/.test(body!) ? `0o${body!.slice(1)}` : body!);
  return sign === "-" ? -magnitude : magnitude;
}

/** A `number` where it is exact, else a `bigint`. */
export function toJsonInteger(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

function float(source: string): ScalarResult {
  const value = Number(source);
  // As in Go, a float out of range is no float, so it stays the text that it was.
  return Number.isFinite(value) ? { ok: true, value } : text(source);
}

function resolveBinary(source: string): ScalarResult {
  try {
    const bytes = Uint8Array.from(atob(source.replace(/\s+/g, "")), (char) => char.charCodeAt(0));
    return text(new TextDecoder().decode(bytes));
  } catch {
    // `atob` throws for anything that is no base64; the reason says it.
    return { ok: false, reason: "base64" };
  }
}

/**
 * YAML that was read on its way from one process to another, in pieces: none takes the
 * receiver long to decode, so that it can do other things in between.
 */
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../core/mod.ts";
import type { Problem } from "../core/mod.ts";
import type { ScannedDocument, ScannedYaml } from "./scanned.ts";

/** How long a piece of JSON may be, in characters; more is cut where it has parts. */
const PIECE_CHARS = 64 * 1024;

// What a piece holds: its first byte.
/** The next part of the text. */
const TEXT = 1;
const PROBLEMS = 2;
/** A value as a whole. */
const VALUE = 3;
/** The value is a list or an object whose parts follow, up to the end. */
const LIST = 4;
const OBJECT = 5;
const END = 6;
/** Several items of the list, or members of the object. */
const PARTS = 7;
/** The key of the member whose value follows. */
const KEY = 8;
/** The number of a document, after its value; then its places. */
const INDEX = 9;
const PLACES = 10;

/** Cuts what was read into pieces. */
export function* encodeScan({ text, documents, problems }: ScannedYaml): Generator<Uint8Array> {
  for (const part of textParts(text)) yield piece(TEXT, part);
  yield piece(PROBLEMS, JSON.stringify(problems));
  for (const { index, value, places } of documents) {
    yield* encodeValue(value);
    yield piece(INDEX, String(index));
    const bytes = new Uint8Array(1 + places.byteLength);
    bytes[0] = PLACES;
    bytes.set(new Uint8Array(places.buffer, places.byteOffset, places.byteLength), 1);
    yield bytes;
  }
}

/** How much of the text is in a piece, in characters. */
const TEXT_CHARS = 512 * 1024;

function* textParts(text: string): Generator<string> {
  let at = 0;
  do {
    let end = Math.min(at + TEXT_CHARS, text.length);
    // Half of a character outside the basic plane cannot be encoded.
    if (end < text.length && isFirstHalf(text.charCodeAt(end - 1))) end += 1;
    yield text.slice(at, end);
    at = end;
  } while (at < text.length);
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Takes the pieces in their order. */
export function decodeScan(): {
  take(piece: Uint8Array): void;
  /** @throws {Error} if pieces are missing */
  end(): ScannedYaml;
} {
  let text: string | undefined;
  let problems: readonly Problem[] = [];
  const documents: ScannedDocument[] = [];
  const open: { container: JsonValue[] | Map<string, JsonValue>; key: string | undefined }[] = [];
  let value: JsonValue | undefined;
  let index = 0;

  const put = (part: JsonValue) => {
    const parent = open.at(-1);
    if (parent === undefined) value = part;
    else if (Array.isArray(parent.container)) parent.container.push(part);
    else if (parent.key !== undefined) parent.container.set(parent.key, part);
  };
  const putParts = (parts: JsonValue) => {
    const container = open.at(-1)?.container;
    if (Array.isArray(container) && Array.isArray(parts)) container.push(...parts);
    if (container instanceof Map && isJsonObject(parts)) {
      for (const [key, part] of Object.entries(parts)) container.set(key, part);
    }
  };
  const close = () => {
    const container = open.pop()?.container ?? [];
    put(Array.isArray(container) ? container : Object.fromEntries(container));
  };
  return {
    take(bytes) {
      const body = bytes.subarray(1);
      const words = () => DECODER.decode(body);
      switch (bytes[0]) {
        case TEXT:
          text = (text ?? "") + words();
          break;
        case PROBLEMS:
          problems = JSON.parse(words());
          break;
        case VALUE:
          put(parseJson(words()));
          break;
        case LIST:
          open.push({ container: [], key: undefined });
          break;
        case OBJECT:
          open.push({ container: new Map(), key: undefined });
          break;
        case PARTS:
          putParts(parseJson(words()));
          break;
        case KEY: {
          const parent = open.at(-1);
          if (parent !== undefined) parent.key = words();
          break;
        }
        case END:
          close();
          break;
        case INDEX:
          index = Number(words());
          break;
        case PLACES:
          documents.push({
            index,
            value: value ?? null,
            // A copy is aligned, which the piece need not be; a Buffer's own slice is no copy.
            places: new Uint32Array(new Uint8Array(body).buffer),
          });
      }
    },
    end() {
      if (text === undefined) throw new Error("Its text is missing");
      return { text, documents, problems };
    },
  };
}

function* encodeValue(value: JsonValue): Generator<Uint8Array> {
  const whole = orderedJson(value);
  const parts: readonly (readonly [string | undefined, JsonValue])[] = Array.isArray(value)
    ? value.map((item) => [undefined, item] as const)
    : isJsonObject(value)
    ? Object.entries(value)
    : [];
  if (whole.length <= PIECE_CHARS || parts.length === 0) return yield piece(VALUE, whole);
  const isList = Array.isArray(value);
  const [before, after] = isList ? ["[", "]"] : ["{", "}"];
  yield piece(isList ? LIST : OBJECT, "");
  let batch = "";
  for (const [key, part] of parts) {
    const json = orderedJson(part);
    const isLarge = json.length > PIECE_CHARS;
    if (batch !== "" && (isLarge || batch.length + json.length > PIECE_CHARS)) {
      yield piece(PARTS, before + batch + after);
      batch = "";
    }
    if (isLarge) {
      if (key !== undefined) yield piece(KEY, key);
      yield* encodeValue(part);
    } else {
      batch += `${batch === "" ? "" : ","}${key === undefined ? "" : `${JSON.stringify(key)}:`}`;
      batch += json;
    }
  }
  if (batch !== "") yield piece(PARTS, before + batch + after);
  yield piece(END, "");
}

/** JSON with the keys in their own order, and integers of any length. */
function orderedJson(value: JsonValue): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(orderedJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const object: JsonObject = value;
  return `{${
    Object.keys(object).map((key) => `${JSON.stringify(key)}:${orderedJson(object[key] ?? null)}`)
      .join(",")
  }}`;
}

function piece(kind: number, text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}

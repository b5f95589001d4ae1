/**
 * A pod as Go's `spew` prints it for a hash: every field with its name and type.
 *
 * Source: github.com/davecgh/go-spew `Sprintf("%#v")` without methods and with sorted
 * keys, which k8s.io/utils/dump `ForHash` calls.
 */
import { Buffer } from "node:buffer";
import { Quantity } from "../quantity.ts";
import { NIL_LIST, NIL_MAP } from "../types/mod.ts";
import { GO_STRUCTS } from "./go_structs.ts";
import { dumpQuantity, ZERO_QUANTITY } from "./quantity_dump.ts";

/** Something that podstead does not know how Go keeps it; the hash is not to be had. */
export class NotDumpable extends Error {
  override readonly name = "NotDumpable";
}

/** A Go type, read from its text once. */
type GoType =
  | { readonly kind: "pointer" | "slice"; readonly text: string; readonly of: GoType }
  | { readonly kind: "map"; readonly text: string; readonly of: GoType }
  | { readonly kind: "struct"; readonly text: string; readonly fields: readonly GoField[] }
  | { readonly kind: "scalar" | "quantity" | "intOrString" | "time"; readonly text: string };

interface GoField {
  readonly name: string;
  /** Undefined for a struct whose fields stand in the outer one. */
  readonly key: string | undefined;
  readonly type: string;
}

const types = new Map<string, GoType>();

function goType(text: string): GoType {
  let type = types.get(text);
  if (type === undefined) {
    type = readType(text);
    types.set(text, type);
  }
  return type;
}

function readType(text: string): GoType {
  if (text.startsWith("*")) return { kind: "pointer", text, of: goType(text.slice(1)) };
  if (text.startsWith("[]")) return { kind: "slice", text, of: goType(text.slice(2)) };
  if (text.startsWith("map[")) {
    return { kind: "map", text, of: goType(text.slice(text.indexOf("]") + 1)) };
  }
  if (text === "core.ResourceList") return { kind: "map", text, of: goType("resource.Quantity") };
  if (text === "resource.Quantity") return { kind: "quantity", text };
  if (text === "intstr.IntOrString") return { kind: "intOrString", text };
  if (text === "v1.Time") return { kind: "time", text };
  const fields = GO_STRUCTS[text];
  if (fields === undefined) return { kind: "scalar", text };
  return { kind: "struct", text, fields: fields.split(", ").map(readField) };
}

function readField(text: string): GoField {
  const [name = "", type = "", key] = text.split(" ");
  return { name, type, key: key === "=" ? undefined : key ?? jsonName(name) };
}

/** Leading capitals become small ones, but for the one that begins the next word. */
function jsonName(goName: string): string {
  return goName.replace(
    /^[A-Z]+/,
    (capitals) =>
      capitals.length === 1 || capitals.length === goName.length
        ? capitals.toLowerCase()
        : capitals.slice(0, -1).toLowerCase() + capitals.slice(-1),
  );
}

/**
 * The dump of a value of the Go type `type`, with its type before it.
 *
 * @throws {NotDumpable} on a value whose Go form is not known.
 */
export function dumpTyped(value: unknown, type: string): string {
  const known = goType(type);
  return `(${known.text})${dump(value, known)}`;
}

function dump(value: unknown, type: GoType): string {
  switch (type.kind) {
    case "pointer":
      return value === undefined ? "<nil>" : dump(value, type.of);
    case "slice":
      return dumpSlice(value, type.of);
    case "map":
      return dumpMap(value, type.of);
    case "struct":
      return dumpStruct(value, type.fields);
    case "quantity":
      if (value === Quantity.ZERO) return ZERO_QUANTITY;
      if (value instanceof Quantity) return dumpQuantity(value);
      break;
    case "intOrString":
      return typeof value === "string"
        ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
        : `{Type:(intstr.Type)0 IntVal:(int32)${value} StrVal:(string)}`;
    case "time":
      // A time that is set has the zone tables of its machine in it.
      if (value !== "") break;
      return "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}";
    case "scalar":
      if (["string", "number", "bigint", "boolean"].includes(typeof value)) return String(value);
  }
  throw new NotDumpable(type.text);
}

function dumpSlice(value: unknown, of: GoType): string {
  if (value === NIL_LIST) return "<nil>";
  if (!Array.isArray(value)) throw new NotDumpable(of.text);
  return `[${value.map((item) => dump(item, of)).join(" ")}]`;
}

function dumpMap(value: unknown, of: GoType): string {
  if (value === NIL_MAP) return "<nil>";
  if (!(value instanceof Map)) throw new NotDumpable(of.text);
  const entries = [...value].sort(([left], [right]) => compareBytes(left, right));
  return `map[${entries.map(([key, item]) => `${key}:${dump(item, of)}`).join(" ")}]`;
}

function dumpStruct(value: unknown, fields: readonly GoField[]): string {
  if (typeof value !== "object" || value === null) throw new NotDumpable("struct");
  const own: { readonly [name: string]: unknown } = { ...value };
  const parts = fields.map(({ name, key, type }) => {
    const field = key === undefined ? value : own[key];
    return `${name}:${dumpTyped(field, type)}`;
  });
  return `{${parts.join(" ")}}`;
}

/** Go sorts strings by their bytes, which is by code point. */
function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

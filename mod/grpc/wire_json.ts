import { Buffer } from "node:buffer";
import type { JsonObject, JsonValue } from "../core/mod.ts";
import { type Field, type MessageType, typeOf } from "./wire.ts";

/**
 * A message as ProtoJSON writes it, as crictl does: names in camel case, int64
 * as text, enums by name, bytes in base64. Messages that are not there are left
 * out, everything else is written.
 *
 * Source: protobuf.dev/programming-guides/json.
 */
export function messageToJson<T>(type: MessageType<T>, message: T): JsonObject {
  const json: Record<string, JsonValue> = {};
  for (const field of type.fields.values()) {
    // Only the names of the type's own table are read.
    const value = (message as Readonly<Record<string, unknown>>)[field.name];
    if (value === undefined) continue;
    json[field.name] = Array.isArray(value)
      ? value.map((item) => valueToJson(field, item))
      : valueToJson(field, value);
  }
  return json;
}

function valueToJson(field: Field, value: unknown): JsonValue {
  if (field.kind === "message") return messageToJson(typeOf(field), value);
  if (field.kind === "enum") {
    const name = Object.entries(field.detail ?? {}).find(([, number]) => number === value)?.[0];
    return name ?? Number(value);
  }
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // What is left is a text, a number, a truth value or a map of texts.
  return value as JsonValue;
}

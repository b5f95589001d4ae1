/** Ways into a pod as JSON, of any shape: what does not fit is taken for absent. */
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";

/** A member that is an object; empty if it is none. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const member = getOwn(value, key);
  return isJsonObject(member) ? member : {};
}

/** A member that is a text; undefined if it is none or empty. */
export function textAt(value: JsonObject, key: string): string | undefined {
  const member = getOwn(value, key);
  return typeof member === "string" && member !== "" ? member : undefined;
}

/** A member that is a whole number; undefined if it is none. */
export function integerAt(value: JsonObject, key: string): number | undefined {
  const member = getOwn(value, key);
  return typeof member === "number" && Number.isInteger(member) ? member : undefined;
}

/** The items of a member that is a list; empty if it is none. */
export function itemsAt(value: JsonObject, key: string): readonly JsonValue[] {
  const member = getOwn(value, key);
  return Array.isArray(member) ? member : [];
}

/** `optional: true`. */
export function isOptional(value: JsonObject): boolean {
  return getOwn(value, "optional") === true;
}

/** The lists of a pod's containers. */
export const CONTAINER_LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

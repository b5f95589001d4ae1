/** The smallest pod that has a field, for asking the rules about it. */
import type { JsonObject, JsonValue } from "../core/mod.ts";
import { fieldsOf } from "./schema.ts";
import { Pod } from "./types/mod.ts";
import type { Kind } from "./types/mod.ts";

/** What a container needs to be one. */
const CONTAINER: JsonObject = { name: "a", image: "a:1" };
/** Texts that references and keys must have to count as such. */
const NAMING = new Set(["name", "secretName", "key", "claimName", "driver", "volumeName"]);
/** The key of a map's only entry. */
export const SAMPLE_KEY = "a";

/** A pod with `value` at a path of field names; lists and maps on the way have one entry. */
export function samplePod(
  path: readonly string[],
  value: JsonValue | undefined,
  container: JsonObject = CONTAINER,
): JsonObject {
  const pod = place(Pod, path, value, container);
  const base: JsonObject = { metadata: { name: "a" }, spec: { containers: [container] } };
  return merge(base, pod as JsonObject) as JsonObject; // a pod is a mapping
}

function place(
  kind: Kind<unknown>,
  [name, ...rest]: readonly string[],
  value: JsonValue | undefined,
  container: JsonObject,
): JsonValue | undefined {
  if (name === undefined) return value;
  const { shape } = kind;
  if (shape.is === "list") return [place(shape.of, [name, ...rest], value, container) ?? {}];
  if (shape.is === "map") {
    return { [SAMPLE_KEY]: place(shape.of, [name, ...rest], value, container) ?? {} };
  }
  const field = fieldsOf(kind)?.[name];
  if (field === undefined) return {};
  const below = place(field, rest, value, container);
  const isContainer = fieldsOf(kind)?.["imagePullPolicy"] !== undefined;
  return { ...(isContainer ? container : {}), ...(below === undefined ? {} : { [name]: below }) };
}

/** A value of a kind, with the texts that make it a reference where it is one. */
export function sampleValue(kind: Kind<unknown>, text = "a"): JsonValue {
  const { shape } = kind;
  if (shape.is === "list") return [sampleValue(shape.of, text)];
  if (shape.is === "map") return { [SAMPLE_KEY]: sampleValue(shape.of, text) };
  if (shape.is !== "struct") {
    if (shape.name === "text") return text;
    return shape.name === "true or false" ? true : 1;
  }
  return Object.fromEntries(
    Object.entries(shape.fields).filter(([name]) => NAMING.has(name))
      .map(([name, field]) => [name, sampleValue(field, text)]),
  );
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const own = merged[key];
    merged[key] = isMapping(own) && isMapping(value) ? merge(own, value) : value;
  }
  return merged;
}

function isMapping(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

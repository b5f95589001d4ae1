/** Sealed values: which there are, and what is served in their place. */
import { Buffer } from "node:buffer";
import {
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Path,
  valueAt,
} from "../core/mod.ts";
import { isSealed, type NodeObject, type ObjectEntry } from "../pods/mod.ts";
import { literal } from "./env.ts";
import type { Unseal } from "./unseal.ts";
import type { VolumeFiles } from "./volume_files.ts";

/** What a pod has of sealed values. */
export interface WithSealed {
  readonly pod: JsonObject;
  readonly volumes?: readonly VolumeFiles[];
  /** Where `pod` has sealed values, as texts of an environment. */
  readonly sealed?: readonly Path[];
}

/** The sealed values of Secrets as they are written, in base64. */
export function sealedInEntries(entries: readonly ObjectEntry[]): readonly string[] {
  return entries.filter(({ kind }) => kind === "Secret").flatMap(({ entry: { pod } }) => {
    if (!isJsonObject(pod)) return [];
    return [
      ...textsOf(pod, "stringData").map((text) => Buffer.from(text).toString("base64")),
      // As the verdict on the object has it: in its canonical form.
      ...textsOf(pod, "data").map((text) => Buffer.from(text, "base64").toString("base64")),
    ].filter(isSealed);
  });
}

/** The sealed values of objects that the node has, in base64. */
export function sealedInObjects(objects: readonly NodeObject[]): readonly string[] {
  return objects.flatMap(({ kind, binary }) =>
    kind === "Secret" ? Object.values(binary).filter(isSealed) : []
  );
}

/** The sealed values of a pod as it was resolved, in base64. */
export function sealedInPod({ pod, volumes = [], sealed = [] }: WithSealed): readonly string[] {
  return [
    ...volumes.flatMap(({ files }) => files.flatMap((file) => file.sealed ? file.data : [])),
    ...sealed.flatMap((path) => {
      const text = valueAt(pod, path);
      return typeof text === "string" ? Buffer.from(text).toString("base64") : [];
    }),
  ];
}

/** The pod with its environment opened. @returns why not, as the end of a sentence */
export function openPod(
  { pod, sealed = [] }: WithSealed,
  unseal: Unseal,
): { readonly pod: JsonObject } | { readonly fault: string } {
  let opened = pod;
  for (const path of sealed) {
    const text = valueAt(pod, path);
    if (typeof text !== "string") continue;
    const result = unseal(Buffer.from(text).toString("base64"));
    if ("fault" in result) return result;
    const value = Buffer.from(result.value, "base64").toString("utf8");
    // What is at an object's root is an object.
    opened = replaced(opened, path, getOwn(literal("", value), "value") ?? null) as JsonObject;
  }
  return { pod: opened };
}

function replaced(value: JsonValue, [segment, ...rest]: Path, by: JsonValue): JsonValue {
  if (segment === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, at) => at === segment ? replaced(item, rest, by) : item);
  }
  if (!isJsonObject(value)) return value;
  return { ...value, [segment]: replaced(getOwn(value, String(segment)) ?? null, rest, by) };
}

function textsOf(value: JsonObject, field: string): readonly string[] {
  const members = getOwn(value, field);
  if (!isJsonObject(members)) return [];
  return Object.values(members).filter((member) => typeof member === "string");
}

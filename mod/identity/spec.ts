/** The parts of a declared pod that its identity rests on. */
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";

/** Ordinary containers, as declared. */
export function containersOf(pod: JsonObject): readonly JsonObject[] {
  return objects(getOwn(objectAt(pod, "spec"), "containers"));
}

/** Init containers that run as long as the pod does. */
export function sidecarsOf(pod: JsonObject): readonly JsonObject[] {
  return initContainersOf(pod).filter(isSidecar);
}

/** Init containers of both kinds. */
export function initContainersOf(pod: JsonObject): readonly JsonObject[] {
  return objects(getOwn(objectAt(pod, "spec"), "initContainers"));
}

/** Whether an init container is a sidecar. */
export function isSidecar(container: JsonObject): boolean {
  return getOwn(container, "restartPolicy") === "Always";
}

/** An object member; an empty object if there is none. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key);
  return isJsonObject(value) ? value : {};
}

/** The items of a list that are objects; none where it is no list. */
export function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one: JsonValue) => isJsonObject(one)) : [];
}

/** A text member; an empty text if there is none. */
export function textAt(object: JsonObject, key: string): string {
  const value = getOwn(object, key);
  return typeof value === "string" ? value : "";
}

/**
 * The strategic merge patch of a Pod, as `kubectl patch` makes it by default.
 *
 * Source: Kubernetes v1.36, apimachinery pkg/util/strategicpatch and the
 * `patchStrategy` tags of core/v1's Pod.
 */
import { canonicalJson, isJsonObject, PodsteadError } from "../../core/mod.ts";
import type { JsonObject, JsonValue } from "../../core/mod.ts";

/** Lists of a Pod whose items are merged by the member that names them; all others are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  volumes: "name",
  ports: "containerPort",
  env: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  imagePullSecrets: "name",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
  resourceClaims: "name",
  schedulingGates: "name",
  ownerReferences: "uid",
};
/** Lists of plain values that a patch adds to. */
const MERGED_VALUES: ReadonlySet<string> = new Set(["finalizers"]);

const DELETE_VALUES = "$deleteFromPrimitiveList/";
const ORDER = "$setElementOrder/";

/**
 * Applies a strategic merge patch to a Pod. `null` takes a member out; lists
 * such as `containers` are merged by name; `$patch: replace|delete|merge`,
 * `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…` mean what
 * they mean to kubectl.
 *
 * @throws {PodsteadError} for an unknown directive, or a list item without its name
 */
export function strategicMerge(pod: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(pod, patch, []) ?? {};
}

/** Undefined when the patch deletes the object. */
function mergeObject(
  before: JsonObject,
  patch: JsonObject,
  path: readonly string[],
): JsonObject | undefined {
  const directive = patch.$patch;
  if (directive === "delete") return undefined;
  if (directive === "replace") return withoutDirectives(patch);
  if (directive !== undefined && directive !== "merge") {
    throw wrong(path, `there is no "$patch: ${String(directive)}"`, "replace, delete or merge");
  }
  const after = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(patch)) {
    if (key === "$patch" || key === "$retainKeys" || key.startsWith(ORDER)) continue;
    if (key.startsWith(DELETE_VALUES)) {
      const name = key.slice(DELETE_VALUES.length);
      const gone = new Set((Array.isArray(value) ? value : []).map(canonicalJson));
      const list = after.get(name);
      if (Array.isArray(list)) {
        after.set(name, list.filter((item: JsonValue) => !gone.has(canonicalJson(item))));
      }
      continue;
    }
    if (key.startsWith("$")) throw wrong(path, `there is no directive "${key}"`);
    if (value === null) after.delete(key);
    else {
      const merged = mergeValue(after.get(key), value, [...path, key]);
      if (merged === undefined) after.delete(key);
      else after.set(key, merged);
    }
  }
  const keep = patch.$retainKeys;
  if (Array.isArray(keep)) {
    for (const key of after.keys()) if (!keep.includes(key)) after.delete(key);
  }
  return Object.fromEntries(
    [...after].map(([key, value]) => [key, ordered(value, patch[ORDER + key], MERGE_KEYS[key])]),
  );
}

function mergeValue(
  before: JsonValue | undefined,
  patch: JsonValue,
  path: readonly string[],
): JsonValue | undefined {
  if (isJsonObject(patch)) return mergeObject(isJsonObject(before) ? before : {}, patch, path);
  if (!Array.isArray(patch)) return patch;
  const list = Array.isArray(before) ? before : [];
  const name = path.at(-1) ?? "";
  if (MERGED_VALUES.has(name)) {
    const known = new Set(list.map(canonicalJson));
    return [...list, ...patch.filter((item: JsonValue) => !known.has(canonicalJson(item)))];
  }
  const mergeKey = MERGE_KEYS[name];
  return mergeKey === undefined ? patch : mergeList(list, patch, mergeKey, path);
}

function mergeList(
  before: readonly JsonValue[],
  patch: readonly JsonValue[],
  mergeKey: string,
  path: readonly string[],
): readonly JsonValue[] {
  const items = patch.map((item) => {
    if (isJsonObject(item)) return item;
    throw wrong(path, "an item of the list is no object");
  });
  const isReplaced = (item: JsonObject) =>
    item.$patch === "replace" && item[mergeKey] === undefined;
  if (items.some(isReplaced)) {
    return items.filter((item) => !isReplaced(item)).map(withoutDirectives);
  }
  const merged = [...before];
  for (const item of items) {
    const name = item[mergeKey];
    if (name === undefined) throw wrong(path, `an item has no "${mergeKey}"`, `its "${mergeKey}"`);
    const at = merged.findIndex((one) =>
      isJsonObject(one) && canonicalJson(one[mergeKey] ?? null) === canonicalJson(name)
    );
    const old = merged[at];
    const result = mergeObject(isJsonObject(old) ? old : {}, item, [...path, String(name)]);
    if (result === undefined) {
      if (at >= 0) merged.splice(at, 1);
    } else if (at >= 0) merged[at] = result;
    else merged.push(result);
  }
  return merged;
}

/** A list in the order that a patch names; what it does not name keeps its place behind. */
function ordered(
  list: JsonValue,
  order: JsonValue | undefined,
  mergeKey: string | undefined,
): JsonValue {
  if (!Array.isArray(list) || !Array.isArray(order)) return list;
  const idOf = (item: JsonValue) =>
    canonicalJson(mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] ?? null : item);
  const rank = new Map(order.map((item: JsonValue, at) => [idOf(item), at]));
  const rankOf = (item: JsonValue) => rank.get(idOf(item)) ?? Number.MAX_SAFE_INTEGER;
  return list.toSorted((a: JsonValue, b: JsonValue) => rankOf(a) - rankOf(b));
}

function withoutDirectives(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("$")));
}

function wrong(path: readonly string[], what: string, wanted?: string): PodsteadError {
  const place = path.length === 0 ? "the patch" : `the patch at ${path.join(".")}`;
  return new PodsteadError("usage", `Cannot apply ${place}: ${what}`, {
    ...(wanted === undefined ? {} : { hint: `Wanted: ${wanted}` }),
  });
}

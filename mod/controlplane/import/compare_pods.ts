/** In what two pods differ, leaving out what means nothing: order, empty and null fields. */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "../../core/mod.ts";

/** One field that differs. */
export interface PodDifference {
  /** `spec.volumes[k8s-certs].hostPath.type`, `spec.containers[etcd].command[--name]`. */
  readonly path: string;
  /** Undefined if the pod has no such field. */
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** Lists whose order says nothing, and the key by which their items are the same. */
const KEYED_LISTS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  ports: "name",
};

/** Compares two pods field by field, in order of the paths. */
export function comparePods(before: JsonObject, after: JsonObject): readonly PodDifference[] {
  const [left, right] = [leaves(before), leaves(after)];
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.flatMap((path) => {
    const [one, other] = [left.get(path), right.get(path)];
    const same = one !== undefined && other !== undefined &&
      canonicalJson(one) === canonicalJson(other);
    return same ? [] : [{ path, before: one, after: other }];
  });
}

function leaves(pod: JsonObject): ReadonlyMap<string, JsonValue> {
  const found = new Map<string, JsonValue>();
  collect(pod, "", "", found);
  return found;
}

function collect(value: JsonValue, path: string, key: string, found: Map<string, JsonValue>): void {
  if (value === null) return;
  if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      collect(member, path === "" ? name : `${path}.${name}`, name, found);
    }
  } else if (Array.isArray(value)) {
    collectList(value, path, key, found);
  } else {
    found.set(path, value);
  }
}

function collectList(
  list: readonly JsonValue[],
  path: string,
  key: string,
  found: Map<string, JsonValue>,
): void {
  if (key === "command" || key === "args") {
    for (const [flag, values] of groupFlags(list)) found.set(`${path}[${flag}]`, values);
    return;
  }
  const idKey = KEYED_LISTS[key];
  list.forEach((item, index) => {
    const id = idKey !== undefined && isJsonObject(item) ? item[idKey] : undefined;
    collect(item, `${path}[${typeof id === "string" ? id : index}]`, "", found);
  });
}

/** Flags by name: their order among each other says nothing, that of one flag's values does. */
function groupFlags(list: readonly JsonValue[]): ReadonlyMap<string, readonly JsonValue[]> {
  const groups = new Map<string, JsonValue[]>();
  list.forEach((item, index) => {
    const flag = typeof item === "string" ? /^(--[^=]+)=/.exec(item)?.[1] : undefined;
    const name = flag ?? String(index);
    const value = flag === undefined || typeof item !== "string"
      ? item
      : item.slice(name.length + 1);
    groups.set(name, [...groups.get(name) ?? [], value]);
  });
  return groups;
}

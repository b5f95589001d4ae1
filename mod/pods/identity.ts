import { getOwn, isJsonObject, type JsonValue } from "../core/mod.ts";

/** What makes a pod one and the same over its changes. */
export interface PodKey {
  readonly namespace: string;
  readonly name: string;
}

/** The namespace of a pod that names none; kubelet: `metav1.NamespaceDefault`. */
export const DEFAULT_NAMESPACE = "default";

/**
 * The key of a declared pod, or undefined if it has no name yet: a missing,
 * empty or non-string `metadata.name`, or a namespace that is not a string.
 */
export function podKey(pod: JsonValue): PodKey | undefined {
  if (!isJsonObject(pod)) return undefined;
  const metadata = getOwn(pod, "metadata");
  if (!isJsonObject(metadata)) return undefined;
  const name = getOwn(metadata, "name");
  const namespace = getOwn(metadata, "namespace") ?? "";
  if (typeof name !== "string" || name === "" || typeof namespace !== "string") return undefined;
  return { namespace: namespace === "" ? DEFAULT_NAMESPACE : namespace, name };
}

/** `namespace/name`: unambiguous, for maps and for people. */
export function formatKey(key: PodKey): string {
  return `${key.namespace}/${key.name}`;
}

/** The ID shown by `get staticpods`, as Talos forms it: `<namespace>-<name>`. */
export function podId(key: PodKey): string {
  return `${key.namespace}-${key.name}`;
}

/** Orders keys by namespace, then name, by code unit: the order of the served list. */
export function compareKeys(left: PodKey, right: PodKey): number {
  if (left.namespace !== right.namespace) return left.namespace < right.namespace ? -1 : 1;
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return 0;
}

/** Which changes have to be left out, so that the list stays below the kubelet's limit. */
import { formatKey, manifestBytes, MAX_MANIFEST_BYTES } from "../pods/mod.ts";
import { listedBytes } from "./list.ts";
import type { ServedPod } from "./state/state.ts";

/** What a UID of 32 digits adds to a pod that has none yet: `"uid":"…",`. */
const UID_MEMBER_BYTES = 41;

/** A list that is too large, and what to compare it with. */
export interface ListChange {
  readonly previous: readonly ServedPod[];
  /** The list as it would be. */
  readonly next: readonly ServedPod[];
  /** When the declaration of a pod was written, in Unix milliseconds. */
  readonly writtenMs: (pod: ServedPod) => number;
  /** Default: the kubelet's limit. */
  readonly maxBytes?: number;
}

/**
 * The pods, by key, whose change does not fit: the older changes are made first, so
 * the newest is left out. A pod that is left out keeps its version, if it has one.
 *
 * @returns empty if all of it fits
 */
export function leftOut(change: ListChange): ReadonlySet<string> {
  const { previous, next, writtenMs } = change;
  const { maxBytes = MAX_MANIFEST_BYTES - UID_MEMBER_BYTES * next.length } = change;
  const sizeOf = (pod: ServedPod | undefined) => pod === undefined ? 0 : listedBytes(pod) + 1;
  const total = (pods: readonly ServedPod[]) => manifestBytes(pods.map(listedBytes));
  if (total(next) <= maxBytes) return new Set();
  const before = new Map(previous.map((pod) => [formatKey(pod), pod]));
  const unchanged: ServedPod[] = [];
  const changed: { readonly pod: ServedPod; readonly key: string; readonly ms: number }[] = [];
  for (const pod of next) {
    const key = formatKey(pod);
    if (before.get(key)?.hash === pod.hash) unchanged.push(pod);
    else changed.push({ pod, key, ms: writtenMs(pod) });
  }
  let bytes = total(unchanged) + changed.reduce((sum, { key }) => sum + sizeOf(before.get(key)), 0);
  const refused = new Set<string>();
  const oldestFirst = changed.toSorted((left, right) => left.ms - right.ms);
  for (const { pod, key } of oldestFirst) {
    const grown = bytes + sizeOf(pod) - sizeOf(before.get(key));
    if (grown > maxBytes) refused.add(key);
    else bytes = grown;
  }
  return refused;
}

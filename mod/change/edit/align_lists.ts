/** Which items of a list are the same ones before and after a change. */
import { canonicalJson, isJsonObject, type JsonValue } from "../../core/mod.ts";

/** Members that name an item of a pod's lists. Source: `patchMergeKey` in Kubernetes' core/v1. */
const NAMES = [
  ...["name", "containerPort", "mountPath", "devicePath", "topologyKey", "ip", "key", "path"],
] as const;

/** What names an item in its list: its name, or else its whole value. */
export function identityOf(item: JsonValue): string {
  if (isJsonObject(item)) {
    const name = NAMES.find((key) => item[key] !== undefined);
    if (name !== undefined) return `${name}=${canonicalJson(item[name] ?? null)}`;
  }
  return canonicalJson(item);
}

/** One step from an old list to a new one, in order. */
export type ListStep =
  | { readonly kind: "keep"; readonly before: number; readonly after: number }
  | { readonly kind: "remove"; readonly before: number }
  | { readonly kind: "insert"; readonly after: number };

/** The steps that keep the longest run of items that both lists have in the same order. */
export function alignLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): readonly ListStep[] {
  const [left, right] = [before.map(identityOf), after.map(identityOf)];
  // lengths[i][j]: the longest common run of left from i on and right from j on
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row === undefined) continue;
      row[j] = left[i] === right[j]
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const steps: ListStep[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      steps.push({ kind: "keep", before: i++, after: j++ });
    } else if (j >= right.length || i < left.length && length(i + 1, j) >= length(i, j + 1)) {
      steps.push({ kind: "remove", before: i++ });
    } else steps.push({ kind: "insert", after: j++ });
  }
  return steps;
}

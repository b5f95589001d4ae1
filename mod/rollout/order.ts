/** Whether the pods can be started in the order that they ask for. */
import type { PodIssue } from "../pods/mod.ts";
import { AFTER_ANNOTATION, issueOf, readRolloutAnnotations } from "./annotations.ts";
import type { JsonObject } from "../core/mod.ts";

/** A declared pod, as far as its order matters. */
export interface OrderedPod {
  /** `namespace/name` */
  readonly key: string;
  readonly pod: JsonObject;
}

/**
 * Judges the roll-out annotations of a set of pods: values that do not exist,
 * pods to come after that are not declared, and circles. The pods of a circle
 * get an issue each; a pod that only waits for one of a circle gets none.
 *
 * @param alsoKnown keys of pods that are there without being in the set
 * @returns issues by key; no entry for a pod that has none
 */
export function judgeOrder(
  pods: readonly OrderedPod[],
  alsoKnown: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, readonly PodIssue[]> {
  const issues = new Map<string, readonly PodIssue[]>();
  const after = new Map<string, readonly string[]>();
  for (const { key, pod } of pods) {
    const annotations = readRolloutAnnotations(pod);
    after.set(key, annotations.after);
    if (annotations.issues.length > 0) issues.set(key, annotations.issues);
  }
  const add = (key: string, issue: PodIssue) => issues.set(key, [...issues.get(key) ?? [], issue]);
  for (const [key, others] of after) {
    if (others.length === 0) continue;
    for (const other of others) {
      if (after.has(other) || alsoKnown.has(other)) continue;
      add(key, issueOf(AFTER_ANNOTATION, "Not found", `no pod ${other} is declared`, other));
    }
    const circle = circleOf(key, after);
    if (circle === undefined) continue;
    add(
      key,
      issueOf(
        AFTER_ANNOTATION,
        "Invalid value",
        circle.length === 1
          ? "a pod cannot come after itself"
          : `pods wait for each other in a circle: ${[...circle, key].join(" after ")}`,
      ),
    );
  }
  return issues;
}

/** The shortest way from a pod back to itself, beginning with it; undefined if there is none. */
function circleOf(
  key: string,
  after: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[key]];
  while (ways.length > 0) {
    const next: (readonly string[])[] = [];
    for (const way of ways) {
      for (const other of after.get(way.at(-1) ?? "") ?? []) {
        if (other === key) return way;
        if (seen.has(other)) continue;
        seen.add(other);
        next.push([...way, other]);
      }
    }
    ways = next;
  }
  return undefined;
}

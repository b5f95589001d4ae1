/** Holds a pod back at its first start until the pods that it comes after are ready; pure. */
import type { RolloutPod } from "./types.ts";
import { readWishes } from "./wishes.ts";

/** A pod that waits for others. */
export interface FirstStart {
  readonly step: "waiting";
  /** Monotonic. */
  readonly sinceMs: number;
  /** Keys of the pods that it waits for. */
  readonly missing: readonly string[];
}

/** What to do now. */
export type FirstStartDecision =
  | { readonly kind: "wait"; readonly next: FirstStart }
  | {
    readonly kind: "release";
    readonly waitedMs: number;
    /** The pods that are still not ready: it has waited long enough. Empty where all are. */
    readonly missing: readonly string[];
  };

/** The beginning; undefined where the pod comes after none of those that are desired. */
export function beginFirstStart(
  pod: RolloutPod,
  desired: ReadonlyMap<string, RolloutPod>,
  nowMs: number,
): FirstStart | undefined {
  const missing = readWishes(pod.pod).after.filter((other) => desired.has(other));
  return missing.length === 0 ? undefined : { step: "waiting", sinceMs: nowMs, missing };
}

/**
 * The next state, or that the pod is to be started. A pod that is not desired
 * any more keeps nobody waiting.
 *
 * @param pod as it is desired now
 * @param ready keys of the pods that are ready
 */
export function awaitOthers(
  waiting: FirstStart,
  pod: RolloutPod,
  desired: ReadonlyMap<string, RolloutPod>,
  ready: ReadonlySet<string>,
  nowMs: number,
  timeoutMs: number,
): FirstStartDecision {
  const missing = readWishes(pod.pod).after
    .filter((other) => desired.has(other) && !ready.has(other));
  const waitedMs = nowMs - waiting.sinceMs;
  return missing.length === 0 || waitedMs >= timeoutMs
    ? { kind: "release", waitedMs, missing }
    : { kind: "wait", next: { ...waiting, missing } };
}

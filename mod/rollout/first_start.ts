/** Holds a pod back at its first start until the pods that it comes after are ready; pure. */
import type { OldPod } from "./old_pod.ts";
import type { RolloutPod } from "./types.ts";
import { readRolloutAnnotations } from "./annotations.ts";

/** A pod that waits for others. */
export interface FirstStart {
  readonly step: "waiting";
  /** Monotonic. */
  readonly sinceMs: number;
  /** Keys of the pods that it waits for. */
  readonly missing: readonly string[];
  /** Of a pod that ran and made room for others. */
  readonly madeRoom?: {
    /** Keys of these others. */
    readonly for: readonly string[];
    readonly old: OldPod;
    /** When the change began; Unix milliseconds. */
    readonly startedMs: number;
    /** When it was asked to end; monotonic. */
    readonly endedMs: number | undefined;
  };
}

/**
 * How long a pod that made room waits at most, in milliseconds: three times
 * what an etcd takes whose images are there.
 */
export const ROOM_LIMIT_MS = 90_000;

/** What to do now. */
export type FirstStartDecision =
  | { readonly kind: "wait"; readonly next: FirstStart }
  | {
    readonly kind: "release";
    readonly waitedMs: number;
    /** The pods that are still not ready: it has waited long enough. Empty if all are. */
    readonly missing: readonly string[];
  };

/** The beginning; undefined if the pod comes after none of those that are desired. */
export function beginFirstStart(
  pod: RolloutPod,
  desired: ReadonlyMap<string, RolloutPod>,
  nowMs: number,
): FirstStart | undefined {
  const missing = readRolloutAnnotations(pod.pod).after.filter((other) => desired.has(other));
  return missing.length === 0 ? undefined : { step: "waiting", sinceMs: nowMs, missing };
}

/**
 * The next state, or that the pod should be started. A pod that is no longer
 * desired keeps no other waiting.
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
  const missing = (waiting.madeRoom?.for ?? readRolloutAnnotations(pod.pod).after)
    .filter((other) => desired.has(other) && !ready.has(other));
  const waitedMs = nowMs - waiting.sinceMs;
  const limitMs = waiting.madeRoom === undefined ? timeoutMs : Math.min(timeoutMs, ROOM_LIMIT_MS);
  return missing.length === 0 || waitedMs >= limitMs
    ? { kind: "release", waitedMs, missing }
    : { kind: "wait", next: { ...waiting, missing } };
}

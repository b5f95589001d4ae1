/** Follows a version that has been served until it runs; pure. */
import { containerCount } from "./pod_facts.ts";
import { isOf, type SeenPod } from "./sight.ts";
import type { RolloutPod } from "./types.ts";
import type { ReplaceMethod } from "./wishes.ts";

/** How long a new version is followed, in milliseconds: beyond the kubelet's own way. */
export const FOLLOW_LIMIT_MS = 60_000;

/**
 * How long a further change may be held back until the version before it runs,
 * in milliseconds. A kubelet that has only just begun with a pod shows nothing
 * of it yet, and would take a change of it the slow way.
 */
export const SETTLE_LIMIT_MS = 5_000;

/** A version that has been served in place of another. Times are monotonic. */
export interface Following<P> {
  readonly step: "following";
  readonly pod: P;
  readonly method: ReplaceMethod;
  readonly oldUids: readonly string[];
  readonly servedMs: number;
  /** When the last container of the old version was seen to have ended. */
  readonly endedMs: number | undefined;
}

/** What is seen of both versions. */
export interface FollowSight {
  readonly oldRuns: boolean;
  readonly newRuns: boolean;
}

/** What to do now. */
export type FollowDecision<P> =
  | { readonly kind: "wait"; readonly next: Following<P>; readonly lookInMs: number }
  | { readonly kind: "running"; readonly downtimeMs: number | undefined }
  | { readonly kind: "lost" };

/** The beginning: the new version is to be served now. @param nowMs monotonic */
export function beginFollowing<P>(
  pod: P,
  method: ReplaceMethod,
  oldUids: readonly string[],
  nowMs: number,
  endedMs?: number,
): Following<P> {
  return { step: "following", pod, method, oldUids, servedMs: nowMs, endedMs };
}

/** What the runtime shows of both versions. */
export function lookAtBoth(
  { pod, oldUids }: Pick<Following<RolloutPod>, "pod" | "oldUids">,
  seen: readonly SeenPod[],
  nodeName: string,
): FollowSight {
  return {
    oldRuns: seen.some(({ uid, busy }) => busy && oldUids.includes(uid)),
    newRuns: seen.some((one) =>
      one.specHash === pod.hash && isOf(one, pod, nodeName) && one.running >= containerCount(pod)
    ),
  };
}

/** The next state, or how it came out. @param sight undefined where the runtime does not answer */
export function follow<P>(
  following: Following<P>,
  sight: FollowSight | undefined,
  nowMs: number,
): FollowDecision<P> {
  const endedMs = following.endedMs ?? (sight?.oldRuns === false ? nowMs : undefined);
  if (sight?.newRuns === true) {
    return { kind: "running", downtimeMs: endedMs === undefined ? undefined : nowMs - endedMs };
  }
  const ageMs = nowMs - following.servedMs;
  if (ageMs > FOLLOW_LIMIT_MS) return { kind: "lost" };
  return { kind: "wait", next: { ...following, endedMs }, lookInMs: ageMs < 5_000 ? 100 : 500 };
}

/** Whether a further change is held back for this one's sake. */
export function isSettling<P>(following: Following<P>, nowMs: number): boolean {
  return following.method === "quick" && nowMs - following.servedMs < SETTLE_LIMIT_MS;
}

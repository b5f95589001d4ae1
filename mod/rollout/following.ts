/** Follows a version that has been served until it runs; pure. */
import type { Incarnation } from "../identity/mod.ts";
import { allRun, runsAs } from "./in_place.ts";
import { containerCount, graceOf } from "./sight/pod_facts.ts";
import { isOf, type SeenPod } from "./sight/runtime_probe.ts";
import type { RolloutPod } from "./types.ts";
import type { ReplaceMethod } from "./annotations.ts";

/** How long a new version is followed, in milliseconds: beyond the kubelet's own way. */
export const FOLLOW_LIMIT_MS = 60_000;

/**
 * How long a further change may be held back until the version before it runs,
 * in milliseconds. A kubelet that has only just begun with a pod shows nothing
 * of it yet, and would take a change of it the slow way.
 */
export const SETTLE_LIMIT_MS = 5_000;

/**
 * How long a container may take to come up in place, beyond its grace period and
 * from the kubelet's fetch on, in milliseconds: less than the first back-off of
 * 10 s that the kubelet may have found for it, and many times what it takes.
 */
export const IN_PLACE_LIMIT_MS = 8_000;

/** A version that has been served in place of another. Times are monotonic. */
export interface Following<P> {
  readonly step: "following";
  readonly pod: P;
  readonly method: ReplaceMethod;
  /** Under which it is served; undefined if the kubelet makes the UID up. */
  readonly incarnation: Incarnation | undefined;
  readonly oldUids: readonly string[];
  readonly servedMs: number;
  /** When a kubelet first got it; undefined until then. */
  readonly fetchedMs: number | undefined;
  /** When the old version was asked to end; where podstead did not ask, when it was seen to have ended. */
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
  /** A change in place that does not come up. */
  | { readonly kind: "stuck" }
  | { readonly kind: "lost" };

/** The beginning: the new version should be served now. @param start.nowMs monotonic */
export function beginFollowing<P>(
  pod: P,
  method: ReplaceMethod,
  start: {
    readonly incarnation: Incarnation | undefined;
    readonly oldUids: readonly string[];
    readonly nowMs: number;
    readonly endedMs?: number | undefined;
  },
): Following<P> {
  const { incarnation, oldUids, nowMs, endedMs } = start;
  const times = { servedMs: nowMs, fetchedMs: undefined, endedMs };
  return { step: "following", pod, method, incarnation, oldUids, ...times };
}

/** What the runtime shows of both versions. */
export function lookAtBoth(
  { pod, method, incarnation, oldUids }: Omit<Following<RolloutPod>, "step">,
  seen: readonly SeenPod[],
  nodeName: string,
): FollowSight {
  const mine = seen.filter((one) => isOf(one, pod, nodeName));
  if (method === "in-place") {
    const same = mine.find(({ uid }) => uid === incarnation?.uid);
    const newRuns = same !== undefined && runsAs(pod, same);
    return { oldRuns: same !== undefined && allRun(pod, same), newRuns };
  }
  return {
    oldRuns: seen.some(({ uid, busy }) => busy && oldUids.includes(uid)),
    newRuns: mine.some((one) =>
      (incarnation === undefined ? one.specHash === pod.hash : one.uid === incarnation.uid) &&
      one.running >= containerCount(pod)
    ),
  };
}

/** Takes in that a kubelet has got the version. */
export function followedFetched<P>(following: Following<P>, nowMs: number): Following<P> {
  return { ...following, fetchedMs: following.fetchedMs ?? nowMs };
}

/** The next state, or how it came out. @param sight undefined if the runtime does not answer */
export function follow<P extends RolloutPod>(
  following: Following<P>,
  sight: FollowSight | undefined,
  nowMs: number,
): FollowDecision<P> {
  const { method, fetchedMs, servedMs, pod } = following;
  const inPlace = method === "in-place";
  const endedMs = following.endedMs ?? (sight?.oldRuns === false ? nowMs : undefined);
  if (sight?.newRuns === true && (!inPlace || fetchedMs !== undefined)) {
    return { kind: "running", downtimeMs: endedMs === undefined ? undefined : nowMs - endedMs };
  }
  const graceMs = inPlace ? graceOf(pod) : 0;
  const ageMs = nowMs - servedMs;
  const stuck = inPlace && sight !== undefined && fetchedMs !== undefined &&
    nowMs - fetchedMs > graceMs + IN_PLACE_LIMIT_MS;
  if (stuck) return { kind: "stuck" };
  if (ageMs > FOLLOW_LIMIT_MS + graceMs) return { kind: "lost" };
  const soon = inPlace && nowMs - (fetchedMs ?? nowMs) < 2_000;
  const lookInMs = soon ? 50 : ageMs < 5_000 ? 100 : 500;
  return { kind: "wait", next: { ...following, endedMs }, lookInMs };
}

/** Whether a further change is held back for this one's sake. */
export function isSettling<P extends RolloutPod>(
  { method, pod, servedMs }: Following<P>,
  nowMs: number,
): boolean {
  switch (method) {
    case "quick":
      return nowMs - servedMs < SETTLE_LIMIT_MS;
    case "in-place":
      return nowMs - servedMs < SETTLE_LIMIT_MS + graceOf(pod);
    case "kubelet":
      return false;
  }
}

/**
 * One replacement in two steps, as a pure state machine.
 *
 * A kubelet starts the new version of a static pod only once it is completely
 * done with the old one; asked too early, it asks itself again 10 to 15 s
 * later. So the list first lacks the pod (`removed`), until a kubelet has
 * fetched it; then the old one ends (`ending`), until the kubelet is done with
 * it; then the new version is served.
 *
 * What shows that it is done, measured on kubelet 1.36.2 at a poll of 200 ms
 * (downtime counted from the container's end):
 *
 * | new version served                                   | runs  | up after                        |
 * |------------------------------------------------------|-------|---------------------------------|
 * | at the container's end (0.1–0.4 s after the poll)    | 6     | 11–15 s in 6                    |
 * | 0.3 s after it                                       | 4     | 0.8 s in 2, 11–16 s in 2        |
 * | when its sandbox is not ready (0.2–0.5 s)            | 3     | 12–15 s in 2, 0.9 s in 1        |
 * | when its directory is removed (1.0–1.3 s)            | 3     | 1.2–1.4 s in 2, 13 s in 1       |
 * | when gone from `/runningpods/` (1.0–2.2 s)           | 3     | 1.5–2.4 s in 3                  |
 * | 1.0 s after the container's end                      | 3     | 1.5–1.7 s in 3                  |
 * | 1.5 / 2.0 / 2.5 s after it                           | 3/3/2 | 2.0 / 2.4 / 3.0 s in all        |
 *
 * Where these times come from: between the end of the pod and the rest of its
 * removal the kubelet waits for its next look at the runtime, which it takes
 * once a second (kubelet: pod_workers.go waits for `podCache.GetNewerThan`,
 * "max 2s"; the relist period of the generic PLEG is 1 s). Then it frees the
 * name. So the new version is safe about 1.1 s after the end of containers and
 * sandbox, and with luck before.
 *
 * Nothing outside of the kubelet shows that moment. `/runningpods/` is a view of
 * a cache of the runtime, at most 2 s old (kubelet: `GetRunningPods`), and the
 * directory is removed by a housekeeping every 2 s: both can be early by chance.
 * So a time after the end is kept in any case, and the directory or
 * `/runningpods/` must agree where they can be seen: on a slow node, where the
 * unmounting of volumes takes longer, they come later than the time alone says.
 */
import type { OldPod, OldSight } from "./old_pod.ts";

/**
 * The least time from the end of the last container and of the sandbox to the
 * new version, in milliseconds: the kubelet's look at the runtime each second,
 * how long that look takes, and the little work after it.
 */
export const END_MARGIN_MS = 1_150;
/**
 * The same where neither the directory nor `/runningpods/` can be seen: about
 * 1.5 s after the container's end.
 */
export const LONE_END_MARGIN_MS = 1_400;
/** From the removal of the pod's directory to the new version, in milliseconds. */
export const DIRECTORY_MARGIN_MS = 100;
/** From the pod's disappearance from `/runningpods/`, in milliseconds. */
export const RUNNING_PODS_MARGIN_MS = 100;
/**
 * How long beyond the grace period a pod may take to end, in milliseconds. Then
 * something is wrong with it, and the kubelet's own way is no worse.
 */
export const REMOVAL_LIMIT_MS = 15_000;
/**
 * How long after the container's end a sign may fail to come, in milliseconds:
 * as long as the kubelet's own way takes.
 */
export const DONE_LIMIT_MS = 10_000;

/** How often to look while nothing has ended yet, soon after the poll and later, in milliseconds. */
const LOOK_SOON_MS = 50;
const LOOK_LATER_MS = 250;
/** How long "soon" is. */
const SOON_MS = 5_000;

/** The list lacks the pod; no kubelet has fetched that list yet. */
export interface Removed {
  readonly step: "removed";
  readonly old: OldPod;
  /** Unix milliseconds. */
  readonly startedMs: number;
  /** Monotonic; undefined until the list is served. */
  readonly publishedMs: number | undefined;
}

/** A kubelet has fetched the list without the pod. Times are monotonic. */
export interface Ending {
  readonly step: "ending";
  readonly old: OldPod;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly publishedMs: number;
  readonly fetchedMs: number;
  /** When the last of its containers and its sandbox were seen to have ended. */
  readonly endedMs: number | undefined;
  /** Whether its directory and its line in `/runningpods/` were ever seen. */
  readonly directorySeen: boolean;
  readonly listedSeen: boolean;
  readonly directoryGoneMs: number | undefined;
  readonly unlistedMs: number | undefined;
}

export type Replacement = Removed | Ending;

/** Why the new version is served. */
export type ServeReason =
  /** The kubelet is done with the old one. */
  | "done"
  /** No kubelet fetched the list without it. */
  | "not-fetched"
  /** It does not end. */
  | "not-ending"
  /** It has ended, but no sign says that the kubelet is done. */
  | "no-sign";

/** What to do now. */
export type Decision =
  | { readonly kind: "wait"; readonly next: Replacement; readonly lookInMs: number }
  | { readonly kind: "serve"; readonly reason: ServeReason; readonly last: Replacement };

/** The beginning: the pod is to leave the list. @param nowMs Unix milliseconds */
export function beginReplacement(old: OldPod, nowMs: number): Removed {
  return { step: "removed", old, startedMs: nowMs, publishedMs: undefined };
}

/** The list without the pod is served. */
export function published(replacement: Replacement, nowMs: number): Replacement {
  if (replacement.step !== "removed" || replacement.publishedMs !== undefined) return replacement;
  return { ...replacement, publishedMs: nowMs };
}

/** A kubelet has got the list without the pod. */
export function fetched(replacement: Replacement, nowMs: number): Replacement {
  if (replacement.step !== "removed") return replacement;
  return {
    step: "ending",
    old: replacement.old,
    startedMs: replacement.startedMs,
    publishedMs: replacement.publishedMs ?? nowMs,
    fetchedMs: nowMs,
    endedMs: undefined,
    directorySeen: false,
    listedSeen: false,
    directoryGoneMs: undefined,
    unlistedMs: undefined,
  };
}

/**
 * The next state, or that the new version should be served.
 *
 * @param sight what is seen now; undefined if there was no look
 * @param nowMs monotonic
 * @param fetchLimitMs how long to wait for a kubelet to fetch
 */
export function advance(
  replacement: Replacement,
  sight: OldSight | undefined,
  nowMs: number,
  fetchLimitMs: number,
): Decision {
  if (replacement.step === "removed") {
    const { publishedMs } = replacement;
    const leftMs = publishedMs === undefined ? fetchLimitMs : publishedMs + fetchLimitMs - nowMs;
    if (leftMs <= 0 && replacement.old.mustLeave === true) {
      return { kind: "wait", next: replacement, lookInMs: fetchLimitMs };
    }
    if (leftMs <= 0) return { kind: "serve", reason: "not-fetched", last: replacement };
    return { kind: "wait", next: replacement, lookInMs: leftMs };
  }
  const next = sight === undefined ? replacement : look(replacement, sight, nowMs);
  const { endedMs, old, fetchedMs } = next;
  if (endedMs === undefined) {
    if (nowMs - fetchedMs > old.graceMs + REMOVAL_LIMIT_MS) {
      return { kind: "serve", reason: "not-ending", last: next };
    }
    const lookInMs = nowMs - fetchedMs < SOON_MS ? LOOK_SOON_MS : LOOK_LATER_MS;
    return { kind: "wait", next, lookInMs };
  }
  const dueMs = serveAtMs(next);
  if (dueMs !== undefined && dueMs <= nowMs) {
    return { kind: "serve", reason: "done", last: next };
  }
  if (nowMs - endedMs > DONE_LIMIT_MS) return { kind: "serve", reason: "no-sign", last: next };
  const untilDueMs = dueMs === undefined ? LOOK_SOON_MS : dueMs - nowMs;
  return { kind: "wait", next, lookInMs: Math.min(LOOK_SOON_MS, Math.max(untilDueMs, 10)) };
}

/** When the new version may be served, as far as it is known. Monotonic. */
export function serveAtMs(ending: Ending): number | undefined {
  const { endedMs, directorySeen, listedSeen, directoryGoneMs, unlistedMs } = ending;
  if (endedMs === undefined) return undefined;
  if (!directorySeen && !listedSeen) return endedMs + LONE_END_MARGIN_MS;
  const signs = [
    ...(directoryGoneMs === undefined ? [] : [directoryGoneMs + DIRECTORY_MARGIN_MS]),
    ...(unlistedMs === undefined ? [] : [unlistedMs + RUNNING_PODS_MARGIN_MS]),
  ];
  return signs.length === 0 ? undefined : Math.max(endedMs + END_MARGIN_MS, Math.min(...signs));
}

function look(ending: Ending, sight: OldSight, nowMs: number): Ending {
  const directorySeen = ending.directorySeen || sight.directory === true;
  const listedSeen = ending.listedSeen || sight.listed === true;
  const directoryGoneMs = sight.directory === false && directorySeen
    ? ending.directoryGoneMs ?? nowMs
    : undefined;
  const unlistedMs = sight.listed === false && listedSeen ? ending.unlistedMs ?? nowMs : undefined;
  // Without the runtime, whatever the kubelet has cleared away has ended before.
  const ended = sight.running === false && sight.sandbox !== true ||
    sight.running === undefined && (ending.endedMs ?? directoryGoneMs) !== undefined;
  return {
    ...ending,
    endedMs: ended ? ending.endedMs ?? nowMs : undefined,
    directorySeen,
    listedSeen,
    directoryGoneMs: directoryGoneMs ??
      (sight.directory === undefined ? ending.directoryGoneMs : undefined),
    unlistedMs: unlistedMs ?? (sight.listed === undefined ? ending.unlistedMs : undefined),
  };
}

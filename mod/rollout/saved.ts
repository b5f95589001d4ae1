/** What is on disk of a replacement, and what a restart makes of it. */
import type { OldPod } from "./old_pod.ts";
import type { SeenPod } from "./sight.ts";
import { isOf } from "./sight.ts";
import { DONE_LIMIT_MS, REMOVAL_LIMIT_MS } from "./replacement.ts";

/** A replacement as the agent's state keeps it. */
export interface SavedReplacement {
  /** `namespace/name` */
  readonly key: string;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly step: "removed" | "ending";
  readonly old: OldPod;
}

/** The longest that a kubelet may take to fetch, as far as a restart is concerned, in milliseconds. */
const FETCH_LIMIT_MS = 60_000;

/** A pod as the state wants it. */
interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly hash: string;
}

/**
 * Whether a restart goes on with a replacement. In doubt it does not: the new
 * version is then served at once, in the kubelet's own time. A list without the
 * pod outlives nothing.
 *
 * @param wanted undefined where nobody wants the pod any more
 * @param seen what the runtime has; undefined where it does not answer
 * @param nowMs Unix milliseconds
 */
export function isToResume(
  saved: SavedReplacement,
  wanted: Wanted | undefined,
  seen: readonly SeenPod[] | undefined,
  nodeName: string,
  nowMs: number,
): boolean {
  if (wanted === undefined || seen === undefined) return false;
  const ageMs = nowMs - saved.startedMs;
  const limitMs = FETCH_LIMIT_MS + saved.old.graceMs + REMOVAL_LIMIT_MS + DONE_LIMIT_MS;
  // A clock that went back says nothing.
  if (ageMs < 0 || ageMs > limitMs) return false;
  // It was through with it, and only the note was not taken away any more.
  return !seen.some((pod) =>
    isOf(pod, wanted, nodeName) && pod.specHash === wanted.hash && pod.alive
  );
}

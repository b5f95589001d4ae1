/** What is on disk of a replacement, and what a restart makes of it. */
import type { Clock } from "../core/mod.ts";
import type { Incarnation } from "../identity/mod.ts";
import type { OldPod } from "./old_pod.ts";
import {
  beginReplacement,
  DONE_LIMIT_MS,
  fetched,
  REMOVAL_LIMIT_MS,
  type Replacement,
} from "./replacement.ts";
import { isOf, type SeenPod } from "./sight/runtime_probe.ts";

/** A replacement as the agent's state keeps it. */
export interface SavedReplacement {
  /** `namespace/name` */
  readonly key: string;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly step: "removed" | "ending";
  readonly old: OldPod;
  /** Keys of the pods for which it makes room; absent if it makes none. */
  readonly room?: readonly string[];
}

/** What is on disk of a roll-out. */
export interface SavedRollout {
  readonly replacing: readonly SavedReplacement[];
  readonly incarnations: readonly Incarnation[];
}

/** The longest that a kubelet may take to fetch, as far as a restart is concerned, in milliseconds. */
const FETCH_LIMIT_MS = 60_000;

/** A pod as the state wants it. */
interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly hash: string;
  readonly uid?: string | undefined;
}

/**
 * Where a restart continues a replacement; undefined if it does not. In
 * doubt it does not: the new version is then served at once, in the kubelet's
 * own time. A list without the pod outlives nothing.
 *
 * @param wanted undefined if the pod is no longer desired
 * @param seen what the runtime has; undefined if it does not answer
 */
export function resumeReplacement(
  saved: SavedReplacement,
  wanted: Wanted | undefined,
  seen: readonly SeenPod[] | undefined,
  nodeName: string,
  clock: Clock,
): Replacement | undefined {
  if (!isToResume(saved, wanted, seen, nodeName, clock.now())) return undefined;
  const removed = beginReplacement(saved.old, saved.startedMs);
  const alive = seen?.some((pod) => pod.alive && saved.old.uids.includes(pod.uid)) ?? false;
  return saved.step === "ending" || !alive ? fetched(removed, clock.monotonicMs()) : removed;
}

function isToResume(
  saved: SavedReplacement,
  wanted: Wanted | undefined,
  seen: readonly SeenPod[] | undefined,
  nodeName: string,
  nowMs: number,
): boolean {
  if (wanted === undefined) return false;
  if (saved.old.mustLeave === true) return true;
  if (seen === undefined) return false;
  const ageMs = nowMs - saved.startedMs;
  const limitMs = FETCH_LIMIT_MS + saved.old.graceMs + REMOVAL_LIMIT_MS + DONE_LIMIT_MS;
  // A clock that went back says nothing.
  if (ageMs < 0 || ageMs > limitMs) return false;
  // It was done, and only its record was not removed.
  return !seen.some((pod) =>
    isOf(pod, wanted, nodeName) && pod.alive &&
    (wanted.uid === undefined ? pod.specHash === wanted.hash : pod.uid === wanted.uid)
  );
}

/** Whether a pod is changed in place or replaced in two steps, and why not. */
import { formatDuration } from "../core/mod.ts";
import type { PollSight } from "./polls/poll_rate.ts";
import type { ReplaceMethod } from "./annotations.ts";

/**
 * The longest interval of polls at which two steps are the quicker way, in
 * milliseconds. The new version comes with the poll after the one that took
 * the old away, so the gap is one interval and about a second for the start;
 * the kubelet's own way takes 13 to 16 s at any interval (measured on kubelet
 * 1.36.2). Its default of 20 s is beyond it: two steps would make that worse.
 */
export const MAX_QUICK_INTERVAL_MS = 10_000;

/**
 * Polls that may fail to come before the kubelet counts as away, and a second
 * for one that is on its way.
 */
export const MISSED_POLLS = 3;
export const POLL_SLACK_MS = 1_000;

/** httpCheckFrequency where a kubelet's configuration names none, in milliseconds. */
export const DEFAULT_INTERVAL_MS = 20_000;

/** What the choice rests on. */
export interface MethodFacts {
  /** The annotation, or the setting of the node. */
  readonly wish: ReplaceMethod;
  /** Why it is not done in place; undefined if it can be. */
  readonly notInPlace: string | undefined;
  /** Whether the runtime shows the old version alive; undefined if it did not answer. */
  readonly alive: boolean | undefined;
  readonly polls: PollSight;
}

/** The choice; `why` where it is not what was wished. */
export interface MethodChoice {
  readonly method: ReplaceMethod;
  readonly why?: string;
}

/** How long to wait for a poll before it counts as not coming, in milliseconds. */
export function pollLimitMs({ intervalMs }: Pick<PollSight, "intervalMs">): number {
  return MISSED_POLLS * (intervalMs ?? DEFAULT_INTERVAL_MS) + POLL_SLACK_MS;
}

/** Chooses: in place where that is wished and possible, else two steps where they are quicker. */
export function chooseMethod({ wish, notInPlace, alive, polls }: MethodFacts): MethodChoice {
  if (wish === "kubelet") return { method: "kubelet" };
  if (wish === "in-place" && notInPlace === undefined) return { method: "in-place" };
  const inOneStep = (why: string): MethodChoice => ({ method: "kubelet", why });
  if (alive === undefined) return inOneStep("the container runtime does not answer");
  if (!alive) return inOneStep("its old version does not run");
  const { intervalMs, silentMs } = polls;
  if (silentMs === undefined || intervalMs === undefined) {
    return inOneStep("no kubelet polls the list");
  }
  if (silentMs > pollLimitMs(polls)) {
    return inOneStep(`the kubelet has not polled the list for ${formatDuration(silentMs)}`);
  }
  if (intervalMs > MAX_QUICK_INTERVAL_MS) {
    return inOneStep(
      `the kubelet polls only every ${
        formatDuration(intervalMs)
      }; set its httpCheckFrequency to 1s`,
    );
  }
  return wish === "in-place" && notInPlace !== undefined
    ? { method: "quick", why: notInPlace }
    : { method: "quick" };
}

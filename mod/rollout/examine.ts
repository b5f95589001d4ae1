import { hasPullSecrets } from "../materialize/mod.ts";
import { neededImages } from "../pods/mod.ts";
import { chooseMethod, DEFAULT_INTERVAL_MS, MAX_QUICK_INTERVAL_MS } from "./method.ts";
import type { PollSight } from "./polls/poll_rate.ts";
import type { PrePull } from "./images/pre_pull.ts";
import type { ChangeVerdict, Gate, RolloutPod } from "./types.ts";
import { readRolloutAnnotations, type ReplaceMethod } from "./annotations.ts";

/** How a plan asks what its changes will come to. */
export interface ExamineOptions {
  /** Whether it is only asked for: nothing is pulled, and no plan will follow. */
  readonly dryRun: boolean;
  /** Whether images that could not be pulled are tried again. */
  readonly retry: boolean;
  /** The setting of the node as it will be. */
  readonly replace: ReplaceMethod;
  /** Whether the version before is only supposed to run, as where two revisions are compared. */
  readonly supposed?: boolean;
}

/** What is known when a change is examined. */
export interface ChangeFacts {
  /** Why it is not made in place; undefined if it can be. */
  readonly notInPlace: string | undefined;
  /** Whether the runtime shows the pod alive; undefined if it did not answer. */
  readonly alive: boolean | undefined;
  readonly polls: PollSight;
  /** How long podstead has been looking for polls, in milliseconds. */
  readonly lookingMs: number;
  /** Whether another pod is out of its way: the kubelet polled often enough for that before. */
  readonly hasRoom: boolean;
}

/** How long a changed pod waits for the kubelet's first two polls after podstead's start. */
export const LEARN_LIMIT_MS = 2 * DEFAULT_INTERVAL_MS + 1_000;

/** A verdict, and whether it will be another one once the kubelet's polls are known. */
export interface ExaminedChange {
  readonly verdict: ChangeVerdict;
  readonly learning: boolean;
}

/**
 * What a new pod waits for: images that only its own Secrets let anyone pull, and that the node
 * lacks. The kubelet would be refused. One that cannot be pulled is still served, so that
 * the kubelet tries it again and the node says why; of such a pod, it is tried again here too.
 *
 * @returns undefined if it may be served
 */
export async function examineOwnImages(
  pod: RolloutPod,
  { dryRun, retry }: Pick<ExamineOptions, "dryRun" | "retry">,
  prePull: Pick<PrePull, "check">,
): Promise<Gate | undefined> {
  if (!hasPullSecrets(pod.declared ?? pod.pod)) return undefined;
  const missing = neededImages(pod.pod).filter(({ policy }) => policy !== "Never")
    .map(({ name }) => ({ name, policy: "IfNotPresent" as const }));
  const verdict = await prePull.check(missing, { pull: !dryRun, retry });
  return verdict.state === "pulling"
    ? { state: "Replacing", code: "image-pulling", reason: verdict.reason }
    : undefined;
}

/**
 * How a pod comes to its next version, and what has to come first: its images,
 * and after a start of podstead the knowledge how often the kubelet polls.
 */
export async function examineChange(
  after: RolloutPod,
  { notInPlace, alive, polls: known, lookingMs, hasRoom }: ChangeFacts,
  { dryRun, retry, replace }: ExamineOptions,
  prePull: Pick<PrePull, "check">,
): Promise<ExaminedChange> {
  const annotations = readRolloutAnnotations(after.pod);
  const polls = hasRoom && known.intervalMs === undefined
    ? { intervalMs: MAX_QUICK_INTERVAL_MS, silentMs: 0 }
    : known;
  const wish = annotations.replace ?? replace;
  const choice = chooseMethod({ wish, notInPlace, alive, polls });
  if (wish === "kubelet" || alive !== true) {
    const gate = await examineOwnImages(after, { dryRun, retry }, prePull);
    return { verdict: gate === undefined ? choice : { ...choice, gate }, learning: false };
  }
  const images = await prePull.check(neededImages(after.pod), { pull: !dryRun, retry });
  const { state } = images;
  if (state === "pulling" || state === "failed" && annotations.pull === "required") {
    const { reason } = images;
    const gate: Gate = state === "pulling"
      ? { state: "Replacing", code: "image-pulling", reason }
      : { state: "Blocked", code: "image-unavailable", reason };
    return { verdict: { ...choice, gate }, learning: false };
  }
  // In place, the pod is as quick at any interval.
  if (
    choice.method !== "in-place" && polls.intervalMs === undefined && lookingMs < LEARN_LIMIT_MS
  ) {
    const gate: Gate = {
      state: "Replacing",
      code: "poll-rate-unknown",
      reason: "it is not known yet how often the kubelet polls",
    };
    return { verdict: { method: "quick", gate }, learning: true };
  }
  return { verdict: choice, learning: false };
}

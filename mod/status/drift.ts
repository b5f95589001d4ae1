import { SPEC_HASH_ANNOTATION } from "../pods/mod.ts";
import { type DesiredPod, type FetchLog, silenceLimitMs, type StatusInput } from "./input.ts";
import { fresh } from "./reading.ts";
import { runtimeSilent } from "./readiness.ts";
import type { Drift, JoinedPod } from "./row.ts";
import { runningVersion } from "./running_version.ts";

/** How what runs differs from what is desired; see {@linkcode Drift}. */
export function driftOf(joined: JoinedPod, input: StatusInput): Drift {
  const { desired, kubelet, sandboxes } = joined;
  const seen = presence(joined, input);
  if (desired === undefined) {
    const stamp = kubelet?.annotations[SPEC_HASH_ANNOTATION] ?? sandboxes[0]?.specHash;
    if (stamp !== undefined) return "Orphaned";
    // Pods of other origin are taken to be as their own source declares them.
    return seen.exists === undefined ? "Unknown" : seen.exists ? "Current" : "Pending";
  }
  if (desired.state === "Rejected" || desired.state === "Blocked") return desired.state;
  if (seen.exists === undefined) return "Unknown";
  if (desired.state === "Stopped") return driftOfStopped(joined, input);
  if (desired.state === "Replacing") return seen.exists ? "Updating" : "Pending";
  if (desired.servedHash === undefined) return seen.exists ? "Updating" : "Pending";
  if (seen.exists && seen.hash === desired.servedHash) return "Current";
  // The old version may take its grace period before the new one can start.
  if (isOverdue(desired, gracePeriodMs(desired.pod["spec"]), input)) {
    return seen.exists ? "Stale" : "Missing";
  }
  return seen.exists ? "Updating" : "Pending";
}

/** A stopped pod is as it should be once nothing of it runs. */
function driftOfStopped(joined: JoinedPod, input: StatusInput): Drift {
  const { desired, removed, kubelet, sandboxes } = joined;
  const runs = sandboxes.some(({ state }) => state === "SANDBOX_READY") ||
    sandboxes.length === 0 && kubelet?.phase === "Running";
  if (!runs) return "Current";
  const { sinceMs = desired?.servedSinceMs ?? input.nowMs, fetchedAtMs, graceMs } = removed ?? {};
  const change = { servedSinceMs: sinceMs, fetchedAtMs };
  return isOverdue(change, graceMs ?? gracePeriodMs(undefined), input) ? "Stale" : "Updating";
}

/** Whether a version of the pod exists, by the sources that can tell now, and which. */
function presence(
  { desired, kubelet, sandboxes }: JoinedPod,
  input: StatusInput,
): { readonly exists: boolean | undefined; readonly hash: string | undefined } {
  const { nowMs, limits } = input;
  const alive = sandboxes.find(({ state }) => state === "SANDBOX_READY");
  if (alive !== undefined) {
    const isFetched = desired !== undefined && fetchedAtMs(desired, input.fetches) !== undefined;
    return { exists: true, hash: runningVersion(alive, desired, isFetched) };
  }
  // A pod that has ended for good needs no sandbox any longer.
  if (kubelet?.phase === "Succeeded" || kubelet?.phase === "Failed") {
    return { exists: true, hash: kubelet.annotations[SPEC_HASH_ANNOTATION] };
  }
  if (fresh(input.runtime, nowMs, limits.runtimeFreshMs) !== undefined) {
    return { exists: false, hash: undefined };
  }
  if (fresh(input.kubelet, nowMs, limits.kubeletFreshMs) === undefined || runtimeSilent(input)) {
    return { exists: undefined, hash: undefined };
  }
  // The kubelet lists a pod as soon as it knows it; it runs once a container has.
  const begun = kubelet?.containers.some(({ state }) => state.kind !== "waiting") ?? false;
  return { exists: begun, hash: begun ? kubelet?.annotations[SPEC_HASH_ANNOTATION] : undefined };
}

/**
 * Whether a pod that runs without being declared is only ending as asked:
 * it was declared until recently, and the kubelet still has time to end it.
 */
export function isEnding({ desired, removed }: JoinedPod, input: StatusInput): boolean {
  if (desired !== undefined || removed === undefined) return false;
  const { sinceMs, fetchedAtMs, graceMs } = removed;
  return !isOverdue({ servedSinceMs: sinceMs, fetchedAtMs }, graceMs, input);
}

/**
 * When the kubelet learned of a version that has been in the list since
 * `servedSinceMs`; undefined if it has not fetched it. Where its fetch was
 * not seen it is taken to have come as late as its interval allows.
 */
export function fetchedAtMs(
  { servedSinceMs, fetchedAtMs }: Pick<DesiredPod, "servedSinceMs" | "fetchedAtMs">,
  { lastGood, intervalMs = 0 }: FetchLog,
): number | undefined {
  if (lastGood === undefined || lastGood.atMs < servedSinceMs) return undefined;
  return fetchedAtMs ?? Math.min(lastGood.atMs, servedSinceMs + intervalMs);
}

/** Whether the kubelet has had enough time to start, or to end, what the list says. */
function isOverdue(
  change: Pick<DesiredPod, "servedSinceMs" | "fetchedAtMs">,
  graceMs: number,
  { fetches, nowMs, limits }: StatusInput,
): boolean {
  const fetchedMs = fetchedAtMs(change, fetches);
  if (fetchedMs === undefined) {
    const since = Math.max(change.servedSinceMs, fetches.listeningSinceMs);
    return nowMs - since > silenceLimitMs(fetches, limits);
  }
  return nowMs - fetchedMs > limits.settleMs + graceMs;
}

/** The time that a pod has for its end, in milliseconds. */
export function gracePeriodMs(spec: unknown): number {
  const seconds = typeof spec === "object" && spec !== null &&
      "terminationGracePeriodSeconds" in spec
    ? spec.terminationGracePeriodSeconds
    : undefined;
  // The kubelet's default: 30 s.
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : 30_000;
}

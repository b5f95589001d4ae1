import { SPEC_HASH_ANNOTATION } from "../pods/mod.ts";
import { silenceLimitMs, type StatusInput } from "./input.ts";
import { fresh } from "./reading.ts";
import type { Drift, JoinedPod } from "./row.ts";

/** How what runs differs from what is wanted; see {@linkcode Drift}. */
export function driftOf(joined: JoinedPod, input: StatusInput): Drift {
  const { desired, kubelet, sandboxes } = joined;
  const seen = presence(joined, input);
  if (desired === undefined) {
    const stamp = kubelet?.annotations[SPEC_HASH_ANNOTATION] ?? sandboxes[0]?.specHash;
    if (stamp !== undefined) return "Orphaned";
    // Pods of other origin are as their own source wants them, as far as we can know.
    return seen.exists === undefined ? "Unknown" : seen.exists ? "Current" : "Pending";
  }
  if (desired.state === "Rejected") return "Rejected";
  if (seen.exists === undefined) return "Unknown";
  if (desired.state === "Replacing") return seen.exists ? "Updating" : "Pending";
  if (desired.servedHash === undefined) return seen.exists ? "Updating" : "Pending";
  if (seen.exists && seen.hash === desired.servedHash) return "Current";
  if (isLate(joined, input)) return seen.exists ? "Stale" : "Missing";
  return seen.exists ? "Updating" : "Pending";
}

/** Whether a version of the pod exists, by the sources that can tell now, and which. */
function presence(
  { kubelet, sandboxes }: JoinedPod,
  input: StatusInput,
): { readonly exists: boolean | undefined; readonly hash: string | undefined } {
  const { nowMs, limits } = input;
  const alive = sandboxes.find(({ state }) => state === "SANDBOX_READY");
  if (alive !== undefined) return { exists: true, hash: alive.specHash };
  // A pod that has ended for good needs no sandbox any more.
  if (kubelet?.phase === "Succeeded" || kubelet?.phase === "Failed") {
    return { exists: true, hash: kubelet.annotations[SPEC_HASH_ANNOTATION] };
  }
  if (fresh(input.runtime, nowMs, limits.runtimeFreshMs) !== undefined) {
    return { exists: false, hash: undefined };
  }
  if (fresh(input.kubelet, nowMs, limits.kubeletFreshMs) === undefined) {
    return { exists: undefined, hash: undefined };
  }
  // The kubelet lists a pod as soon as it has taken it in; it runs once a container has.
  const begun = kubelet?.containers.some(({ state }) => state.kind !== "waiting") ?? false;
  return { exists: begun, hash: begun ? kubelet?.annotations[SPEC_HASH_ANNOTATION] : undefined };
}

/** Whether the kubelet has had its time to bring up what is served. */
function isLate({ desired }: JoinedPod, input: StatusInput): boolean {
  const { fetches, nowMs, limits } = input;
  if (desired === undefined) return false;
  const { lastGood } = fetches;
  if (lastGood === undefined || lastGood.atMs < desired.servedSinceMs) {
    const since = Math.max(desired.servedSinceMs, fetches.listeningSinceMs);
    return nowMs - since > silenceLimitMs(fetches, limits);
  }
  const pickedUpMs = desired.servedSinceMs + (fetches.intervalMs ?? 0);
  return nowMs - pickedUpMs > limits.settleMs + graceMs(desired.pod["spec"]);
}

/** The old version may take its grace period before the new one can start. */
function graceMs(spec: unknown): number {
  const seconds = typeof spec === "object" && spec !== null &&
      "terminationGracePeriodSeconds" in spec
    ? spec.terminationGracePeriodSeconds
    : undefined;
  // The kubelet's default: 30 s.
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : 30_000;
}

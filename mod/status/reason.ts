import type { KubeletContainer } from "../kubelet/mod.ts";
import type { StatusInput } from "./input.ts";
import { fresh } from "./reading.ts";
import type { Readiness } from "./readiness.ts";
import type { Drift, JoinedPod } from "./row.ts";
import { initContainers, mainContainers } from "./runtime_pod.ts";

/** Reasons that say no more than that the pod is on its way. */
const ON_ITS_WAY: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing"]);

/**
 * The one thing that keeps a pod from running, in a word or a few; the most
 * telling first. Empty if nothing does.
 */
export function reasonOf(
  joined: JoinedPod,
  drift: Drift,
  readiness: Readiness,
  input: StatusInput,
): string {
  const { desired, kubelet } = joined;
  if (drift === "Rejected" || drift === "Blocked") return desired?.reason ?? drift;
  if (desired?.state === "Stopped") return desired.reason ?? "stopped";
  if (kubelet !== undefined && kubelet.reason !== "") return kubelet.reason;
  const failing = readiness.ready === "True" ? undefined : containerReason(joined, readiness);
  if (failing !== undefined) return failing;
  if (desired?.state === "Waiting" || desired?.state === "Held" || desired?.state === "Kept") {
    return desired.reason ?? desired.state;
  }
  if (drift === "Orphaned") return "NotDeclared";
  if (drift === "Pending" || drift === "Updating" || drift === "Missing" || drift === "Stale") {
    const { lastGood, lastRefused } = input.fetches;
    if ((lastGood?.atMs ?? -1) < (desired?.servedSinceMs ?? 0)) {
      const refused = lastRefused !== undefined && lastRefused.atMs > (lastGood?.atMs ?? -1);
      return refused ? `FetchRefused (${lastRefused.status})` : "NotFetched";
    }
    if (drift === "Missing" || drift === "Stale") return "NotTakenUp";
  }
  if (readiness.ready === "Unknown") {
    if (readiness.probesUnseen) return "ProbesNotVisible";
    if (fresh(input.runtime, input.nowMs, input.limits.runtimeFreshMs) !== undefined) {
      return "KubeletSilent";
    }
    return kubelet === undefined ? "NoSource" : "RuntimeSilent";
  }
  if (readiness.ready === "True") return "";
  if (readiness.by === "probe") return "ProbeFailed";
  const unready = kubelet?.containers.find(({ ready, state }) =>
    !ready && state.kind === "running"
  );
  if (unready !== undefined) return "ContainersNotReady";
  return kubelet?.containers[0]?.state.kind === "waiting" ? kubelet.containers[0].state.reason : "";
}

/** What the first failing container says; init containers come first, as they do in the pod. */
function containerReason(
  { kubelet, sandboxes }: JoinedPod,
  { by }: Readiness,
): string | undefined {
  for (const container of [...kubelet?.initContainers ?? [], ...kubelet?.containers ?? []]) {
    const reason = kubeletReason(container);
    if (reason !== undefined) return reason;
  }
  // A container that has just ended, the kubelet still takes for running.
  if (kubelet !== undefined && by !== "runtime") return undefined;
  for (const container of [...initContainers(sandboxes[0]), ...mainContainers(sandboxes[0])]) {
    const { state, status, type } = container;
    if (state !== "CONTAINER_EXITED" || (type === "init" && status?.exitCode === 0)) continue;
    return withCode(status?.reason ?? "Exited", status?.exitCode);
  }
  return undefined;
}

function kubeletReason({ state, ready }: KubeletContainer): string | undefined {
  switch (state.kind) {
    case "waiting":
      return ON_ITS_WAY.has(state.reason) ? undefined : state.reason;
    case "terminated":
      return ready ? undefined : withCode(state.reason, state.exitCode);
    case "running":
      return undefined;
  }
}

/** `OOMKilled (137)`, `Error (1)`, `Completed`. */
function withCode(reason: string, exitCode: number | undefined): string {
  return exitCode === undefined || exitCode === 0 ? reason : `${reason} (${exitCode})`;
}

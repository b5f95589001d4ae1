import type { StatusInput } from "./input.ts";
import { fresh } from "./reading.ts";
import type { JoinedPod, Ready } from "./row.ts";
import { mainContainers } from "./runtime_pod.ts";

/** Whether a pod is ready, since when, and who says so. */
export interface Readiness {
  readonly ready: Ready;
  readonly sinceMs: number | undefined;
  readonly by: "kubelet" | "runtime" | "probe" | "none";
  /** True if its containers run and only their probes are out of sight. */
  readonly probesUnseen: boolean;
}

/**
 * Whether the pod is ready, by the sources that are fresh.
 *
 * The kubelet knows; but when it calls the pod ready, and the runtime was read
 * later and shows that a container of it does not run, it is not. Without the kubelet, the runtime
 * knows it of a pod that has no probes: the kubelet calls such a container
 * ready as soon as it runs; and of some pods podstead asks the probes itself. Otherwise it is unknown, and `sinceMs` says when
 * it was last known.
 */
export function readinessOf(joined: JoinedPod, input: StatusInput): Readiness {
  const { nowMs, limits, kubelet, runtime } = input;
  const kubeletFresh = fresh(kubelet, nowMs, limits.kubeletFreshMs) !== undefined;
  const runtimeFresh = fresh(runtime, nowMs, limits.runtimeFreshMs) !== undefined;
  const runtimeSays = runtimeFresh ? runningByRuntime(joined) : undefined;
  // A kubelet that was just started does not list the pods whose containers it left running.
  if (kubeletFresh && joined.kubelet !== undefined) {
    const condition = joined.kubelet.conditions.find(({ type }) => type === "Ready");
    // A pod without the condition has only just been taken in.
    const ready = condition?.status ?? "False";
    const laterRuntime = runtimeFresh && (runtime.atMs ?? 0) >= (kubelet.atMs ?? 0);
    // Where both say no, the kubelet is the one that says it, whichever of them was read last.
    if (ready !== "False" && runtimeSays?.runs === false && (laterRuntime || outlived(joined))) {
      return {
        ready: "False",
        sinceMs: runtimeSays.sinceMs,
        by: "runtime",
        probesUnseen: false,
      };
    }
    const sinceMs = condition?.since === undefined ? undefined : Date.parse(condition.since);
    // A kubelet whose runtime does not answer repeats what it saw last.
    if (ready === "True" && runtimeSilent(input)) {
      return { ready: "Unknown", sinceMs: runtime.atMs, by: "none", probesUnseen: false };
    }
    return { ready, sinceMs, by: ready === "Unknown" ? "none" : "kubelet", probesUnseen: false };
  }
  if (runtimeSays !== undefined) {
    const { runs, sinceMs } = runtimeSays;
    if (!runs) return { ready: "False", sinceMs, by: "runtime", probesUnseen: false };
    if (!hasProbes(joined)) return { ready: "True", sinceMs, by: "runtime", probesUnseen: false };
    const { probe } = joined;
    if (probe !== undefined && nowMs - probe.atMs <= limits.kubeletFreshMs) {
      const ready = probe.failure === undefined ? "True" : "False";
      return { ready, sinceMs: undefined, by: "probe", probesUnseen: false };
    }
    return { ready: "Unknown", sinceMs: kubelet.atMs, by: "none", probesUnseen: true };
  }
  const known = [kubelet.atMs, runtime.atMs].filter((time) => time !== undefined);
  return {
    ready: "Unknown",
    sinceMs: known.length === 0 ? undefined : Math.max(...known),
    by: "none",
    probesUnseen: false,
  };
}

/** Whether the runtime was asked and did not answer: then nothing else is more than a memory. */
export function runtimeSilent({ runtime }: Pick<StatusInput, "runtime">): boolean {
  return runtime.failure !== undefined && runtime.failure.atMs >= (runtime.atMs ?? -Infinity);
}

/** Whether the kubelet still calls a container ready that has ended, as the runtime knows. */
function outlived({ kubelet, sandboxes }: JoinedPod): boolean {
  const ended = new Set(
    mainContainers(sandboxes[0]).filter(({ state }) => state === "CONTAINER_EXITED")
      .map(({ id }) => id),
  );
  return kubelet?.containers.some(({ ready, containerId }) => ready && ended.has(containerId)) ??
    false;
}

/** Whether every container of the pod runs, and since when that is so or not. */
function runningByRuntime({ desired, sandboxes }: JoinedPod): {
  readonly runs: boolean;
  readonly sinceMs: number | undefined;
} {
  const newest = sandboxes[0];
  const containers = mainContainers(newest);
  const wanted = containerSpecs(desired?.pod["spec"]).length;
  const down = containers.filter(({ state }) => state !== "CONTAINER_RUNNING");
  const runs = newest?.state === "SANDBOX_READY" && containers.length > 0 &&
    containers.length >= wanted && down.length === 0;
  const times = runs
    ? containers.map(({ createdAt, status }) => status?.startedAt ?? createdAt)
    : down.map(({ status }) => status?.finishedAt).filter((time) => time !== undefined);
  return { runs, sinceMs: times.length === 0 ? undefined : Math.max(...times.map(Date.parse)) };
}

/** Whether more than running decides whether the pod is ready; for an unknown pod it may. */
function hasProbes({ desired }: JoinedPod): boolean {
  if (desired === undefined) return true;
  const { spec } = desired.pod;
  const gates = typeof spec === "object" && spec !== null && "readinessGates" in spec;
  return gates ||
    containerSpecs(spec).some((container) =>
      typeof container === "object" && container !== null &&
      ("readinessProbe" in container || "startupProbe" in container)
    );
}

function containerSpecs(spec: unknown): readonly unknown[] {
  if (typeof spec !== "object" || spec === null || !("containers" in spec)) return [];
  return Array.isArray(spec.containers) ? spec.containers : [];
}

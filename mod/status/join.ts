import { SPEC_HASH_ANNOTATION } from "../pods/mod.ts";
import type { PodView } from "../cri/mod.ts";
import { driftOf, isEnding } from "./drift.ts";
import type { StatusInput } from "./input.ts";
import { fresh } from "./reading.ts";
import { readinessOf } from "./readiness.ts";
import { reasonOf } from "./reason.ts";
import type { JoinedPod, PodStatusRow } from "./row.ts";
import { mainContainers } from "./runtime_pod.ts";

/**
 * Joins what is wanted, what the kubelet fetched and reports, and what the
 * container runtime runs, into one row for each static pod of the node, those
 * of other origin included. Sorted by ID.
 *
 * A source that is not fresh counts as silent: nothing in a row comes from it
 * but when it was last seen.
 */
export function joinStatus(input: StatusInput): readonly PodStatusRow[] {
  return joinPods(input).map((joined) => toRow(joined, input))
    .sort((left, right) => left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
}

/** The name that the kubelet gives a static pod: `nginx-node-1`. */
export function staticPodName(name: string, nodeName: string): string {
  return `${name}-${nodeName.toLowerCase()}`;
}

/** The name that a static pod was declared with: without the node's. */
export function declaredName(name: string, nodeName: string): string {
  const suffix = `-${nodeName.toLowerCase()}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

function joinPods(input: StatusInput): readonly JoinedPod[] {
  const { nowMs, limits, nodeName } = input;
  const pods = new Map<string, JoinedPod>();
  const put = (namespace: string, name: string, change: Partial<JoinedPod>) => {
    const key = `${namespace}/${name}`;
    const before = pods.get(key) ??
      { namespace, name, desired: undefined, kubelet: undefined, sandboxes: [] };
    pods.set(key, { ...before, ...change });
  };
  for (const desired of input.desired) {
    put(desired.namespace, staticPodName(desired.name, nodeName), { desired });
  }
  for (const pod of fresh(input.kubelet, nowMs, limits.kubeletFreshMs) ?? []) {
    const known = pods.get(`${pod.namespace}/${pod.name}`);
    if (known?.desired !== undefined && pod.source === "file") {
      put(pod.namespace, pod.name, { rivalFromFile: true });
      continue;
    }
    if (known !== undefined || pod.source === "http" || pod.source === "file") {
      put(pod.namespace, pod.name, { kubelet: pod });
    }
  }
  const sandboxes = Map.groupBy(
    fresh(input.runtime, nowMs, limits.runtimeFreshMs) ?? [],
    ({ namespace, name }) => `${namespace}/${name}`,
  );
  for (const [key, found] of sandboxes) {
    const declared = pods.get(key)?.desired !== undefined;
    const all = declared ? found.filter(({ source }) => source !== "file") : found;
    const [rival] = declared
      ? found.filter(({ source, state }) => source === "file" && state === "SANDBOX_READY")
      : [];
    if (rival !== undefined) put(rival.namespace, rival.name, { rivalFromFile: true });
    // A sandbox that has ended belongs to a row only if something else does.
    const wanted = pods.has(key) ||
      all.some(({ isStatic, state }) => isStatic && state === "SANDBOX_READY");
    const [first] = all;
    if (!wanted || first === undefined) continue;
    put(first.namespace, first.name, {
      sandboxes: all.toSorted((left, right) => createdAt(right) - createdAt(left)),
    });
  }
  for (const [key, probe] of input.probes ?? []) {
    const known = pods.get(key);
    if (known !== undefined) put(known.namespace, known.name, { probe });
  }
  for (const removed of input.removed ?? []) {
    const name = staticPodName(removed.name, nodeName);
    // What is no longer there has no row.
    const known = pods.get(`${removed.namespace}/${name}`);
    const isDown = known?.desired === undefined || known.desired.state === "Stopped";
    if (known !== undefined && isDown) {
      put(removed.namespace, name, { removed });
    }
  }
  return [...pods.values()];
}

function toRow(joined: JoinedPod, input: StatusInput): PodStatusRow {
  const { desired, kubelet, sandboxes } = joined;
  const drift = driftOf(joined, input);
  const readiness = readinessOf(joined, input);
  const newest = sandboxes[0];
  const running = newest?.state === "SANDBOX_READY" ? newest : undefined;
  const started = running?.createdAt ?? kubelet?.startTime;
  const containers = mainContainers(newest);
  return {
    id: `${joined.namespace}/${joined.name}`,
    namespace: joined.namespace,
    name: joined.name,
    ready: readiness.ready,
    readySinceMs: readiness.sinceMs,
    phase: phaseOf(joined),
    containers: {
      ready: kubelet !== undefined && kubelet.containers.length > 0
        ? Math.min(
          kubelet.containers.filter(({ ready }) => ready).length,
          runningLimit(joined, input),
        )
        : containers.filter(({ state }) => state === "CONTAINER_RUNNING").length,
      total: Math.max(
        declaredContainers(joined),
        kubelet?.containers.length ?? 0,
        containers.length,
      ),
    },
    restarts: Math.max(
      sum((kubelet?.containers ?? []).map(({ restartCount }) => restartCount)),
      sum(containers.map(({ restartCount }) => restartCount)),
    ),
    reason: reasonOf(joined, drift, readiness, input),
    startedAtMs: started === undefined ? undefined : Date.parse(started),
    drift,
    ending: drift === "Orphaned" && isEnding(joined, input),
    seenAtMs: seenAt(joined, input),
    confirmedBy: readiness.by,
    origin: originOf(desired !== undefined, joined),
    joined,
  };
}

/** The kubelet may count a container as ready that the runtime no longer runs. */
function runningLimit({ sandboxes }: JoinedPod, input: StatusInput): number {
  if (fresh(input.runtime, input.nowMs, input.limits.runtimeFreshMs) === undefined) return Infinity;
  const running = mainContainers(sandboxes[0])
    .filter(({ state }) => state === "CONTAINER_RUNNING").length;
  return (input.runtime.atMs ?? 0) >= (input.kubelet.atMs ?? 0) ? running : Infinity;
}

function phaseOf({ kubelet, sandboxes }: JoinedPod): string {
  if (kubelet !== undefined && kubelet.phase !== "") return kubelet.phase;
  const newest = sandboxes[0];
  if (newest === undefined) return "Unknown";
  const containers = mainContainers(newest);
  if (containers.length === 0) return "Pending";
  // Whether ended containers mean Succeeded, Failed or a pause between two runs only the kubelet knows.
  return containers.some(({ state }) => state === "CONTAINER_RUNNING") ? "Running" : "Unknown";
}

function declaredContainers({ desired }: JoinedPod): number {
  const spec = desired?.pod["spec"];
  if (typeof spec !== "object" || spec === null || !("containers" in spec)) return 0;
  return Array.isArray(spec.containers) ? spec.containers.length : 0;
}

function seenAt({ kubelet, sandboxes, desired }: JoinedPod, input: StatusInput) {
  const times = [
    kubelet !== undefined || desired !== undefined ? input.kubelet.atMs : undefined,
    sandboxes.length > 0 || desired !== undefined ? input.runtime.atMs : undefined,
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

function originOf(declared: boolean, { kubelet, sandboxes }: JoinedPod): PodStatusRow["origin"] {
  const stamped = kubelet?.annotations[SPEC_HASH_ANNOTATION] ?? sandboxes[0]?.specHash;
  if (declared || stamped !== undefined) return "podstead";
  return (kubelet?.source ?? sandboxes[0]?.source) === "file" ? "file" : "http";
}

function createdAt(pod: PodView): number {
  return pod.createdAt === undefined ? 0 : Date.parse(pod.createdAt);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

import type { ContainerSpec, Pod } from "./pod.ts";
import type { ObservedContainer, ObservedPod } from "./runtime.ts";

/** Why a container waits. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

/** What a pod's status is made of. Times are milliseconds since the epoch. */
export interface StatusInput {
  readonly pod: Pod;
  readonly observed: ObservedPod | undefined;
  /** By container name: what keeps it from running now. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly started: (containerId: string, spec: ContainerSpec) => boolean;
  readonly ready: (containerId: string, spec: ContainerSpec) => boolean;
  /** When the worker took the pod up; undefined while it waits for its name. */
  readonly startedAtMs: number | undefined;
  readonly nowMs: number;
  readonly nodeIp: string;
}

/** A condition of a pod, as the API writes it. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly lastProbeTime: null;
  readonly lastTransitionTime: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The `state` of a container: exactly one member is there. */
export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason: string;
    readonly message?: string;
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly containerID: string;
  };
}

/** A container's status, as the API writes it. */
export interface ContainerStatus {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string;
  readonly started: boolean;
}

/** A pod's status, as `/pods` shows it. */
export interface PodStatus {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly conditions?: readonly Condition[];
  readonly hostIP?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly startTime?: string;
  readonly qosClass?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

/** The status of a pod from what the runtime has of it. */
export function podStatus(input: StatusInput): PodStatus {
  const { pod, observed, nowMs, startedAtMs, nodeIp } = input;
  if (startedAtMs === undefined) return { phase: "Pending" };
  const init = (pod.spec.initContainers ?? []).map((spec) => containerStatus(spec, input, true));
  const initialized = init.every(({ state }, index) =>
    state.terminated?.exitCode === 0 ||
    (pod.spec.initContainers?.[index]?.restartPolicy === "Always" && state.running !== undefined)
  );
  const main = pod.spec.containers.map((spec) => containerStatus(spec, input, initialized));
  const unready = main.filter(({ ready }) => !ready).map(({ name }) => name);
  const phase = phaseOf(pod, init, main, initialized);
  const since = latestChange([...init, ...main], startedAtMs);
  const condition = (type: string, holds: boolean, reason?: string, message?: string) => ({
    type,
    status: holds ? "True" as const : "False" as const,
    lastProbeTime: null,
    lastTransitionTime: seconds(
      type === "PodScheduled" || type === "Initialized" ? startedAtMs : since,
    ),
    ...(holds || reason === undefined ? {} : { reason }),
    ...(holds || message === undefined ? {} : { message }),
  });
  const message = `containers with unready status: [${unready.join(" ")}]`;
  const sandboxReady = observed?.sandboxes.some(({ ready }) => ready) ?? false;
  return {
    phase,
    conditions: [
      condition("PodReadyToStartContainers", sandboxReady),
      condition("Initialized", initialized, "ContainersNotInitialized"),
      condition("Ready", initialized && unready.length === 0, "ContainersNotReady", message),
      condition("ContainersReady", unready.length === 0, "ContainersNotReady", message),
      condition("PodScheduled", true),
    ],
    hostIP: nodeIp,
    ...(sandboxReady ? { podIP: nodeIp, podIPs: [{ ip: nodeIp }] } : {}),
    startTime: seconds(Math.min(startedAtMs, nowMs)),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: main,
    qosClass: "BestEffort",
  };
}

function containerStatus(
  spec: ContainerSpec,
  input: StatusInput,
  initialized: boolean,
): ContainerStatus {
  const instances = (input.observed?.containers ?? []).filter(({ name }) => name === spec.name);
  const latest = instances[0];
  const held = input.waiting.get(spec.name);
  const running = latest?.state === "running";
  let state: ContainerState;
  let last: ObservedContainer | undefined = instances[1];
  if (running) {
    state = { running: { startedAt: seconds(latest.startedAtMs) } };
  } else if (held !== undefined) {
    state = { waiting: { reason: held.reason, message: held.message } };
    last = latest;
  } else if (latest?.state === "exited") {
    state = { terminated: terminated(latest) };
  } else {
    state = { waiting: { reason: initialized ? "ContainerCreating" : "PodInitializing" } };
    last = latest?.state === "created" ? instances[1] : latest;
  }
  return {
    name: spec.name,
    state,
    lastState: last?.state === "exited" ? { terminated: terminated(last) } : {},
    ready: running && input.ready(latest.id, spec) ||
      // An init container is ready when it has done its work.
      ((input.pod.spec.initContainers ?? []).includes(spec) && state.terminated?.exitCode === 0),
    restartCount: latest?.attempt ?? 0,
    image: latest === undefined ? spec.image : latest.image,
    imageID: latest?.imageId ?? "",
    ...(latest === undefined ? {} : { containerID: `containerd://${latest.id}` }),
    started: running && input.started(latest.id, spec),
  };
}

function terminated(container: ObservedContainer): NonNullable<ContainerState["terminated"]> {
  const fallback = container.exitCode === 0 ? "Completed" : "Error";
  return {
    exitCode: container.exitCode,
    reason: container.reason === "" ? fallback : container.reason,
    ...(container.message === "" ? {} : { message: container.message }),
    startedAt: seconds(container.startedAtMs),
    finishedAt: seconds(container.finishedAtMs),
    containerID: `containerd://${container.id}`,
  };
}

function phaseOf(
  pod: Pod,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
  initialized: boolean,
): PodStatus["phase"] {
  const policy = pod.spec.restartPolicy ?? "Always";
  const failed = (one: ContainerStatus) => (one.state.terminated?.exitCode ?? 0) !== 0;
  if (!initialized) return policy === "Never" && init.some(failed) ? "Failed" : "Pending";
  const begun = (one: ContainerStatus) =>
    one.state.waiting === undefined || one.lastState.terminated !== undefined;
  if (!main.every(begun)) return "Pending";
  const stopped = main.every((one) => one.state.terminated !== undefined);
  if (!stopped || policy === "Always") return "Running";
  if (main.every((one) => !failed(one))) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

function latestChange(containers: readonly ContainerStatus[], floorMs: number): number {
  const times = containers.flatMap(({ state }) => [
    Date.parse(state.running?.startedAt ?? ""),
    Date.parse(state.terminated?.finishedAt ?? ""),
  ]).filter((time) => !Number.isNaN(time));
  return Math.max(floorMs, ...times);
}

/** RFC 3339 in whole seconds, as the API writes times. */
function seconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

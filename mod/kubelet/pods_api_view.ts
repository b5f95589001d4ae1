import type {
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  Time,
} from "./gen/pods_api_pod.ts";
import { type KubeletPod, type PodItem, toKubeletPod } from "./pod_view.ts";

/** Reads one pod of the pods API: what `/pods` writes as JSON is written as bytes here. */
export function podOfMessage({ metadata, status }: Pod): KubeletPod {
  return toKubeletPod({
    metadata: {
      name: metadata?.name ?? "",
      namespace: metadata?.namespace || "default",
      uid: metadata?.uid ?? "",
      annotations: metadata?.annotations ?? {},
    },
    status: {
      phase: status?.phase ?? "",
      reason: status?.reason ?? "",
      message: status?.message ?? "",
      startTime: timeOf(status?.startTime),
      conditions: (status?.conditions ?? []).map(conditionOf),
      initContainerStatuses: (status?.initContainerStatuses ?? []).map(containerOf),
      containerStatuses: (status?.containerStatuses ?? []).map(containerOf),
    },
  });
}

function conditionOf(
  { type, status, reason, message, lastTransitionTime }: PodCondition,
): PodItem["status"]["conditions"][number] {
  const known = status === "True" || status === "False" ? status : "Unknown";
  return { type, status: known, reason, message, lastTransitionTime: timeOf(lastTransitionTime) };
}

function containerOf(
  { containerId, state, lastState, ...rest }: ContainerStatus,
): PodItem["status"]["containerStatuses"][number] {
  return {
    ...rest,
    containerID: containerId,
    state: stateOf(state),
    lastState: stateOf(lastState),
  };
}

function stateOf(state: ContainerState | undefined) {
  const { waiting, running, terminated } = state ?? {};
  return {
    waiting,
    running: running && { startedAt: timeOf(running.startedAt) },
    terminated: terminated && {
      ...terminated,
      startedAt: timeOf(terminated.startedAt),
      finishedAt: timeOf(terminated.finishedAt),
    },
  };
}

/** As the API writes times: whole seconds. */
function timeOf(time: Time | undefined): string | undefined {
  if (time === undefined) return undefined;
  return new Date(Number(time.seconds) * 1000).toISOString().replace(".000Z", "Z");
}

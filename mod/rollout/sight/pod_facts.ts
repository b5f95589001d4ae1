import { getOwn, isJsonObject, type JsonValue } from "../../core/mod.ts";
import type { RolloutPod } from "../types.ts";

/**
 * How long a pod may take to end, in milliseconds.
 *
 * Source: kubelet pkg/kubelet/kuberuntime, `minimumGracePeriodInSeconds` is 2;
 * 30 s is the default of the API.
 */
export function graceOf(pod: RolloutPod): number {
  const seconds = specField(pod, "terminationGracePeriodSeconds");
  return Math.max(2, typeof seconds === "number" ? seconds : 30) * 1000;
}

/** How many containers run when the pod does; init containers left out. */
export function containerCount(pod: RolloutPod): number {
  const containers = specField(pod, "containers");
  return Math.max(1, Array.isArray(containers) ? containers.length : 0);
}

function specField({ pod }: RolloutPod, name: string): JsonValue | undefined {
  const spec = getOwn(pod, "spec");
  return isJsonObject(spec) ? getOwn(spec, name) : undefined;
}

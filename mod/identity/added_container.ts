import { getOwn, isJsonObject, type JsonObject } from "../core/mod.ts";
import { containersOf, initContainersOf, objectAt, objects } from "./spec.ts";

/**
 * Why a container cannot be added to a running pod without losing something of
 * it; undefined if it can: the kubelet starts it in the sandbox that is there.
 *
 * Sources (kubelet 1.36): a sandbox gets its port mappings when it is made, the
 * pod's cgroup its limits when the pod begins (pkg/kubelet/cm/helpers_linux.go,
 * `ResourceConfigForPod`), and `AddPod` of pkg/kubelet/prober/prober_manager.go
 * returns at the first probe that it knows already.
 */
export function whyNotAdded(container: JsonObject, before: JsonObject): string | undefined {
  const present = [...containersOf(before), ...initContainersOf(before)];
  if (getOwn(objectAt(before, "spec"), "hostNetwork") !== true && hasHostPort(container)) {
    return "a sandbox gets its host ports when it is made";
  }
  if (hasProbe(container) && present.some(hasProbe)) {
    return "the kubelet would not run its probes";
  }
  if (Object.keys(objectAt(container, "resources")).length > 0 || limitsPod(before, present)) {
    return "the pod's cgroup keeps its limits";
  }
  if ("restartPolicy" in container || "restartPolicyRules" in container) {
    return "it has rules of its own for its restart";
  }
  return undefined;
}

/** The kubelet limits a whole pod where each container has a limit, and where the pod has its own. */
function limitsPod(pod: JsonObject, containers: readonly JsonObject[]): boolean {
  if (isJsonObject(getOwn(objectAt(pod, "spec"), "resources"))) return true;
  return ["cpu", "memory"].some((resource) =>
    containers.every((container) =>
      getOwn(objectAt(objectAt(container, "resources"), "limits"), resource) !== undefined
    )
  );
}

function hasHostPort(container: JsonObject): boolean {
  return objects(getOwn(container, "ports")).some((port) => Boolean(getOwn(port, "hostPort")));
}

function hasProbe(container: JsonObject): boolean {
  return ["livenessProbe", "readinessProbe", "startupProbe"]
    .some((probe) => isJsonObject(getOwn(container, probe)));
}

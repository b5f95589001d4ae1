/**
 * The values that the kubelet fills in while it decodes a pod.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/v1/defaults.go, zz_generated.defaults.go and
 * conversion.go, in their order.
 */
import { isLatest } from "./image_reference.ts";
import type { Quantity } from "./quantity.ts";
import {
  isHugePages,
  isOvercommitAllowed,
  isPodLevelResource,
  totalResources,
} from "./resource_totals.ts";
import type { ResourceList } from "./resource_totals.ts";
import type { RuleOptions } from "./rules.ts";
import { each, NIL_MAP, PodSecurityContext, ResourceRequirements } from "./types/mod.ts";
import type {
  Container,
  ContainerPort,
  EnvVar,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Pod,
  PodSpec,
  PodStatus,
  Probe,
} from "./types/mod.ts";
import { withVolumeDefaults } from "./volume_defaults.ts";

const DEFAULT_GRACE_PERIOD_SECONDS = 30;
const MILLI = -3;

/** Annotations of Kubernetes before 1.8, which are dropped. */
const OLD_INIT_ANNOTATIONS = [
  "pod.beta.kubernetes.io/init-containers",
  "pod.alpha.kubernetes.io/init-containers",
  "pod.beta.kubernetes.io/init-container-statuses",
  "pod.alpha.kubernetes.io/init-container-statuses",
];

/** The pod with every default set that a decoder sets. */
export function withDefaults(pod: Pod, options: RuleOptions): Pod {
  const { spec } = pod;
  const ownDefaults = {
    ...spec,
    containers: each(
      spec.containers,
      (container) => withContainerDefaults(container, spec.hostNetwork),
    ),
    initContainers: each(
      spec.initContainers,
      (container) => withContainerDefaults(container, spec.hostNetwork),
    ),
    ephemeralContainers: each(spec.ephemeralContainers, (container) => ({
      ...withContainerDefaults(container, false, false),
      targetContainerName: container.targetContainerName,
    })),
    volumes: each(spec.volumes, (volume) => withVolumeDefaults(volume, options)),
  };
  return {
    ...pod,
    metadata: withoutOldAnnotations(pod),
    spec: withSpecDefaults(ownDefaults, options),
    status: options.podIpsConverted ? withOnePodIp(pod.status) : pod.status,
  };
}

/** Up to 1.36 the kubelet keeps the list alone, and `podIP` wins over a list that begins otherwise. */
function withOnePodIp(status: PodStatus): PodStatus {
  const { podIP, podIPs } = status;
  const first = podIPs[0]?.ip ?? "";
  if (podIP === first) return status;
  return podIP === "" ? { ...status, podIP: first } : { ...status, podIPs: [{ ip: podIP }] };
}

function withoutOldAnnotations(pod: Pod): Pod["metadata"] {
  const { annotations } = pod.metadata;
  if (!OLD_INIT_ANNOTATIONS.some((key) => annotations.has(key))) return pod.metadata;
  const kept = new Map(annotations);
  for (const key of OLD_INIT_ANNOTATIONS) kept.delete(key);
  return { ...pod.metadata, annotations: kept };
}

function withSpecDefaults(spec: PodSpec, options: RuleOptions): PodSpec {
  const grace = spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_PERIOD_SECONDS;
  const serviceAccountName = spec.serviceAccountName || spec.serviceAccount;
  return {
    ...spec,
    // Decoding sets these two before the defaults round them.
    overhead: rounded(spec.overhead),
    resources: withPodResources(spec, options),
    dnsPolicy: spec.dnsPolicy || "ClusterFirst",
    restartPolicy: spec.restartPolicy || "Always",
    securityContext: spec.securityContext ?? PodSecurityContext.zero,
    terminationGracePeriodSeconds: grace < 0 ? 1 : grace,
    schedulerName: spec.schedulerName || "default-scheduler",
    enableServiceLinks: spec.enableServiceLinks ?? true,
    serviceAccountName,
    serviceAccount: serviceAccountName,
  };
}

function withPodResources(spec: PodSpec, options: RuleOptions): PodSpec["resources"] {
  const declared = spec.resources;
  if (declared === undefined) return undefined;
  if (!options.podLevelResourceDefaults) return roundedResources(declared);
  const limits = new Map(declared.limits);
  const requests = new Map(declared.requests);
  if (limits.size > 0 || requests.size > 0) {
    for (const [name, total] of totalResources(spec, "limits")) {
      if (isHugePages(name) && !requests.has(name) && !limits.has(name)) limits.set(name, total);
    }
  }
  if (limits.size > 0) {
    for (const [name, total] of totalResources(spec, "requests")) {
      if (isPodLevelResource(name) && isOvercommitAllowed(name) && !requests.has(name)) {
        requests.set(name, total);
      }
    }
    for (const [name, limit] of limits) {
      if (isPodLevelResource(name) && !requests.has(name)) requests.set(name, limit);
    }
  }
  return roundedResources({
    ...declared,
    limits: limits.size === 0 ? declared.limits : limits,
    requests: requests.size === 0 ? declared.requests : requests,
  });
}

function withContainerDefaults(
  container: Container,
  hostNetwork: boolean,
  defaultRequests = true,
): Container {
  return {
    ...container,
    imagePullPolicy: container.imagePullPolicy ||
      (isLatest(container.image) ? "Always" : "IfNotPresent"),
    terminationMessagePath: container.terminationMessagePath || "/dev/termination-log",
    terminationMessagePolicy: container.terminationMessagePolicy || "File",
    ports: each(container.ports, (port) => withPortDefaults(port, hostNetwork)),
    env: each(container.env, withEnvDefaults),
    resources: container.resources === ResourceRequirements.zero
      ? container.resources
      : roundedResources(
        defaultRequests ? withRequests(container.resources) : container.resources,
      ),
    livenessProbe: withProbeDefaults(container.livenessProbe),
    readinessProbe: withProbeDefaults(container.readinessProbe),
    startupProbe: withProbeDefaults(container.startupProbe),
    lifecycle: withLifecycleDefaults(container.lifecycle),
  };
}

function withRequests(resources: ResourceRequirements): ResourceRequirements {
  if (resources.limits === NIL_MAP) return resources;
  return { ...resources, requests: new Map([...resources.limits, ...resources.requests]) };
}

function roundedResources(resources: ResourceRequirements): ResourceRequirements {
  return {
    ...resources,
    limits: rounded(resources.limits),
    requests: rounded(resources.requests),
  };
}

/** Kubernetes keeps no less than a thousandth of a resource. */
function rounded(resources: ResourceList): ResourceList {
  if (resources.size === 0) return resources;
  const result = new Map<string, Quantity>();
  for (const [name, amount] of resources) result.set(name, amount.roundUp(MILLI));
  return result;
}

function withPortDefaults(port: ContainerPort, hostNetwork: boolean): ContainerPort {
  return {
    ...port,
    protocol: port.protocol || "TCP",
    hostPort: hostNetwork && port.hostPort === 0 ? port.containerPort : port.hostPort,
  };
}

function withEnvDefaults(variable: EnvVar): EnvVar {
  const source = variable.valueFrom;
  if (source?.fieldRef === undefined && source?.fileKeyRef === undefined) return variable;
  const { fieldRef, fileKeyRef } = source;
  return {
    ...variable,
    valueFrom: {
      ...source,
      fieldRef: fieldRef && { ...fieldRef, apiVersion: fieldRef.apiVersion || "v1" },
      fileKeyRef: fileKeyRef && { ...fileKeyRef, optional: fileKeyRef.optional ?? false },
    },
  };
}

function withProbeDefaults(probe: Probe | undefined): Probe | undefined {
  return probe && {
    ...probe,
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
    httpGet: withHttpDefaults(probe.httpGet),
    grpc: probe.grpc && { ...probe.grpc, service: probe.grpc.service ?? "" },
  };
}

function withHttpDefaults(action: HTTPGetAction | undefined): HTTPGetAction | undefined {
  return action && { ...action, path: action.path || "/", scheme: action.scheme || "HTTP" };
}

function withLifecycleDefaults(lifecycle: Lifecycle | undefined): Lifecycle | undefined {
  const withHandler = (handler: LifecycleHandler | undefined) =>
    handler && { ...handler, httpGet: withHttpDefaults(handler.httpGet) };
  return lifecycle && {
    ...lifecycle,
    postStart: withHandler(lifecycle.postStart),
    preStop: withHandler(lifecycle.preStop),
  };
}

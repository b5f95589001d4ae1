/**
 * The pod itself, as Kubernetes 1.31 to 1.37 know it.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, since, struct, until } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int32, int64, quantity, str } from "./scalars.ts";
import { Container, EphemeralContainer } from "./container.ts";
import { ListMeta, LocalObjectReference, ObjectMeta } from "./meta.ts";
import { ResourceRequirements } from "./resources.ts";
import {
  Affinity,
  EvictionResponder,
  PodSchedulingGate,
  PodSchedulingGroup,
  Toleration,
  TopologySpreadConstraint,
  WorkloadReference,
} from "./scheduling.ts";
import { PodSecurityContext } from "./security.ts";
import { PodStatus } from "./status.ts";
import { Volume } from "./volume.ts";

/** Lines of the pod's hosts file. */
export const HostAlias = struct({
  ip: str,
  hostnames: list(str),
});
export type HostAlias = ValueOf<typeof HostAlias>;

/** An option of the resolver. */
export const PodDNSConfigOption = struct({
  name: str,
  value: optional(str),
});
export type PodDNSConfigOption = ValueOf<typeof PodDNSConfigOption>;

/** Resolver settings. */
export const PodDNSConfig = struct({
  nameservers: list(str),
  searches: list(str),
  options: list(PodDNSConfigOption),
});
export type PodDNSConfig = ValueOf<typeof PodDNSConfig>;

/** A condition that readiness waits for. */
export const PodReadinessGate = struct({
  conditionType: str,
});
export type PodReadinessGate = ValueOf<typeof PodReadinessGate>;

/** The operating system that the pod is for. */
export const PodOS = struct({
  name: str,
});
export type PodOS = ValueOf<typeof PodOS>;

/** A claim for devices. */
export const PodResourceClaim = struct({
  name: str,
  resourceClaimName: optional(str),
  resourceClaimTemplateName: optional(str),
});
export type PodResourceClaim = ValueOf<typeof PodResourceClaim>;

/** What a pod is meant to be. */
export const PodSpec = struct({
  volumes: list(Volume),
  initContainers: list(Container),
  containers: list(Container),
  ephemeralContainers: list(EphemeralContainer),
  restartPolicy: str,
  terminationGracePeriodSeconds: optional(int64),
  activeDeadlineSeconds: optional(int64),
  dnsPolicy: str,
  nodeSelector: map(str),
  serviceAccountName: str,
  serviceAccount: str,
  automountServiceAccountToken: optional(bool),
  nodeName: str,
  hostNetwork: bool,
  hostPID: bool,
  hostIPC: bool,
  shareProcessNamespace: optional(bool),
  securityContext: optional(PodSecurityContext),
  imagePullSecrets: list(LocalObjectReference),
  hostname: str,
  subdomain: str,
  affinity: optional(Affinity),
  schedulerName: str,
  tolerations: list(Toleration),
  hostAliases: list(HostAlias),
  priorityClassName: str,
  priority: optional(int32),
  dnsConfig: optional(PodDNSConfig),
  readinessGates: list(PodReadinessGate),
  runtimeClassName: optional(str),
  enableServiceLinks: optional(bool),
  preemptionPolicy: optional(str),
  overhead: map(quantity),
  topologySpreadConstraints: list(TopologySpreadConstraint),
  setHostnameAsFQDN: optional(bool),
  os: optional(PodOS),
  hostUsers: optional(bool),
  schedulingGates: list(PodSchedulingGate),
  resourceClaims: list(PodResourceClaim),
  resources: since(32, optional(ResourceRequirements)),
  hostnameOverride: since(34, optional(str)),
  workloadRef: since(35, until(35, optional(WorkloadReference))),
  schedulingGroup: since(36, optional(PodSchedulingGroup)),
  evictionResponders: since(37, list(EvictionResponder)),
});
export type PodSpec = ValueOf<typeof PodSpec>;

/** A pod. */
export const Pod = struct({
  kind: str,
  apiVersion: str,
  metadata: ObjectMeta,
  spec: PodSpec,
  status: PodStatus,
});
export type Pod = ValueOf<typeof Pod>;

/** A list of pods. */
export const PodList = struct({
  kind: str,
  apiVersion: str,
  metadata: ListMeta,
  items: list(Pod),
});
export type PodList = ValueOf<typeof PodList>;

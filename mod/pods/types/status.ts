/**
 * The status of a pod: a manifest may carry one, so it must decode.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, since, struct, until } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int32, int64, quantity, str, time } from "./scalars.ts";
import { ResourceRequirements } from "./resources.ts";

/** A condition of the pod. */
export const PodCondition = struct({
  type: str,
  observedGeneration: since(33, int64),
  status: str,
  lastProbeTime: time,
  lastTransitionTime: time,
  reason: str,
  message: str,
});
export type PodCondition = ValueOf<typeof PodCondition>;

/** An address of the node. */
export const HostIP = struct({
  ip: str,
});
export type HostIP = ValueOf<typeof HostIP>;

/** An address of the pod. */
export const PodIP = struct({
  ip: str,
});
export type PodIP = ValueOf<typeof PodIP>;

/** A container that does not run yet. */
export const ContainerStateWaiting = struct({
  reason: str,
  message: str,
});
export type ContainerStateWaiting = ValueOf<typeof ContainerStateWaiting>;

/** A container that runs. */
export const ContainerStateRunning = struct({
  startedAt: time,
});
export type ContainerStateRunning = ValueOf<typeof ContainerStateRunning>;

/** A container that has ended. */
export const ContainerStateTerminated = struct({
  exitCode: int32,
  signal: int32,
  reason: str,
  message: str,
  startedAt: time,
  finishedAt: time,
  containerID: str,
});
export type ContainerStateTerminated = ValueOf<typeof ContainerStateTerminated>;

/** The state of a container. */
export const ContainerState = struct({
  waiting: optional(ContainerStateWaiting),
  running: optional(ContainerStateRunning),
  terminated: optional(ContainerStateTerminated),
});
export type ContainerState = ValueOf<typeof ContainerState>;

/** The image behind a volume. */
export const ImageVolumeStatus = struct({
  imageRef: str,
});
export type ImageVolumeStatus = ValueOf<typeof ImageVolumeStatus>;

/** The status of a mounted volume. */
export const VolumeStatus = struct({
  image: optional(ImageVolumeStatus),
});
export type VolumeStatus = ValueOf<typeof VolumeStatus>;

/** The status of a mount. */
export const VolumeMountStatus = struct({
  name: str,
  mountPath: str,
  readOnly: bool,
  recursiveReadOnly: optional(str),
  volumeStatus: since(36, optional(VolumeStatus)),
});
export type VolumeMountStatus = ValueOf<typeof VolumeMountStatus>;

/** The user that a container runs as, on Linux. */
export const LinuxContainerUser = struct({
  uid: int64,
  gid: int64,
  supplementalGroups: list(int64),
});
export type LinuxContainerUser = ValueOf<typeof LinuxContainerUser>;

/** The user that a container runs as. */
export const ContainerUser = struct({
  linux: optional(LinuxContainerUser),
});
export type ContainerUser = ValueOf<typeof ContainerUser>;

/** Whether a device is healthy. */
export const ResourceHealth = struct({
  resourceID: str,
  health: str,
  message: since(36, optional(str)),
});
export type ResourceHealth = ValueOf<typeof ResourceHealth>;

/** The health of a resource. */
export const ResourceStatus = struct({
  name: str,
  resources: list(ResourceHealth),
});
export type ResourceStatus = ValueOf<typeof ResourceStatus>;

/** The status of a container. */
export const ContainerStatus = struct({
  name: str,
  state: ContainerState,
  lastState: ContainerState,
  ready: bool,
  restartCount: int32,
  image: str,
  imageID: str,
  containerID: str,
  started: optional(bool),
  allocatedResources: map(quantity),
  resources: optional(ResourceRequirements),
  volumeMounts: list(VolumeMountStatus),
  user: optional(ContainerUser),
  allocatedResourcesStatus: list(ResourceStatus),
  stopSignal: since(33, optional(str)),
});
export type ContainerStatus = ValueOf<typeof ContainerStatus>;

/** The claim made for the pod. */
export const PodResourceClaimStatus = struct({
  name: str,
  resourceClaimName: optional(str),
});
export type PodResourceClaimStatus = ValueOf<typeof PodResourceClaimStatus>;

/** A request of an extended resource that a claim serves. */
export const ContainerExtendedResourceRequest = struct({
  containerName: str,
  resourceName: str,
  requestName: str,
});
export type ContainerExtendedResourceRequest = ValueOf<typeof ContainerExtendedResourceRequest>;

/** The claim for extended resources. */
export const PodExtendedResourceClaimStatus = struct({
  requestMappings: list(ContainerExtendedResourceRequest),
  resourceClaimName: str,
});
export type PodExtendedResourceClaimStatus = ValueOf<typeof PodExtendedResourceClaimStatus>;

/** One allocatable resource of the node that a claim takes. */
export const NodeAllocatableMappedResources = struct({
  name: str,
  quantity: optional(quantity),
});
export type NodeAllocatableMappedResources = ValueOf<typeof NodeAllocatableMappedResources>;

/** What a claim takes besides, for the pod and for each of its containers. */
export const NodeAllocatableOverheadResources = struct({
  name: str,
  perPod: optional(quantity),
  perContainer: optional(quantity),
});
export type NodeAllocatableOverheadResources = ValueOf<typeof NodeAllocatableOverheadResources>;

/** What a claim takes of the node's allocatable resources. */
export const NodeAllocatableResourceClaimStatus = struct({
  resourceClaimName: str,
  containers: list(str),
  resources: until(36, map(quantity)),
  mapping: since(37, list(NodeAllocatableMappedResources)),
  overhead: since(37, list(NodeAllocatableOverheadResources)),
});
export type NodeAllocatableResourceClaimStatus = ValueOf<typeof NodeAllocatableResourceClaimStatus>;

/** One thing that is wrong with a volume. */
export const VolumeHealthCondition = struct({
  status: str,
  reason: str,
  message: str,
});
export type VolumeHealthCondition = ValueOf<typeof VolumeHealthCondition>;

/** The health of a volume. */
export const PodVolumeHealth = struct({
  name: str,
  healthConditions: list(VolumeHealthCondition),
  lastTransitionTime: time,
});
export type PodVolumeHealth = ValueOf<typeof PodVolumeHealth>;

/** The status of a pod. */
export const PodStatus = struct({
  observedGeneration: since(33, int64),
  phase: str,
  conditions: list(PodCondition),
  message: str,
  reason: str,
  nominatedNodeName: str,
  hostIP: str,
  hostIPs: list(HostIP),
  podIP: str,
  podIPs: list(PodIP),
  startTime: optional(time),
  initContainerStatuses: list(ContainerStatus),
  containerStatuses: list(ContainerStatus),
  qosClass: str,
  ephemeralContainerStatuses: list(ContainerStatus),
  resize: str,
  resourceClaimStatuses: list(PodResourceClaimStatus),
  extendedResourceClaimStatus: since(34, optional(PodExtendedResourceClaimStatus)),
  allocatedResources: since(35, map(quantity)),
  resources: since(35, optional(ResourceRequirements)),
  nodeAllocatableResourceClaimStatuses: since(36, list(NodeAllocatableResourceClaimStatus)),
  volumeHealth: since(37, list(PodVolumeHealth)),
});
export type PodStatus = ValueOf<typeof PodStatus>;

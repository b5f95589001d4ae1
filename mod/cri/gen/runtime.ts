// Made from proto/runtime.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";

/** runtime.v1.CgroupDriver */
export const CgroupDriver = {
  SYSTEMD: 0,
  CGROUPFS: 1,
} as const;
export type CgroupDriver = typeof CgroupDriver[keyof typeof CgroupDriver];

/** runtime.v1.PodSandboxState */
export const PodSandboxState = {
  SANDBOX_READY: 0,
  SANDBOX_NOTREADY: 1,
} as const;
export type PodSandboxState = typeof PodSandboxState[keyof typeof PodSandboxState];

/** runtime.v1.NamespaceMode */
export const NamespaceMode = {
  POD: 0,
  CONTAINER: 1,
  NODE: 2,
  TARGET: 3,
} as const;
export type NamespaceMode = typeof NamespaceMode[keyof typeof NamespaceMode];

/** runtime.v1.ContainerState */
export const ContainerState = {
  CONTAINER_CREATED: 0,
  CONTAINER_RUNNING: 1,
  CONTAINER_EXITED: 2,
  CONTAINER_UNKNOWN: 3,
} as const;
export type ContainerState = typeof ContainerState[keyof typeof ContainerState];

/** runtime.v1.MountPropagation */
export const MountPropagation = {
  PROPAGATION_PRIVATE: 0,
  PROPAGATION_HOST_TO_CONTAINER: 1,
  PROPAGATION_BIDIRECTIONAL: 2,
} as const;
export type MountPropagation = typeof MountPropagation[keyof typeof MountPropagation];

/** runtime.v1.ContainerEventType */
export const ContainerEventType = {
  CONTAINER_CREATED_EVENT: 0,
  CONTAINER_STARTED_EVENT: 1,
  CONTAINER_STOPPED_EVENT: 2,
  CONTAINER_DELETED_EVENT: 3,
} as const;
export type ContainerEventType = typeof ContainerEventType[keyof typeof ContainerEventType];

/** runtime.v1.VersionRequest */
export interface VersionRequest {
  readonly version: string;
}
export const VersionRequestSchema: MessageType<VersionRequest> = messageType("VersionRequest", {
  1: ["version", "string"],
});

/** runtime.v1.VersionResponse */
export interface VersionResponse {
  readonly version: string;
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}
export const VersionResponseSchema: MessageType<VersionResponse> = messageType("VersionResponse", {
  1: ["version", "string"],
  2: ["runtimeName", "string"],
  3: ["runtimeVersion", "string"],
  4: ["runtimeApiVersion", "string"],
});

/** runtime.v1.StatusRequest */
export interface StatusRequest {
  readonly verbose: boolean;
}
export const StatusRequestSchema: MessageType<StatusRequest> = messageType("StatusRequest", {
  1: ["verbose", "bool"],
});

/** runtime.v1.StatusResponse */
export interface StatusResponse {
  readonly status?: RuntimeStatus | undefined;
  readonly info: Readonly<Record<string, string>>;
}
export const StatusResponseSchema: MessageType<StatusResponse> = messageType("StatusResponse", {
  1: ["status", "message", () => RuntimeStatusSchema],
  2: ["info", "map"],
});

/** runtime.v1.RuntimeStatus */
export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[];
}
export const RuntimeStatusSchema: MessageType<RuntimeStatus> = messageType("RuntimeStatus", {
  1: ["conditions", "message[]", () => RuntimeConditionSchema],
});

/** runtime.v1.RuntimeCondition */
export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}
export const RuntimeConditionSchema: MessageType<RuntimeCondition> = messageType("RuntimeCondition", {
  1: ["type", "string"],
  2: ["status", "bool"],
  3: ["reason", "string"],
  4: ["message", "string"],
});

/** runtime.v1.RuntimeConfigRequest */
export interface RuntimeConfigRequest {
}
export const RuntimeConfigRequestSchema: MessageType<RuntimeConfigRequest> = messageType("RuntimeConfigRequest", {
});

/** runtime.v1.RuntimeConfigResponse */
export interface RuntimeConfigResponse {
  readonly linux?: LinuxRuntimeConfiguration | undefined;
}
export const RuntimeConfigResponseSchema: MessageType<RuntimeConfigResponse> = messageType("RuntimeConfigResponse", {
  1: ["linux", "message", () => LinuxRuntimeConfigurationSchema],
});

/** runtime.v1.LinuxRuntimeConfiguration */
export interface LinuxRuntimeConfiguration {
  readonly cgroupDriver: CgroupDriver;
}
export const LinuxRuntimeConfigurationSchema: MessageType<LinuxRuntimeConfiguration> = messageType("LinuxRuntimeConfiguration", {
  1: ["cgroupDriver", "enum", CgroupDriver],
});

/** runtime.v1.PodSandboxMetadata */
export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}
export const PodSandboxMetadataSchema: MessageType<PodSandboxMetadata> = messageType("PodSandboxMetadata", {
  1: ["name", "string"],
  2: ["uid", "string"],
  3: ["namespace", "string"],
  4: ["attempt", "uint32"],
});

/** runtime.v1.PodSandboxStateValue */
export interface PodSandboxStateValue {
  readonly state: PodSandboxState;
}
export const PodSandboxStateValueSchema: MessageType<PodSandboxStateValue> = messageType("PodSandboxStateValue", {
  1: ["state", "enum", PodSandboxState],
});

/** runtime.v1.PodSandboxFilter */
export interface PodSandboxFilter {
  readonly id: string;
  readonly state?: PodSandboxStateValue | undefined;
  readonly labelSelector: Readonly<Record<string, string>>;
}
export const PodSandboxFilterSchema: MessageType<PodSandboxFilter> = messageType("PodSandboxFilter", {
  1: ["id", "string"],
  2: ["state", "message", () => PodSandboxStateValueSchema],
  3: ["labelSelector", "map"],
});

/** runtime.v1.ListPodSandboxRequest */
export interface ListPodSandboxRequest {
  readonly filter?: PodSandboxFilter | undefined;
}
export const ListPodSandboxRequestSchema: MessageType<ListPodSandboxRequest> = messageType("ListPodSandboxRequest", {
  1: ["filter", "message", () => PodSandboxFilterSchema],
});

/** runtime.v1.ListPodSandboxResponse */
export interface ListPodSandboxResponse {
  readonly items: readonly PodSandbox[];
}
export const ListPodSandboxResponseSchema: MessageType<ListPodSandboxResponse> = messageType("ListPodSandboxResponse", {
  1: ["items", "message[]", () => PodSandboxSchema],
});

/** runtime.v1.StreamPodSandboxesRequest */
export interface StreamPodSandboxesRequest {
  readonly filter?: PodSandboxFilter | undefined;
}
export const StreamPodSandboxesRequestSchema: MessageType<StreamPodSandboxesRequest> = messageType("StreamPodSandboxesRequest", {
  1: ["filter", "message", () => PodSandboxFilterSchema],
});

/** runtime.v1.StreamPodSandboxesResponse */
export interface StreamPodSandboxesResponse {
  readonly podSandboxes: readonly PodSandbox[];
}
export const StreamPodSandboxesResponseSchema: MessageType<StreamPodSandboxesResponse> = messageType("StreamPodSandboxesResponse", {
  1: ["podSandboxes", "message[]", () => PodSandboxSchema],
});

/** runtime.v1.PodSandbox */
export interface PodSandbox {
  readonly id: string;
  readonly metadata?: PodSandboxMetadata | undefined;
  readonly state: PodSandboxState;
  readonly createdAt: bigint;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeHandler: string;
}
export const PodSandboxSchema: MessageType<PodSandbox> = messageType("PodSandbox", {
  1: ["id", "string"],
  2: ["metadata", "message", () => PodSandboxMetadataSchema],
  3: ["state", "enum", PodSandboxState],
  4: ["createdAt", "int64"],
  5: ["labels", "map"],
  6: ["annotations", "map"],
  7: ["runtimeHandler", "string"],
});

/** runtime.v1.PodSandboxStatusRequest */
export interface PodSandboxStatusRequest {
  readonly podSandboxId: string;
  readonly verbose: boolean;
}
export const PodSandboxStatusRequestSchema: MessageType<PodSandboxStatusRequest> = messageType("PodSandboxStatusRequest", {
  1: ["podSandboxId", "string"],
  2: ["verbose", "bool"],
});

/** runtime.v1.PodSandboxStatusResponse */
export interface PodSandboxStatusResponse {
  readonly status?: PodSandboxStatus | undefined;
  readonly info: Readonly<Record<string, string>>;
}
export const PodSandboxStatusResponseSchema: MessageType<PodSandboxStatusResponse> = messageType("PodSandboxStatusResponse", {
  1: ["status", "message", () => PodSandboxStatusSchema],
  2: ["info", "map"],
});

/** runtime.v1.PodSandboxStatus */
export interface PodSandboxStatus {
  readonly id: string;
  readonly metadata?: PodSandboxMetadata | undefined;
  readonly state: PodSandboxState;
  readonly createdAt: bigint;
  readonly network?: PodSandboxNetworkStatus | undefined;
  readonly linux?: LinuxPodSandboxStatus | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeHandler: string;
}
export const PodSandboxStatusSchema: MessageType<PodSandboxStatus> = messageType("PodSandboxStatus", {
  1: ["id", "string"],
  2: ["metadata", "message", () => PodSandboxMetadataSchema],
  3: ["state", "enum", PodSandboxState],
  4: ["createdAt", "int64"],
  5: ["network", "message", () => PodSandboxNetworkStatusSchema],
  6: ["linux", "message", () => LinuxPodSandboxStatusSchema],
  7: ["labels", "map"],
  8: ["annotations", "map"],
  9: ["runtimeHandler", "string"],
});

/** runtime.v1.PodSandboxNetworkStatus */
export interface PodSandboxNetworkStatus {
  readonly ip: string;
  readonly additionalIps: readonly PodIP[];
}
export const PodSandboxNetworkStatusSchema: MessageType<PodSandboxNetworkStatus> = messageType("PodSandboxNetworkStatus", {
  1: ["ip", "string"],
  2: ["additionalIps", "message[]", () => PodIPSchema],
});

/** runtime.v1.PodIP */
export interface PodIP {
  readonly ip: string;
}
export const PodIPSchema: MessageType<PodIP> = messageType("PodIP", {
  1: ["ip", "string"],
});

/** runtime.v1.LinuxPodSandboxStatus */
export interface LinuxPodSandboxStatus {
  readonly namespaces?: Namespace | undefined;
}
export const LinuxPodSandboxStatusSchema: MessageType<LinuxPodSandboxStatus> = messageType("LinuxPodSandboxStatus", {
  1: ["namespaces", "message", () => NamespaceSchema],
});

/** runtime.v1.Namespace */
export interface Namespace {
  readonly options?: NamespaceOption | undefined;
}
export const NamespaceSchema: MessageType<Namespace> = messageType("Namespace", {
  2: ["options", "message", () => NamespaceOptionSchema],
});

/** runtime.v1.NamespaceOption */
export interface NamespaceOption {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly targetId: string;
}
export const NamespaceOptionSchema: MessageType<NamespaceOption> = messageType("NamespaceOption", {
  1: ["network", "enum", NamespaceMode],
  2: ["pid", "enum", NamespaceMode],
  3: ["ipc", "enum", NamespaceMode],
  4: ["targetId", "string"],
});

/** runtime.v1.DNSConfig */
export interface DNSConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}
export const DNSConfigSchema: MessageType<DNSConfig> = messageType("DNSConfig", {
  1: ["servers", "string[]"],
  2: ["searches", "string[]"],
  3: ["options", "string[]"],
});

/** runtime.v1.LinuxSandboxSecurityContext */
export interface LinuxSandboxSecurityContext {
  readonly namespaceOptions?: NamespaceOption | undefined;
  readonly readonlyRootfs: boolean;
  readonly privileged: boolean;
}
export const LinuxSandboxSecurityContextSchema: MessageType<LinuxSandboxSecurityContext> = messageType("LinuxSandboxSecurityContext", {
  1: ["namespaceOptions", "message", () => NamespaceOptionSchema],
  4: ["readonlyRootfs", "bool"],
  6: ["privileged", "bool"],
});

/** runtime.v1.LinuxPodSandboxConfig */
export interface LinuxPodSandboxConfig {
  readonly cgroupParent: string;
  readonly securityContext?: LinuxSandboxSecurityContext | undefined;
  readonly sysctls: Readonly<Record<string, string>>;
}
export const LinuxPodSandboxConfigSchema: MessageType<LinuxPodSandboxConfig> = messageType("LinuxPodSandboxConfig", {
  1: ["cgroupParent", "string"],
  2: ["securityContext", "message", () => LinuxSandboxSecurityContextSchema],
  3: ["sysctls", "map"],
});

/** runtime.v1.PodSandboxConfig */
export interface PodSandboxConfig {
  readonly metadata?: PodSandboxMetadata | undefined;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dnsConfig?: DNSConfig | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux?: LinuxPodSandboxConfig | undefined;
}
export const PodSandboxConfigSchema: MessageType<PodSandboxConfig> = messageType("PodSandboxConfig", {
  1: ["metadata", "message", () => PodSandboxMetadataSchema],
  2: ["hostname", "string"],
  3: ["logDirectory", "string"],
  4: ["dnsConfig", "message", () => DNSConfigSchema],
  6: ["labels", "map"],
  7: ["annotations", "map"],
  8: ["linux", "message", () => LinuxPodSandboxConfigSchema],
});

/** runtime.v1.RunPodSandboxRequest */
export interface RunPodSandboxRequest {
  readonly config?: PodSandboxConfig | undefined;
  readonly runtimeHandler: string;
}
export const RunPodSandboxRequestSchema: MessageType<RunPodSandboxRequest> = messageType("RunPodSandboxRequest", {
  1: ["config", "message", () => PodSandboxConfigSchema],
  2: ["runtimeHandler", "string"],
});

/** runtime.v1.RunPodSandboxResponse */
export interface RunPodSandboxResponse {
  readonly podSandboxId: string;
}
export const RunPodSandboxResponseSchema: MessageType<RunPodSandboxResponse> = messageType("RunPodSandboxResponse", {
  1: ["podSandboxId", "string"],
});

/** runtime.v1.StopPodSandboxRequest */
export interface StopPodSandboxRequest {
  readonly podSandboxId: string;
}
export const StopPodSandboxRequestSchema: MessageType<StopPodSandboxRequest> = messageType("StopPodSandboxRequest", {
  1: ["podSandboxId", "string"],
});

/** runtime.v1.StopPodSandboxResponse */
export interface StopPodSandboxResponse {
}
export const StopPodSandboxResponseSchema: MessageType<StopPodSandboxResponse> = messageType("StopPodSandboxResponse", {
});

/** runtime.v1.RemovePodSandboxRequest */
export interface RemovePodSandboxRequest {
  readonly podSandboxId: string;
}
export const RemovePodSandboxRequestSchema: MessageType<RemovePodSandboxRequest> = messageType("RemovePodSandboxRequest", {
  1: ["podSandboxId", "string"],
});

/** runtime.v1.RemovePodSandboxResponse */
export interface RemovePodSandboxResponse {
}
export const RemovePodSandboxResponseSchema: MessageType<RemovePodSandboxResponse> = messageType("RemovePodSandboxResponse", {
});

/** runtime.v1.ContainerMetadata */
export interface ContainerMetadata {
  readonly name: string;
  readonly attempt: number;
}
export const ContainerMetadataSchema: MessageType<ContainerMetadata> = messageType("ContainerMetadata", {
  1: ["name", "string"],
  2: ["attempt", "uint32"],
});

/** runtime.v1.ContainerStateValue */
export interface ContainerStateValue {
  readonly state: ContainerState;
}
export const ContainerStateValueSchema: MessageType<ContainerStateValue> = messageType("ContainerStateValue", {
  1: ["state", "enum", ContainerState],
});

/** runtime.v1.ContainerFilter */
export interface ContainerFilter {
  readonly id: string;
  readonly state?: ContainerStateValue | undefined;
  readonly podSandboxId: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}
export const ContainerFilterSchema: MessageType<ContainerFilter> = messageType("ContainerFilter", {
  1: ["id", "string"],
  2: ["state", "message", () => ContainerStateValueSchema],
  3: ["podSandboxId", "string"],
  4: ["labelSelector", "map"],
});

/** runtime.v1.ListContainersRequest */
export interface ListContainersRequest {
  readonly filter?: ContainerFilter | undefined;
}
export const ListContainersRequestSchema: MessageType<ListContainersRequest> = messageType("ListContainersRequest", {
  1: ["filter", "message", () => ContainerFilterSchema],
});

/** runtime.v1.ListContainersResponse */
export interface ListContainersResponse {
  readonly containers: readonly Container[];
}
export const ListContainersResponseSchema: MessageType<ListContainersResponse> = messageType("ListContainersResponse", {
  1: ["containers", "message[]", () => ContainerSchema],
});

/** runtime.v1.StreamContainersRequest */
export interface StreamContainersRequest {
  readonly filter?: ContainerFilter | undefined;
}
export const StreamContainersRequestSchema: MessageType<StreamContainersRequest> = messageType("StreamContainersRequest", {
  1: ["filter", "message", () => ContainerFilterSchema],
});

/** runtime.v1.StreamContainersResponse */
export interface StreamContainersResponse {
  readonly containers: readonly Container[];
}
export const StreamContainersResponseSchema: MessageType<StreamContainersResponse> = messageType("StreamContainersResponse", {
  1: ["containers", "message[]", () => ContainerSchema],
});

/** runtime.v1.Container */
export interface Container {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata?: ContainerMetadata | undefined;
  readonly image?: ImageSpec | undefined;
  readonly imageRef: string;
  readonly state: ContainerState;
  readonly createdAt: bigint;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly imageId: string;
}
export const ContainerSchema: MessageType<Container> = messageType("Container", {
  1: ["id", "string"],
  2: ["podSandboxId", "string"],
  3: ["metadata", "message", () => ContainerMetadataSchema],
  4: ["image", "message", () => ImageSpecSchema],
  5: ["imageRef", "string"],
  6: ["state", "enum", ContainerState],
  7: ["createdAt", "int64"],
  8: ["labels", "map"],
  9: ["annotations", "map"],
  10: ["imageId", "string"],
});

/** runtime.v1.ImageSpec */
export interface ImageSpec {
  readonly image: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly userSpecifiedImage: string;
}
export const ImageSpecSchema: MessageType<ImageSpec> = messageType("ImageSpec", {
  1: ["image", "string"],
  2: ["annotations", "map"],
  18: ["userSpecifiedImage", "string"],
});

/** runtime.v1.ContainerStatusRequest */
export interface ContainerStatusRequest {
  readonly containerId: string;
  readonly verbose: boolean;
}
export const ContainerStatusRequestSchema: MessageType<ContainerStatusRequest> = messageType("ContainerStatusRequest", {
  1: ["containerId", "string"],
  2: ["verbose", "bool"],
});

/** runtime.v1.ContainerStatusResponse */
export interface ContainerStatusResponse {
  readonly status?: ContainerStatus | undefined;
  readonly info: Readonly<Record<string, string>>;
}
export const ContainerStatusResponseSchema: MessageType<ContainerStatusResponse> = messageType("ContainerStatusResponse", {
  1: ["status", "message", () => ContainerStatusSchema],
  2: ["info", "map"],
});

/** runtime.v1.ContainerStatus */
export interface ContainerStatus {
  readonly id: string;
  readonly metadata?: ContainerMetadata | undefined;
  readonly state: ContainerState;
  readonly createdAt: bigint;
  readonly startedAt: bigint;
  readonly finishedAt: bigint;
  readonly exitCode: number;
  readonly image?: ImageSpec | undefined;
  readonly imageRef: string;
  readonly reason: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly logPath: string;
  readonly resources?: ContainerResources | undefined;
  readonly imageId: string;
  readonly user?: ContainerUser | undefined;
}
export const ContainerStatusSchema: MessageType<ContainerStatus> = messageType("ContainerStatus", {
  1: ["id", "string"],
  2: ["metadata", "message", () => ContainerMetadataSchema],
  3: ["state", "enum", ContainerState],
  4: ["createdAt", "int64"],
  5: ["startedAt", "int64"],
  6: ["finishedAt", "int64"],
  7: ["exitCode", "int32"],
  8: ["image", "message", () => ImageSpecSchema],
  9: ["imageRef", "string"],
  10: ["reason", "string"],
  11: ["message", "string"],
  12: ["labels", "map"],
  13: ["annotations", "map"],
  14: ["mounts", "message[]", () => MountSchema],
  15: ["logPath", "string"],
  16: ["resources", "message", () => ContainerResourcesSchema],
  17: ["imageId", "string"],
  18: ["user", "message", () => ContainerUserSchema],
});

/** runtime.v1.Mount */
export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
  readonly selinuxRelabel: boolean;
  readonly propagation: MountPropagation;
}
export const MountSchema: MessageType<Mount> = messageType("Mount", {
  1: ["containerPath", "string"],
  2: ["hostPath", "string"],
  3: ["readonly", "bool"],
  4: ["selinuxRelabel", "bool"],
  5: ["propagation", "enum", MountPropagation],
});

/** runtime.v1.ContainerResources */
export interface ContainerResources {
  readonly linux?: LinuxContainerResources | undefined;
}
export const ContainerResourcesSchema: MessageType<ContainerResources> = messageType("ContainerResources", {
  1: ["linux", "message", () => LinuxContainerResourcesSchema],
});

/** runtime.v1.LinuxContainerResources */
export interface LinuxContainerResources {
  readonly cpuPeriod: bigint;
  readonly cpuQuota: bigint;
  readonly cpuShares: bigint;
  readonly memoryLimitInBytes: bigint;
  readonly oomScoreAdj: bigint;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly unified: Readonly<Record<string, string>>;
  readonly memorySwapLimitInBytes: bigint;
}
export const LinuxContainerResourcesSchema: MessageType<LinuxContainerResources> = messageType("LinuxContainerResources", {
  1: ["cpuPeriod", "int64"],
  2: ["cpuQuota", "int64"],
  3: ["cpuShares", "int64"],
  4: ["memoryLimitInBytes", "int64"],
  5: ["oomScoreAdj", "int64"],
  6: ["cpusetCpus", "string"],
  7: ["cpusetMems", "string"],
  9: ["unified", "map"],
  10: ["memorySwapLimitInBytes", "int64"],
});

/** runtime.v1.ContainerUser */
export interface ContainerUser {
  readonly linux?: LinuxContainerUser | undefined;
}
export const ContainerUserSchema: MessageType<ContainerUser> = messageType("ContainerUser", {
  1: ["linux", "message", () => LinuxContainerUserSchema],
});

/** runtime.v1.LinuxContainerUser */
export interface LinuxContainerUser {
  readonly uid: bigint;
  readonly gid: bigint;
  readonly supplementalGroups: readonly bigint[];
}
export const LinuxContainerUserSchema: MessageType<LinuxContainerUser> = messageType("LinuxContainerUser", {
  1: ["uid", "int64"],
  2: ["gid", "int64"],
  3: ["supplementalGroups", "int64[]"],
});

/** runtime.v1.KeyValue */
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}
export const KeyValueSchema: MessageType<KeyValue> = messageType("KeyValue", {
  1: ["key", "string"],
  2: ["value", "bytes"],
});

/** runtime.v1.Int64Value */
export interface Int64Value {
  readonly value: bigint;
}
export const Int64ValueSchema: MessageType<Int64Value> = messageType("Int64Value", {
  1: ["value", "int64"],
});

/** runtime.v1.LinuxContainerSecurityContext */
export interface LinuxContainerSecurityContext {
  readonly privileged: boolean;
  readonly namespaceOptions?: NamespaceOption | undefined;
  readonly runAsUser?: Int64Value | undefined;
  readonly readonlyRootfs: boolean;
  readonly noNewPrivs: boolean;
  readonly runAsGroup?: Int64Value | undefined;
}
export const LinuxContainerSecurityContextSchema: MessageType<LinuxContainerSecurityContext> = messageType("LinuxContainerSecurityContext", {
  2: ["privileged", "bool"],
  3: ["namespaceOptions", "message", () => NamespaceOptionSchema],
  5: ["runAsUser", "message", () => Int64ValueSchema],
  7: ["readonlyRootfs", "bool"],
  11: ["noNewPrivs", "bool"],
  12: ["runAsGroup", "message", () => Int64ValueSchema],
});

/** runtime.v1.LinuxContainerConfig */
export interface LinuxContainerConfig {
  readonly resources?: LinuxContainerResources | undefined;
  readonly securityContext?: LinuxContainerSecurityContext | undefined;
}
export const LinuxContainerConfigSchema: MessageType<LinuxContainerConfig> = messageType("LinuxContainerConfig", {
  1: ["resources", "message", () => LinuxContainerResourcesSchema],
  2: ["securityContext", "message", () => LinuxContainerSecurityContextSchema],
});

/** runtime.v1.ContainerConfig */
export interface ContainerConfig {
  readonly metadata?: ContainerMetadata | undefined;
  readonly image?: ImageSpec | undefined;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly KeyValue[];
  readonly mounts: readonly Mount[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly linux?: LinuxContainerConfig | undefined;
}
export const ContainerConfigSchema: MessageType<ContainerConfig> = messageType("ContainerConfig", {
  1: ["metadata", "message", () => ContainerMetadataSchema],
  2: ["image", "message", () => ImageSpecSchema],
  3: ["command", "string[]"],
  4: ["args", "string[]"],
  5: ["workingDir", "string"],
  6: ["envs", "message[]", () => KeyValueSchema],
  7: ["mounts", "message[]", () => MountSchema],
  9: ["labels", "map"],
  10: ["annotations", "map"],
  11: ["logPath", "string"],
  12: ["stdin", "bool"],
  13: ["stdinOnce", "bool"],
  14: ["tty", "bool"],
  15: ["linux", "message", () => LinuxContainerConfigSchema],
});

/** runtime.v1.CreateContainerRequest */
export interface CreateContainerRequest {
  readonly podSandboxId: string;
  readonly config?: ContainerConfig | undefined;
  readonly sandboxConfig?: PodSandboxConfig | undefined;
}
export const CreateContainerRequestSchema: MessageType<CreateContainerRequest> = messageType("CreateContainerRequest", {
  1: ["podSandboxId", "string"],
  2: ["config", "message", () => ContainerConfigSchema],
  3: ["sandboxConfig", "message", () => PodSandboxConfigSchema],
});

/** runtime.v1.CreateContainerResponse */
export interface CreateContainerResponse {
  readonly containerId: string;
}
export const CreateContainerResponseSchema: MessageType<CreateContainerResponse> = messageType("CreateContainerResponse", {
  1: ["containerId", "string"],
});

/** runtime.v1.StartContainerRequest */
export interface StartContainerRequest {
  readonly containerId: string;
}
export const StartContainerRequestSchema: MessageType<StartContainerRequest> = messageType("StartContainerRequest", {
  1: ["containerId", "string"],
});

/** runtime.v1.StartContainerResponse */
export interface StartContainerResponse {
}
export const StartContainerResponseSchema: MessageType<StartContainerResponse> = messageType("StartContainerResponse", {
});

/** runtime.v1.StopContainerRequest */
export interface StopContainerRequest {
  readonly containerId: string;
  /** Seconds between the stop signal and the kill. */
  readonly timeout: bigint;
}
export const StopContainerRequestSchema: MessageType<StopContainerRequest> = messageType("StopContainerRequest", {
  1: ["containerId", "string"],
  2: ["timeout", "int64"],
});

/** runtime.v1.StopContainerResponse */
export interface StopContainerResponse {
}
export const StopContainerResponseSchema: MessageType<StopContainerResponse> = messageType("StopContainerResponse", {
});

/** runtime.v1.RemoveContainerRequest */
export interface RemoveContainerRequest {
  readonly containerId: string;
}
export const RemoveContainerRequestSchema: MessageType<RemoveContainerRequest> = messageType("RemoveContainerRequest", {
  1: ["containerId", "string"],
});

/** runtime.v1.RemoveContainerResponse */
export interface RemoveContainerResponse {
}
export const RemoveContainerResponseSchema: MessageType<RemoveContainerResponse> = messageType("RemoveContainerResponse", {
});

/** runtime.v1.ReopenContainerLogRequest */
export interface ReopenContainerLogRequest {
  readonly containerId: string;
}
export const ReopenContainerLogRequestSchema: MessageType<ReopenContainerLogRequest> = messageType("ReopenContainerLogRequest", {
  1: ["containerId", "string"],
});

/** runtime.v1.ReopenContainerLogResponse */
export interface ReopenContainerLogResponse {
}
export const ReopenContainerLogResponseSchema: MessageType<ReopenContainerLogResponse> = messageType("ReopenContainerLogResponse", {
});

/** runtime.v1.ExecSyncRequest */
export interface ExecSyncRequest {
  readonly containerId: string;
  readonly cmd: readonly string[];
  /** Seconds; 0 is no limit. */
  readonly timeout: bigint;
}
export const ExecSyncRequestSchema: MessageType<ExecSyncRequest> = messageType("ExecSyncRequest", {
  1: ["containerId", "string"],
  2: ["cmd", "string[]"],
  3: ["timeout", "int64"],
});

/** runtime.v1.ExecSyncResponse */
export interface ExecSyncResponse {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}
export const ExecSyncResponseSchema: MessageType<ExecSyncResponse> = messageType("ExecSyncResponse", {
  1: ["stdout", "bytes"],
  2: ["stderr", "bytes"],
  3: ["exitCode", "int32"],
});

/** runtime.v1.ExecRequest */
export interface ExecRequest {
  readonly containerId: string;
  readonly cmd: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}
export const ExecRequestSchema: MessageType<ExecRequest> = messageType("ExecRequest", {
  1: ["containerId", "string"],
  2: ["cmd", "string[]"],
  3: ["tty", "bool"],
  4: ["stdin", "bool"],
  5: ["stdout", "bool"],
  6: ["stderr", "bool"],
});

/** runtime.v1.ExecResponse */
export interface ExecResponse {
  readonly url: string;
}
export const ExecResponseSchema: MessageType<ExecResponse> = messageType("ExecResponse", {
  1: ["url", "string"],
});

/** runtime.v1.UInt64Value */
export interface UInt64Value {
  readonly value: bigint;
}
export const UInt64ValueSchema: MessageType<UInt64Value> = messageType("UInt64Value", {
  1: ["value", "uint64"],
});

/** runtime.v1.ContainerStatsRequest */
export interface ContainerStatsRequest {
  readonly containerId: string;
}
export const ContainerStatsRequestSchema: MessageType<ContainerStatsRequest> = messageType("ContainerStatsRequest", {
  1: ["containerId", "string"],
});

/** runtime.v1.ContainerStatsResponse */
export interface ContainerStatsResponse {
  readonly stats?: ContainerStats | undefined;
}
export const ContainerStatsResponseSchema: MessageType<ContainerStatsResponse> = messageType("ContainerStatsResponse", {
  1: ["stats", "message", () => ContainerStatsSchema],
});

/** runtime.v1.ContainerStatsFilter */
export interface ContainerStatsFilter {
  readonly id: string;
  readonly podSandboxId: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}
export const ContainerStatsFilterSchema: MessageType<ContainerStatsFilter> = messageType("ContainerStatsFilter", {
  1: ["id", "string"],
  2: ["podSandboxId", "string"],
  3: ["labelSelector", "map"],
});

/** runtime.v1.ListContainerStatsRequest */
export interface ListContainerStatsRequest {
  readonly filter?: ContainerStatsFilter | undefined;
}
export const ListContainerStatsRequestSchema: MessageType<ListContainerStatsRequest> = messageType("ListContainerStatsRequest", {
  1: ["filter", "message", () => ContainerStatsFilterSchema],
});

/** runtime.v1.ListContainerStatsResponse */
export interface ListContainerStatsResponse {
  readonly stats: readonly ContainerStats[];
}
export const ListContainerStatsResponseSchema: MessageType<ListContainerStatsResponse> = messageType("ListContainerStatsResponse", {
  1: ["stats", "message[]", () => ContainerStatsSchema],
});

/** runtime.v1.ContainerAttributes */
export interface ContainerAttributes {
  readonly id: string;
  readonly metadata?: ContainerMetadata | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
export const ContainerAttributesSchema: MessageType<ContainerAttributes> = messageType("ContainerAttributes", {
  1: ["id", "string"],
  2: ["metadata", "message", () => ContainerMetadataSchema],
  3: ["labels", "map"],
  4: ["annotations", "map"],
});

/** runtime.v1.ContainerStats */
export interface ContainerStats {
  readonly attributes?: ContainerAttributes | undefined;
  readonly cpu?: CpuUsage | undefined;
  readonly memory?: MemoryUsage | undefined;
  readonly writableLayer?: FilesystemUsage | undefined;
}
export const ContainerStatsSchema: MessageType<ContainerStats> = messageType("ContainerStats", {
  1: ["attributes", "message", () => ContainerAttributesSchema],
  2: ["cpu", "message", () => CpuUsageSchema],
  3: ["memory", "message", () => MemoryUsageSchema],
  4: ["writableLayer", "message", () => FilesystemUsageSchema],
});

/** runtime.v1.CpuUsage */
export interface CpuUsage {
  readonly timestamp: bigint;
  readonly usageCoreNanoSeconds?: UInt64Value | undefined;
  readonly usageNanoCores?: UInt64Value | undefined;
}
export const CpuUsageSchema: MessageType<CpuUsage> = messageType("CpuUsage", {
  1: ["timestamp", "int64"],
  2: ["usageCoreNanoSeconds", "message", () => UInt64ValueSchema],
  3: ["usageNanoCores", "message", () => UInt64ValueSchema],
});

/** runtime.v1.MemoryUsage */
export interface MemoryUsage {
  readonly timestamp: bigint;
  readonly workingSetBytes?: UInt64Value | undefined;
  readonly availableBytes?: UInt64Value | undefined;
  readonly usageBytes?: UInt64Value | undefined;
  readonly rssBytes?: UInt64Value | undefined;
}
export const MemoryUsageSchema: MessageType<MemoryUsage> = messageType("MemoryUsage", {
  1: ["timestamp", "int64"],
  2: ["workingSetBytes", "message", () => UInt64ValueSchema],
  3: ["availableBytes", "message", () => UInt64ValueSchema],
  4: ["usageBytes", "message", () => UInt64ValueSchema],
  5: ["rssBytes", "message", () => UInt64ValueSchema],
});

/** runtime.v1.FilesystemIdentifier */
export interface FilesystemIdentifier {
  readonly mountpoint: string;
}
export const FilesystemIdentifierSchema: MessageType<FilesystemIdentifier> = messageType("FilesystemIdentifier", {
  1: ["mountpoint", "string"],
});

/** runtime.v1.FilesystemUsage */
export interface FilesystemUsage {
  readonly timestamp: bigint;
  readonly fsId?: FilesystemIdentifier | undefined;
  readonly usedBytes?: UInt64Value | undefined;
  readonly inodesUsed?: UInt64Value | undefined;
}
export const FilesystemUsageSchema: MessageType<FilesystemUsage> = messageType("FilesystemUsage", {
  1: ["timestamp", "int64"],
  2: ["fsId", "message", () => FilesystemIdentifierSchema],
  3: ["usedBytes", "message", () => UInt64ValueSchema],
  4: ["inodesUsed", "message", () => UInt64ValueSchema],
});

/** runtime.v1.PodSandboxStatsFilter */
export interface PodSandboxStatsFilter {
  readonly id: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}
export const PodSandboxStatsFilterSchema: MessageType<PodSandboxStatsFilter> = messageType("PodSandboxStatsFilter", {
  1: ["id", "string"],
  2: ["labelSelector", "map"],
});

/** runtime.v1.ListPodSandboxStatsRequest */
export interface ListPodSandboxStatsRequest {
  readonly filter?: PodSandboxStatsFilter | undefined;
}
export const ListPodSandboxStatsRequestSchema: MessageType<ListPodSandboxStatsRequest> = messageType("ListPodSandboxStatsRequest", {
  1: ["filter", "message", () => PodSandboxStatsFilterSchema],
});

/** runtime.v1.ListPodSandboxStatsResponse */
export interface ListPodSandboxStatsResponse {
  readonly stats: readonly PodSandboxStats[];
}
export const ListPodSandboxStatsResponseSchema: MessageType<ListPodSandboxStatsResponse> = messageType("ListPodSandboxStatsResponse", {
  1: ["stats", "message[]", () => PodSandboxStatsSchema],
});

/** runtime.v1.PodSandboxStats */
export interface PodSandboxStats {
  readonly attributes?: PodSandboxAttributes | undefined;
  readonly linux?: LinuxPodSandboxStats | undefined;
}
export const PodSandboxStatsSchema: MessageType<PodSandboxStats> = messageType("PodSandboxStats", {
  1: ["attributes", "message", () => PodSandboxAttributesSchema],
  2: ["linux", "message", () => LinuxPodSandboxStatsSchema],
});

/** runtime.v1.PodSandboxAttributes */
export interface PodSandboxAttributes {
  readonly id: string;
  readonly metadata?: PodSandboxMetadata | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
export const PodSandboxAttributesSchema: MessageType<PodSandboxAttributes> = messageType("PodSandboxAttributes", {
  1: ["id", "string"],
  2: ["metadata", "message", () => PodSandboxMetadataSchema],
  3: ["labels", "map"],
  4: ["annotations", "map"],
});

/** runtime.v1.LinuxPodSandboxStats */
export interface LinuxPodSandboxStats {
  readonly cpu?: CpuUsage | undefined;
  readonly memory?: MemoryUsage | undefined;
  readonly network?: NetworkUsage | undefined;
  readonly process?: ProcessUsage | undefined;
  readonly containers: readonly ContainerStats[];
}
export const LinuxPodSandboxStatsSchema: MessageType<LinuxPodSandboxStats> = messageType("LinuxPodSandboxStats", {
  1: ["cpu", "message", () => CpuUsageSchema],
  2: ["memory", "message", () => MemoryUsageSchema],
  3: ["network", "message", () => NetworkUsageSchema],
  4: ["process", "message", () => ProcessUsageSchema],
  5: ["containers", "message[]", () => ContainerStatsSchema],
});

/** runtime.v1.NetworkUsage */
export interface NetworkUsage {
  readonly timestamp: bigint;
  readonly defaultInterface?: NetworkInterfaceUsage | undefined;
  readonly interfaces: readonly NetworkInterfaceUsage[];
}
export const NetworkUsageSchema: MessageType<NetworkUsage> = messageType("NetworkUsage", {
  1: ["timestamp", "int64"],
  2: ["defaultInterface", "message", () => NetworkInterfaceUsageSchema],
  3: ["interfaces", "message[]", () => NetworkInterfaceUsageSchema],
});

/** runtime.v1.NetworkInterfaceUsage */
export interface NetworkInterfaceUsage {
  readonly name: string;
  readonly rxBytes?: UInt64Value | undefined;
  readonly rxErrors?: UInt64Value | undefined;
  readonly txBytes?: UInt64Value | undefined;
  readonly txErrors?: UInt64Value | undefined;
}
export const NetworkInterfaceUsageSchema: MessageType<NetworkInterfaceUsage> = messageType("NetworkInterfaceUsage", {
  1: ["name", "string"],
  2: ["rxBytes", "message", () => UInt64ValueSchema],
  3: ["rxErrors", "message", () => UInt64ValueSchema],
  4: ["txBytes", "message", () => UInt64ValueSchema],
  5: ["txErrors", "message", () => UInt64ValueSchema],
});

/** runtime.v1.ProcessUsage */
export interface ProcessUsage {
  readonly timestamp: bigint;
  readonly processCount?: UInt64Value | undefined;
}
export const ProcessUsageSchema: MessageType<ProcessUsage> = messageType("ProcessUsage", {
  1: ["timestamp", "int64"],
  2: ["processCount", "message", () => UInt64ValueSchema],
});

/** runtime.v1.GetEventsRequest */
export interface GetEventsRequest {
}
export const GetEventsRequestSchema: MessageType<GetEventsRequest> = messageType("GetEventsRequest", {
});

/** runtime.v1.ContainerEventResponse */
export interface ContainerEventResponse {
  readonly containerId: string;
  readonly containerEventType: ContainerEventType;
  readonly createdAt: bigint;
  readonly podSandboxStatus?: PodSandboxStatus | undefined;
  readonly containersStatuses: readonly ContainerStatus[];
}
export const ContainerEventResponseSchema: MessageType<ContainerEventResponse> = messageType("ContainerEventResponse", {
  1: ["containerId", "string"],
  2: ["containerEventType", "enum", ContainerEventType],
  3: ["createdAt", "int64"],
  4: ["podSandboxStatus", "message", () => PodSandboxStatusSchema],
  5: ["containersStatuses", "message[]", () => ContainerStatusSchema],
});

/** runtime.v1.ImageFilter */
export interface ImageFilter {
  readonly image?: ImageSpec | undefined;
}
export const ImageFilterSchema: MessageType<ImageFilter> = messageType("ImageFilter", {
  1: ["image", "message", () => ImageSpecSchema],
});

/** runtime.v1.ListImagesRequest */
export interface ListImagesRequest {
  readonly filter?: ImageFilter | undefined;
}
export const ListImagesRequestSchema: MessageType<ListImagesRequest> = messageType("ListImagesRequest", {
  1: ["filter", "message", () => ImageFilterSchema],
});

/** runtime.v1.ListImagesResponse */
export interface ListImagesResponse {
  readonly images: readonly Image[];
}
export const ListImagesResponseSchema: MessageType<ListImagesResponse> = messageType("ListImagesResponse", {
  1: ["images", "message[]", () => ImageSchema],
});

/** runtime.v1.StreamImagesRequest */
export interface StreamImagesRequest {
  readonly filter?: ImageFilter | undefined;
}
export const StreamImagesRequestSchema: MessageType<StreamImagesRequest> = messageType("StreamImagesRequest", {
  1: ["filter", "message", () => ImageFilterSchema],
});

/** runtime.v1.StreamImagesResponse */
export interface StreamImagesResponse {
  readonly images: readonly Image[];
}
export const StreamImagesResponseSchema: MessageType<StreamImagesResponse> = messageType("StreamImagesResponse", {
  1: ["images", "message[]", () => ImageSchema],
});

/** runtime.v1.Image */
export interface Image {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: bigint;
  readonly uid?: Int64Value | undefined;
  readonly username: string;
  readonly spec?: ImageSpec | undefined;
  readonly pinned: boolean;
}
export const ImageSchema: MessageType<Image> = messageType("Image", {
  1: ["id", "string"],
  2: ["repoTags", "string[]"],
  3: ["repoDigests", "string[]"],
  4: ["size", "uint64"],
  5: ["uid", "message", () => Int64ValueSchema],
  6: ["username", "string"],
  7: ["spec", "message", () => ImageSpecSchema],
  8: ["pinned", "bool"],
});

/** runtime.v1.ImageStatusRequest */
export interface ImageStatusRequest {
  readonly image?: ImageSpec | undefined;
  readonly verbose: boolean;
}
export const ImageStatusRequestSchema: MessageType<ImageStatusRequest> = messageType("ImageStatusRequest", {
  1: ["image", "message", () => ImageSpecSchema],
  2: ["verbose", "bool"],
});

/** runtime.v1.ImageStatusResponse */
export interface ImageStatusResponse {
  readonly image?: Image | undefined;
  readonly info: Readonly<Record<string, string>>;
}
export const ImageStatusResponseSchema: MessageType<ImageStatusResponse> = messageType("ImageStatusResponse", {
  1: ["image", "message", () => ImageSchema],
  2: ["info", "map"],
});

/** runtime.v1.AuthConfig */
export interface AuthConfig {
  readonly username: string;
  readonly password: string;
  readonly auth: string;
  readonly serverAddress: string;
  readonly identityToken: string;
  readonly registryToken: string;
}
export const AuthConfigSchema: MessageType<AuthConfig> = messageType("AuthConfig", {
  1: ["username", "string"],
  2: ["password", "string"],
  3: ["auth", "string"],
  4: ["serverAddress", "string"],
  5: ["identityToken", "string"],
  6: ["registryToken", "string"],
});

/** runtime.v1.PullImageRequest */
export interface PullImageRequest {
  readonly image?: ImageSpec | undefined;
  readonly auth?: AuthConfig | undefined;
  readonly sandboxConfig?: PodSandboxConfig | undefined;
}
export const PullImageRequestSchema: MessageType<PullImageRequest> = messageType("PullImageRequest", {
  1: ["image", "message", () => ImageSpecSchema],
  2: ["auth", "message", () => AuthConfigSchema],
  3: ["sandboxConfig", "message", () => PodSandboxConfigSchema],
});

/** runtime.v1.PullImageResponse */
export interface PullImageResponse {
  readonly imageRef: string;
}
export const PullImageResponseSchema: MessageType<PullImageResponse> = messageType("PullImageResponse", {
  1: ["imageRef", "string"],
});

/** runtime.v1.RemoveImageRequest */
export interface RemoveImageRequest {
  readonly image?: ImageSpec | undefined;
}
export const RemoveImageRequestSchema: MessageType<RemoveImageRequest> = messageType("RemoveImageRequest", {
  1: ["image", "message", () => ImageSpecSchema],
});

/** runtime.v1.RemoveImageResponse */
export interface RemoveImageResponse {
}
export const RemoveImageResponseSchema: MessageType<RemoveImageResponse> = messageType("RemoveImageResponse", {
});

/** runtime.v1.ImageFsInfoRequest */
export interface ImageFsInfoRequest {
}
export const ImageFsInfoRequestSchema: MessageType<ImageFsInfoRequest> = messageType("ImageFsInfoRequest", {
});

/** runtime.v1.ImageFsInfoResponse */
export interface ImageFsInfoResponse {
  readonly imageFilesystems: readonly FilesystemUsage[];
  readonly containerFilesystems: readonly FilesystemUsage[];
}
export const ImageFsInfoResponseSchema: MessageType<ImageFsInfoResponse> = messageType("ImageFsInfoResponse", {
  1: ["imageFilesystems", "message[]", () => FilesystemUsageSchema],
  2: ["containerFilesystems", "message[]", () => FilesystemUsageSchema],
});

/** runtime.v1.RuntimeService */
export const RuntimeService: {
  readonly method: {
    readonly version: Method<VersionRequest, VersionResponse, "unary">;
    readonly status: Method<StatusRequest, StatusResponse, "unary">;
    readonly runtimeConfig: Method<RuntimeConfigRequest, RuntimeConfigResponse, "unary">;
    readonly runPodSandbox: Method<RunPodSandboxRequest, RunPodSandboxResponse, "unary">;
    readonly stopPodSandbox: Method<StopPodSandboxRequest, StopPodSandboxResponse, "unary">;
    readonly removePodSandbox: Method<RemovePodSandboxRequest, RemovePodSandboxResponse, "unary">;
    readonly podSandboxStatus: Method<PodSandboxStatusRequest, PodSandboxStatusResponse, "unary">;
    readonly listPodSandbox: Method<ListPodSandboxRequest, ListPodSandboxResponse, "unary">;
    readonly streamPodSandboxes: Method<StreamPodSandboxesRequest, StreamPodSandboxesResponse, "stream">;
    readonly createContainer: Method<CreateContainerRequest, CreateContainerResponse, "unary">;
    readonly startContainer: Method<StartContainerRequest, StartContainerResponse, "unary">;
    readonly stopContainer: Method<StopContainerRequest, StopContainerResponse, "unary">;
    readonly removeContainer: Method<RemoveContainerRequest, RemoveContainerResponse, "unary">;
    readonly listContainers: Method<ListContainersRequest, ListContainersResponse, "unary">;
    readonly streamContainers: Method<StreamContainersRequest, StreamContainersResponse, "stream">;
    readonly containerStatus: Method<ContainerStatusRequest, ContainerStatusResponse, "unary">;
    readonly reopenContainerLog: Method<ReopenContainerLogRequest, ReopenContainerLogResponse, "unary">;
    readonly execSync: Method<ExecSyncRequest, ExecSyncResponse, "unary">;
    readonly exec: Method<ExecRequest, ExecResponse, "unary">;
    readonly containerStats: Method<ContainerStatsRequest, ContainerStatsResponse, "unary">;
    readonly listContainerStats: Method<ListContainerStatsRequest, ListContainerStatsResponse, "unary">;
    readonly listPodSandboxStats: Method<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse, "unary">;
    readonly getContainerEvents: Method<GetEventsRequest, ContainerEventResponse, "stream">;
  };
} = {
  method: {
    version: {
      kind: "unary",
      name: "Version",
      service: "runtime.v1.RuntimeService",
      input: VersionRequestSchema,
      output: VersionResponseSchema,
    },
    status: {
      kind: "unary",
      name: "Status",
      service: "runtime.v1.RuntimeService",
      input: StatusRequestSchema,
      output: StatusResponseSchema,
    },
    runtimeConfig: {
      kind: "unary",
      name: "RuntimeConfig",
      service: "runtime.v1.RuntimeService",
      input: RuntimeConfigRequestSchema,
      output: RuntimeConfigResponseSchema,
    },
    runPodSandbox: {
      kind: "unary",
      name: "RunPodSandbox",
      service: "runtime.v1.RuntimeService",
      input: RunPodSandboxRequestSchema,
      output: RunPodSandboxResponseSchema,
    },
    stopPodSandbox: {
      kind: "unary",
      name: "StopPodSandbox",
      service: "runtime.v1.RuntimeService",
      input: StopPodSandboxRequestSchema,
      output: StopPodSandboxResponseSchema,
    },
    removePodSandbox: {
      kind: "unary",
      name: "RemovePodSandbox",
      service: "runtime.v1.RuntimeService",
      input: RemovePodSandboxRequestSchema,
      output: RemovePodSandboxResponseSchema,
    },
    podSandboxStatus: {
      kind: "unary",
      name: "PodSandboxStatus",
      service: "runtime.v1.RuntimeService",
      input: PodSandboxStatusRequestSchema,
      output: PodSandboxStatusResponseSchema,
    },
    listPodSandbox: {
      kind: "unary",
      name: "ListPodSandbox",
      service: "runtime.v1.RuntimeService",
      input: ListPodSandboxRequestSchema,
      output: ListPodSandboxResponseSchema,
    },
    streamPodSandboxes: {
      kind: "stream",
      name: "StreamPodSandboxes",
      service: "runtime.v1.RuntimeService",
      input: StreamPodSandboxesRequestSchema,
      output: StreamPodSandboxesResponseSchema,
    },
    createContainer: {
      kind: "unary",
      name: "CreateContainer",
      service: "runtime.v1.RuntimeService",
      input: CreateContainerRequestSchema,
      output: CreateContainerResponseSchema,
    },
    startContainer: {
      kind: "unary",
      name: "StartContainer",
      service: "runtime.v1.RuntimeService",
      input: StartContainerRequestSchema,
      output: StartContainerResponseSchema,
    },
    stopContainer: {
      kind: "unary",
      name: "StopContainer",
      service: "runtime.v1.RuntimeService",
      input: StopContainerRequestSchema,
      output: StopContainerResponseSchema,
    },
    removeContainer: {
      kind: "unary",
      name: "RemoveContainer",
      service: "runtime.v1.RuntimeService",
      input: RemoveContainerRequestSchema,
      output: RemoveContainerResponseSchema,
    },
    listContainers: {
      kind: "unary",
      name: "ListContainers",
      service: "runtime.v1.RuntimeService",
      input: ListContainersRequestSchema,
      output: ListContainersResponseSchema,
    },
    streamContainers: {
      kind: "stream",
      name: "StreamContainers",
      service: "runtime.v1.RuntimeService",
      input: StreamContainersRequestSchema,
      output: StreamContainersResponseSchema,
    },
    containerStatus: {
      kind: "unary",
      name: "ContainerStatus",
      service: "runtime.v1.RuntimeService",
      input: ContainerStatusRequestSchema,
      output: ContainerStatusResponseSchema,
    },
    reopenContainerLog: {
      kind: "unary",
      name: "ReopenContainerLog",
      service: "runtime.v1.RuntimeService",
      input: ReopenContainerLogRequestSchema,
      output: ReopenContainerLogResponseSchema,
    },
    execSync: {
      kind: "unary",
      name: "ExecSync",
      service: "runtime.v1.RuntimeService",
      input: ExecSyncRequestSchema,
      output: ExecSyncResponseSchema,
    },
    exec: {
      kind: "unary",
      name: "Exec",
      service: "runtime.v1.RuntimeService",
      input: ExecRequestSchema,
      output: ExecResponseSchema,
    },
    containerStats: {
      kind: "unary",
      name: "ContainerStats",
      service: "runtime.v1.RuntimeService",
      input: ContainerStatsRequestSchema,
      output: ContainerStatsResponseSchema,
    },
    listContainerStats: {
      kind: "unary",
      name: "ListContainerStats",
      service: "runtime.v1.RuntimeService",
      input: ListContainerStatsRequestSchema,
      output: ListContainerStatsResponseSchema,
    },
    listPodSandboxStats: {
      kind: "unary",
      name: "ListPodSandboxStats",
      service: "runtime.v1.RuntimeService",
      input: ListPodSandboxStatsRequestSchema,
      output: ListPodSandboxStatsResponseSchema,
    },
    getContainerEvents: {
      kind: "stream",
      name: "GetContainerEvents",
      service: "runtime.v1.RuntimeService",
      input: GetEventsRequestSchema,
      output: ContainerEventResponseSchema,
    },
  },
};

/** runtime.v1.ImageService */
export const ImageService: {
  readonly method: {
    readonly listImages: Method<ListImagesRequest, ListImagesResponse, "unary">;
    readonly streamImages: Method<StreamImagesRequest, StreamImagesResponse, "stream">;
    readonly imageStatus: Method<ImageStatusRequest, ImageStatusResponse, "unary">;
    readonly pullImage: Method<PullImageRequest, PullImageResponse, "unary">;
    readonly removeImage: Method<RemoveImageRequest, RemoveImageResponse, "unary">;
    readonly imageFsInfo: Method<ImageFsInfoRequest, ImageFsInfoResponse, "unary">;
  };
} = {
  method: {
    listImages: {
      kind: "unary",
      name: "ListImages",
      service: "runtime.v1.ImageService",
      input: ListImagesRequestSchema,
      output: ListImagesResponseSchema,
    },
    streamImages: {
      kind: "stream",
      name: "StreamImages",
      service: "runtime.v1.ImageService",
      input: StreamImagesRequestSchema,
      output: StreamImagesResponseSchema,
    },
    imageStatus: {
      kind: "unary",
      name: "ImageStatus",
      service: "runtime.v1.ImageService",
      input: ImageStatusRequestSchema,
      output: ImageStatusResponseSchema,
    },
    pullImage: {
      kind: "unary",
      name: "PullImage",
      service: "runtime.v1.ImageService",
      input: PullImageRequestSchema,
      output: PullImageResponseSchema,
    },
    removeImage: {
      kind: "unary",
      name: "RemoveImage",
      service: "runtime.v1.ImageService",
      input: RemoveImageRequestSchema,
      output: RemoveImageResponseSchema,
    },
    imageFsInfo: {
      kind: "unary",
      name: "ImageFsInfo",
      service: "runtime.v1.ImageService",
      input: ImageFsInfoRequestSchema,
      output: ImageFsInfoResponseSchema,
    },
  },
};

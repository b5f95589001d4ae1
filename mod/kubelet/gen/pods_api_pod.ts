// Made from proto/pods_api_pod.proto by `deno task generate`: do not edit.
import { messageType, type MessageType } from "../../grpc/mod.ts";

/** k8s.io.api.core.v1.Pod */
export interface Pod {
  readonly metadata?: ObjectMeta | undefined;
  readonly status?: PodStatus | undefined;
}
export const PodSchema: MessageType<Pod> = messageType("Pod", {
  1: ["metadata", "message", () => ObjectMetaSchema],
  3: ["status", "message", () => PodStatusSchema],
});

/** k8s.io.api.core.v1.ObjectMeta */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}
export const ObjectMetaSchema: MessageType<ObjectMeta> = messageType("ObjectMeta", {
  1: ["name", "string"],
  3: ["namespace", "string"],
  5: ["uid", "string"],
  12: ["annotations", "map"],
});

/** k8s.io.api.core.v1.PodStatus */
export interface PodStatus {
  readonly phase: string;
  readonly conditions: readonly PodCondition[];
  readonly message: string;
  readonly reason: string;
  readonly startTime?: Time | undefined;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
}
export const PodStatusSchema: MessageType<PodStatus> = messageType("PodStatus", {
  1: ["phase", "string"],
  2: ["conditions", "message[]", () => PodConditionSchema],
  3: ["message", "string"],
  4: ["reason", "string"],
  7: ["startTime", "message", () => TimeSchema],
  8: ["containerStatuses", "message[]", () => ContainerStatusSchema],
  10: ["initContainerStatuses", "message[]", () => ContainerStatusSchema],
});

/** k8s.io.api.core.v1.PodCondition */
export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: Time | undefined;
  readonly reason: string;
  readonly message: string;
}
export const PodConditionSchema: MessageType<PodCondition> = messageType("PodCondition", {
  1: ["type", "string"],
  2: ["status", "string"],
  4: ["lastTransitionTime", "message", () => TimeSchema],
  5: ["reason", "string"],
  6: ["message", "string"],
});

/** k8s.io.api.core.v1.ContainerStatus */
export interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState | undefined;
  readonly lastState?: ContainerState | undefined;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly containerId: string;
  readonly started: boolean;
}
export const ContainerStatusSchema: MessageType<ContainerStatus> = messageType("ContainerStatus", {
  1: ["name", "string"],
  2: ["state", "message", () => ContainerStateSchema],
  3: ["lastState", "message", () => ContainerStateSchema],
  4: ["ready", "bool"],
  5: ["restartCount", "int32"],
  6: ["image", "string"],
  8: ["containerId", "string"],
  9: ["started", "bool"],
});

/** k8s.io.api.core.v1.ContainerState */
export interface ContainerState {
  readonly waiting?: ContainerStateWaiting | undefined;
  readonly running?: ContainerStateRunning | undefined;
  readonly terminated?: ContainerStateTerminated | undefined;
}
export const ContainerStateSchema: MessageType<ContainerState> = messageType("ContainerState", {
  1: ["waiting", "message", () => ContainerStateWaitingSchema],
  2: ["running", "message", () => ContainerStateRunningSchema],
  3: ["terminated", "message", () => ContainerStateTerminatedSchema],
});

/** k8s.io.api.core.v1.ContainerStateWaiting */
export interface ContainerStateWaiting {
  readonly reason: string;
  readonly message: string;
}
export const ContainerStateWaitingSchema: MessageType<ContainerStateWaiting> = messageType("ContainerStateWaiting", {
  1: ["reason", "string"],
  2: ["message", "string"],
});

/** k8s.io.api.core.v1.ContainerStateRunning */
export interface ContainerStateRunning {
  readonly startedAt?: Time | undefined;
}
export const ContainerStateRunningSchema: MessageType<ContainerStateRunning> = messageType("ContainerStateRunning", {
  1: ["startedAt", "message", () => TimeSchema],
});

/** k8s.io.api.core.v1.ContainerStateTerminated */
export interface ContainerStateTerminated {
  readonly exitCode: number;
  readonly signal: number;
  readonly reason: string;
  readonly message: string;
  readonly startedAt?: Time | undefined;
  readonly finishedAt?: Time | undefined;
}
export const ContainerStateTerminatedSchema: MessageType<ContainerStateTerminated> = messageType("ContainerStateTerminated", {
  1: ["exitCode", "int32"],
  2: ["signal", "int32"],
  3: ["reason", "string"],
  4: ["message", "string"],
  5: ["startedAt", "message", () => TimeSchema],
  6: ["finishedAt", "message", () => TimeSchema],
});

/** k8s.io.api.core.v1.Time */
export interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}
export const TimeSchema: MessageType<Time> = messageType("Time", {
  1: ["seconds", "int64"],
  2: ["nanos", "int32"],
});

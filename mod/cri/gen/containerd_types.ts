// Made from proto/containerd_types.proto by `deno task generate`: do not edit.
import { messageType, type MessageType } from "../../grpc/mod.ts";

/** containerd.types.TaskStatus */
export const TaskStatus = {
  TASK_UNKNOWN: 0,
  TASK_CREATED: 1,
  TASK_RUNNING: 2,
  TASK_STOPPED: 3,
  TASK_PAUSED: 4,
  TASK_PAUSING: 5,
} as const;
export type TaskStatus = typeof TaskStatus[keyof typeof TaskStatus];

/** containerd.types.Timestamp */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}
export const TimestampSchema: MessageType<Timestamp> = messageType("Timestamp", {
  1: ["seconds", "int64"],
  2: ["nanos", "int32"],
});

/** containerd.types.Any */
export interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}
export const AnySchema: MessageType<Any> = messageType("Any", {
  1: ["typeUrl", "string"],
  2: ["value", "bytes"],
});

/** containerd.types.Process */
export interface Process {
  /** Empty in answers of containerd 1.x, where `id` is the container's. */
  readonly containerId: string;
  readonly id: string;
  readonly pid: number;
  readonly status: TaskStatus;
  readonly exitStatus: number;
  readonly exitedAt?: Timestamp | undefined;
}
export const ProcessSchema: MessageType<Process> = messageType("Process", {
  1: ["containerId", "string"],
  2: ["id", "string"],
  3: ["pid", "uint32"],
  4: ["status", "enum", TaskStatus],
  9: ["exitStatus", "uint32"],
  10: ["exitedAt", "message", () => TimestampSchema],
});

/** containerd.types.TaskStart */
export interface TaskStart {
  readonly containerId: string;
  readonly pid: number;
}
export const TaskStartSchema: MessageType<TaskStart> = messageType("TaskStart", {
  1: ["containerId", "string"],
  2: ["pid", "uint32"],
});

/** containerd.types.TaskExit */
export interface TaskExit {
  readonly containerId: string;
  readonly id: string;
  readonly pid: number;
  readonly exitStatus: number;
  readonly exitedAt?: Timestamp | undefined;
}
export const TaskExitSchema: MessageType<TaskExit> = messageType("TaskExit", {
  1: ["containerId", "string"],
  2: ["id", "string"],
  3: ["pid", "uint32"],
  4: ["exitStatus", "uint32"],
  5: ["exitedAt", "message", () => TimestampSchema],
});

/** containerd.types.TaskOom */
export interface TaskOom {
  readonly containerId: string;
}
export const TaskOomSchema: MessageType<TaskOom> = messageType("TaskOom", {
  1: ["containerId", "string"],
});

/** containerd.types.ContainerRef */
export interface ContainerRef {
  readonly id: string;
}
export const ContainerRefSchema: MessageType<ContainerRef> = messageType("ContainerRef", {
  1: ["id", "string"],
});

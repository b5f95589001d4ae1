// Made from proto/pods_api.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";

/** v1alpha1.EventType */
export const EventType = {
  EVENT_TYPE_UNSPECIFIED: 0,
  ADDED: 1,
  MODIFIED: 2,
  DELETED: 3,
  INITIAL_SYNC_COMPLETE: 4,
} as const;
export type EventType = typeof EventType[keyof typeof EventType];

/** v1alpha1.ListPodsRequest */
export interface ListPodsRequest {
}
export const ListPodsRequestSchema: MessageType<ListPodsRequest> = messageType("ListPodsRequest", {
});

/** v1alpha1.ListPodsResponse */
export interface ListPodsResponse {
  /** Each is a Pod of pods_api_pod.proto. */
  readonly pods: readonly Uint8Array[];
}
export const ListPodsResponseSchema: MessageType<ListPodsResponse> = messageType("ListPodsResponse", {
  1: ["pods", "bytes[]"],
});

/** v1alpha1.WatchPodsRequest */
export interface WatchPodsRequest {
}
export const WatchPodsRequestSchema: MessageType<WatchPodsRequest> = messageType("WatchPodsRequest", {
});

/** v1alpha1.WatchPodsEvent */
export interface WatchPodsEvent {
  readonly type: EventType;
  /** A Pod of pods_api_pod.proto; empty with INITIAL_SYNC_COMPLETE. */
  readonly pod: Uint8Array;
}
export const WatchPodsEventSchema: MessageType<WatchPodsEvent> = messageType("WatchPodsEvent", {
  1: ["type", "enum", EventType],
  2: ["pod", "bytes"],
});

/** v1alpha1.Pods */
export const Pods: {
  readonly method: {
    readonly listPods: Method<ListPodsRequest, ListPodsResponse, "unary">;
    readonly watchPods: Method<WatchPodsRequest, WatchPodsEvent, "stream">;
  };
} = {
  method: {
    listPods: {
      kind: "unary",
      name: "ListPods",
      service: "v1alpha1.Pods",
      input: ListPodsRequestSchema,
      output: ListPodsResponseSchema,
    },
    watchPods: {
      kind: "stream",
      name: "WatchPods",
      service: "v1alpha1.Pods",
      input: WatchPodsRequestSchema,
      output: WatchPodsEventSchema,
    },
  },
};

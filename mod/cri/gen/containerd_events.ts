// Made from proto/containerd_events.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";
import { AnySchema, TimestampSchema, type Any, type Timestamp } from "./containerd_types.ts";

/** containerd.services.events.v1.SubscribeRequest */
export interface SubscribeRequest {
  readonly filters: readonly string[];
}
export const SubscribeRequestSchema: MessageType<SubscribeRequest> = messageType("SubscribeRequest", {
  1: ["filters", "string[]"],
});

/** containerd.services.events.v1.Envelope */
export interface Envelope {
  readonly timestamp?: Timestamp | undefined;
  readonly namespace: string;
  readonly topic: string;
  readonly event?: Any | undefined;
}
export const EnvelopeSchema: MessageType<Envelope> = messageType("Envelope", {
  1: ["timestamp", "message", () => TimestampSchema],
  2: ["namespace", "string"],
  3: ["topic", "string"],
  4: ["event", "message", () => AnySchema],
});

/** containerd.services.events.v1.Events */
export const Events: {
  readonly method: {
    readonly subscribe: Method<SubscribeRequest, Envelope, "stream">;
  };
} = {
  method: {
    subscribe: {
      kind: "stream",
      name: "Subscribe",
      service: "containerd.services.events.v1.Events",
      input: SubscribeRequestSchema,
      output: EnvelopeSchema,
    },
  },
};

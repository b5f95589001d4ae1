// Made from proto/containerd_containers.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";
import { TimestampSchema, type Timestamp } from "./containerd_types.ts";

/** containerd.services.containers.v1.Container */
export interface Container {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly createdAt?: Timestamp | undefined;
}
export const ContainerSchema: MessageType<Container> = messageType("Container", {
  1: ["id", "string"],
  2: ["labels", "map"],
  3: ["image", "string"],
  8: ["createdAt", "message", () => TimestampSchema],
});

/** containerd.services.containers.v1.ListContainersRequest */
export interface ListContainersRequest {
  readonly filters: readonly string[];
}
export const ListContainersRequestSchema: MessageType<ListContainersRequest> = messageType("ListContainersRequest", {
  1: ["filters", "string[]"],
});

/** containerd.services.containers.v1.ListContainersResponse */
export interface ListContainersResponse {
  readonly containers: readonly Container[];
}
export const ListContainersResponseSchema: MessageType<ListContainersResponse> = messageType("ListContainersResponse", {
  1: ["containers", "message[]", () => ContainerSchema],
});

/** containerd.services.containers.v1.Containers */
export const Containers: {
  readonly method: {
    readonly list: Method<ListContainersRequest, ListContainersResponse, "unary">;
  };
} = {
  method: {
    list: {
      kind: "unary",
      name: "List",
      service: "containerd.services.containers.v1.Containers",
      input: ListContainersRequestSchema,
      output: ListContainersResponseSchema,
    },
  },
};

// Made from proto/containerd_namespaces.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";

/** containerd.services.namespaces.v1.Namespace */
export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
export const NamespaceSchema: MessageType<Namespace> = messageType("Namespace", {
  1: ["name", "string"],
  2: ["labels", "map"],
});

/** containerd.services.namespaces.v1.ListNamespacesRequest */
export interface ListNamespacesRequest {
  readonly filter: string;
}
export const ListNamespacesRequestSchema: MessageType<ListNamespacesRequest> = messageType("ListNamespacesRequest", {
  1: ["filter", "string"],
});

/** containerd.services.namespaces.v1.ListNamespacesResponse */
export interface ListNamespacesResponse {
  readonly namespaces: readonly Namespace[];
}
export const ListNamespacesResponseSchema: MessageType<ListNamespacesResponse> = messageType("ListNamespacesResponse", {
  1: ["namespaces", "message[]", () => NamespaceSchema],
});

/** containerd.services.namespaces.v1.Namespaces */
export const Namespaces: {
  readonly method: {
    readonly list: Method<ListNamespacesRequest, ListNamespacesResponse, "unary">;
  };
} = {
  method: {
    list: {
      kind: "unary",
      name: "List",
      service: "containerd.services.namespaces.v1.Namespaces",
      input: ListNamespacesRequestSchema,
      output: ListNamespacesResponseSchema,
    },
  },
};

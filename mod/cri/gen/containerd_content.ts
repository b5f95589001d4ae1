// Made from proto/containerd_content.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";

/** containerd.services.content.v1.Status */
export interface Status {
  readonly ref: string;
  readonly offset: bigint;
  readonly total: bigint;
  readonly expected: string;
}
export const StatusSchema: MessageType<Status> = messageType("Status", {
  3: ["ref", "string"],
  4: ["offset", "int64"],
  5: ["total", "int64"],
  6: ["expected", "string"],
});

/** containerd.services.content.v1.ListStatusesRequest */
export interface ListStatusesRequest {
  readonly filters: readonly string[];
}
export const ListStatusesRequestSchema: MessageType<ListStatusesRequest> = messageType("ListStatusesRequest", {
  1: ["filters", "string[]"],
});

/** containerd.services.content.v1.ListStatusesResponse */
export interface ListStatusesResponse {
  readonly statuses: readonly Status[];
}
export const ListStatusesResponseSchema: MessageType<ListStatusesResponse> = messageType("ListStatusesResponse", {
  1: ["statuses", "message[]", () => StatusSchema],
});

/** containerd.services.content.v1.Content */
export const Content: {
  readonly method: {
    readonly listStatuses: Method<ListStatusesRequest, ListStatusesResponse, "unary">;
  };
} = {
  method: {
    listStatuses: {
      kind: "unary",
      name: "ListStatuses",
      service: "containerd.services.content.v1.Content",
      input: ListStatusesRequestSchema,
      output: ListStatusesResponseSchema,
    },
  },
};

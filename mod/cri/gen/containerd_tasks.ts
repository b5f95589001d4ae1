// Made from proto/containerd_tasks.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";
import { ProcessSchema, type Process } from "./containerd_types.ts";

/** containerd.services.tasks.v1.ListTasksRequest */
export interface ListTasksRequest {
  readonly filter: string;
}
export const ListTasksRequestSchema: MessageType<ListTasksRequest> = messageType("ListTasksRequest", {
  1: ["filter", "string"],
});

/** containerd.services.tasks.v1.ListTasksResponse */
export interface ListTasksResponse {
  readonly tasks: readonly Process[];
}
export const ListTasksResponseSchema: MessageType<ListTasksResponse> = messageType("ListTasksResponse", {
  1: ["tasks", "message[]", () => ProcessSchema],
});

/** containerd.services.tasks.v1.Tasks */
export const Tasks: {
  readonly method: {
    readonly list: Method<ListTasksRequest, ListTasksResponse, "unary">;
  };
} = {
  method: {
    list: {
      kind: "unary",
      name: "List",
      service: "containerd.services.tasks.v1.Tasks",
      input: ListTasksRequestSchema,
      output: ListTasksResponseSchema,
    },
  },
};

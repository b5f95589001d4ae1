/** The admin API: the agent's side is `server.ts`, imported by the agent alone. */
export * from "./client.ts";
export * from "./contract.ts";
export * from "./ndjson.ts";
export * from "./remote_node.ts";

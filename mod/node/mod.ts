/** What runs on this node, read from the container runtime and the log files. */
export * from "./actions.ts";
export * from "./local.ts";
export * from "./log_request.ts";
export * from "./reader.ts";

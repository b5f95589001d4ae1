/** What runs on this node, read from the container runtime and the log files; and what is done to it. */
export type { ExecOutcome, NodeActions } from "./actions.ts";
export { connectNode, localNode, type LocalNodeOptions } from "./local.ts";
export type { LogOptions, NodeAccess, NodeReader } from "./reader.ts";

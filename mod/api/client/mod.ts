/** The client's side of the admin API, over a transport. */
export { type AgentClient, agentClient, type CallOptions, type ClientOptions } from "./client.ts";
export { remoteNode } from "./remote_node.ts";
export type { AgentAnswer, AgentRequest, Transport } from "./transport.ts";
export { DEFAULT_SOCKET, type QuickGet, readSocket, unixTransport } from "./unix_transport.ts";

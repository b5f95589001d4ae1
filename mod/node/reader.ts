import type { PodView } from "../cri/mod.ts";

/** What runs on the node, at one moment. */
export interface NodePods {
  /** The node's address, as in the NODE column. */
  readonly node: string;
  /** The kubelet's name of the node, which static pods carry at the end of theirs. */
  readonly nodeName: string;
  readonly pods: readonly PodView[];
}

/** How much `NodeReader.pods` asks the runtime for. */
export interface PodsQuery {
  /** Exit codes and log paths: one call for each container; default `none`. */
  readonly statuses?: "none" | "exited" | "all";
  readonly signal?: AbortSignal;
}

/** Reads the node: directly from its runtime, or through the agent. */
export interface NodeReader {
  /** @throws {PodsteadError} when the runtime, or the agent, does not answer */
  pods(query?: PodsQuery): Promise<NodePods>;
  /** Ends the connection, if there is one. */
  close(): void;
}

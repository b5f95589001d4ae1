import type { PodView } from "../cri/mod.ts";
import type { NodeActions } from "./actions.ts";
import type { LogRequest } from "./log_request.ts";

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
  /** Labels and annotations; default true. Most of the answer: half its time on a big node. */
  readonly labels?: boolean;
  readonly signal?: AbortSignal;
}

/** What goes with a request for logs. */
export interface LogOptions {
  readonly signal: AbortSignal;
  /** Told, in words, what the reader should know beside the lines. */
  readonly onNotice: (text: string) => void;
}

/** Reads the node and acts on it: directly by its runtime, or through the agent. */
export interface NodeReader extends NodeActions {
  /** @throws {PodsteadError} when the runtime, or the agent, does not answer */
  pods(query?: PodsQuery): Promise<NodePods>;
  /**
   * Opens logs as `openLogs` does.
   *
   * @throws {PodsteadError} `not-found` and `ambiguous` with the candidates
   */
  logs(request: LogRequest, options: LogOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Ends the connection, if there is one. */
  close(): void;
}

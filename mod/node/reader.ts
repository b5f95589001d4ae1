import type {
  ContainerReference,
  FoundContainer,
  Inspection,
  LogRequest,
  NodeImages,
  NodePods,
  NodeUsage,
  OtherContainers,
  PodsQuery,
  UsageRequest,
} from "../api/contract/mod.ts";
import type { NodeActions } from "./actions.ts";

/** What goes with a request for logs. */
export interface LogOptions {
  readonly signal: AbortSignal;
  /** Called with what the reader should know besides the lines, as text. */
  readonly onNotice: (text: string) => void;
}

/** Reads the node, directly by its runtime or through the agent; changes nothing. */
export interface NodeReader {
  /** @throws {PodsteadError} if the runtime, or the agent, does not answer */
  pods(query?: PodsQuery & { readonly signal?: AbortSignal }): Promise<NodePods>;
  /**
   * Opens logs as `openLogs` does.
   *
   * @throws {PodsteadError} `not-found` and `ambiguous` with the candidates
   */
  logs(request: LogRequest, options: LogOptions): Promise<AsyncIterable<Uint8Array>>;
  /** @throws {PodsteadError} `not-found` and `ambiguous` with the candidates */
  find(reference: ContainerReference, signal?: AbortSignal): Promise<FoundContainer>;
  /** Containers of the runtime's other namespaces. @throws {PodsteadError} if it has none */
  otherContainers(signal?: AbortSignal): Promise<OtherContainers>;
  images(signal?: AbortSignal): Promise<NodeImages>;
  /**
   * What containers used, once an interval, until the signal aborts.
   *
   * @throws {PodsteadError} `not-found` and `ambiguous` for the reference
   */
  usage(request: UsageRequest, signal: AbortSignal): AsyncIterable<NodeUsage>;
  /** Everything that the runtime says about a container, or about the sandbox it is in. */
  inspect(id: string, kind: "container" | "sandbox", signal?: AbortSignal): Promise<Inspection>;
}

/** Reads the node and acts on it. */
export interface NodeAccess extends NodeReader, NodeActions {
  /** Ends the connection, if there is one. */
  close(): void;
}

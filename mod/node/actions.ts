import type { ContainerUsage, ImageView, Inspection, NamespacedContainer } from "../cri/mod.ts";
import type { ContainerView, PodView, PullProgress, RegistryAuth } from "../cri/mod.ts";

/** Which container is meant; plain data, so that it can cross the admin socket. */
export interface ContainerReference {
  /** `POD[:CONTAINER[:HASH]]` or the beginning of a container ID. */
  readonly reference: string;
  /** The container's name, where the reference leaves it out. */
  readonly container?: string;
}

/** The container that was meant, and where it is. */
export interface FoundContainer {
  /** The node's address, as in the NODE column. */
  readonly node: string;
  readonly pod: PodView;
  readonly container: ContainerView;
}

/** Containers that are not Kubernetes'. */
export interface OtherContainers {
  readonly node: string;
  readonly containers: readonly NamespacedContainer[];
}

/** The images that the node has. */
export interface NodeImages {
  readonly node: string;
  readonly images: readonly ImageView[];
}

/** Whose use of CPU, memory and network is wanted, and how often. */
export interface UsageRequest {
  /** A pod, for all of its containers, or a container; everything where it is left out. */
  readonly reference?: string;
  /** Between two samples, in milliseconds. */
  readonly intervalMs: number;
}

/** What the containers used in the last interval. */
export interface NodeUsage {
  readonly node: string;
  /** CPUs of the node, of which a container without a limit may use all. */
  readonly cpus: number;
  readonly containers: readonly ContainerUsage[];
}

/** Which image to pull. */
export interface PullRequest {
  /** As in a pod: `nginx`, `nginx:1.25`, `registry/path@sha256:…`. */
  readonly image: string;
  readonly auth?: RegistryAuth;
}

/** A pull under way, at its end with what the runtime calls the image. */
export type PullStep =
  | { readonly kind: "progress"; readonly progress: PullProgress }
  | { readonly kind: "done"; readonly image: string };

/** A command to run in a container until it ends. */
export interface ExecRequest {
  readonly containerId: string;
  readonly command: readonly string[];
  /** For ever where it is left out. */
  readonly timeoutMs?: number;
}

/** A command to run with its streams connected. */
export interface ExecSessionRequest {
  readonly containerId: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
}

/** What became of a command; its output is at most 16 MiB. */
export interface ExecOutcome {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** What can be asked of the node beside its pods and logs, and done to its containers. */
export interface NodeActions {
  /** @throws {PodsteadError} `not-found` and `ambiguous` with the candidates */
  find(reference: ContainerReference, signal?: AbortSignal): Promise<FoundContainer>;
  /** Containers of the runtime's other namespaces. @throws {PodsteadError} where it has none */
  otherContainers(signal?: AbortSignal): Promise<OtherContainers>;
  images(signal?: AbortSignal): Promise<NodeImages>;
  /**
   * What containers used, once an interval, until the signal aborts.
   *
   * @throws {PodsteadError} `not-found` and `ambiguous` for the reference
   */
  usage(request: UsageRequest, signal: AbortSignal): AsyncIterable<NodeUsage>;
  /** Everything that the runtime says about a container, or about the sandbox it is in. */
  inspect(
    id: string,
    kind: "container" | "sandbox",
    signal?: AbortSignal,
  ): Promise<Inspection>;
  /** Stops a container: its own signal, then the kill after its pod's grace, or this one. */
  stop(container: StopRequest, signal?: AbortSignal): Promise<void>;
  /** @throws {PodsteadError} as `pullImage` */
  pull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullStep>;
  /** @throws {PodsteadError} as `execSync` */
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecOutcome>;
  /** Prepares a session; its address works once, for some seconds. @throws as `openExec` */
  openExec(request: ExecSessionRequest, signal: AbortSignal): Promise<string>;
}

/** Which container to stop. */
export interface StopRequest {
  readonly containerId: string;
  /** Instead of the pod's own grace, in milliseconds. */
  readonly graceMs?: number;
}

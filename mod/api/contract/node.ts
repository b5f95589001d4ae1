import type { JsonObject, JsonValue } from "../../core/mod.ts";

type StringMap = Readonly<Record<string, string>>;

/** One sandbox with its containers. A pod has several when it was changed or its sandbox died. */
export interface PodView {
  readonly sandboxId: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** How often the kubelet made a sandbox for this UID before. */
  readonly attempt: number;
  /** CRI's names; `SANDBOX_UNKNOWN` if containers are left of a sandbox that is not listed. */
  readonly state: "SANDBOX_READY" | "SANDBOX_NOTREADY" | "SANDBOX_UNKNOWN";
  /** RFC 3339 in UTC; absent if the sandbox is not listed. */
  readonly createdAt?: string;
  /** The image of the sandbox; absent if the runtime does not say. */
  readonly image?: string;
  /** Absent if it does not run. */
  readonly pid?: number;
  /** True for a pod that the kubelet has from a file or a URL. */
  readonly isStatic: boolean;
  /** `file`, `http` or `api`; absent if the kubelet did not make it. */
  readonly source?: string;
  /** podstead's hash of the pod as declared; absent for pods of others. */
  readonly specHash?: string;
  /** The kubelet's hash of a static pod. */
  readonly configHash?: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** Init containers first, in the order in which they ran; then by name and attempt. */
  readonly containers: readonly ContainerView[];
}

/** One container of a sandbox. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly type: "init" | "container" | "ephemeral";
  readonly attempt: number;
  readonly restartCount: number;
  /** CRI's names. */
  readonly state:
    | "CONTAINER_CREATED"
    | "CONTAINER_RUNNING"
    | "CONTAINER_EXITED"
    | "CONTAINER_UNKNOWN";
  /** RFC 3339 in UTC. */
  readonly createdAt: string;
  /** The first tag of its image, or its digest, or what the runtime has. */
  readonly image: string;
  readonly imageId: string;
  /** Absent if it does not run. */
  readonly pid?: number;
  /** The kubelet's hash of the container's spec. */
  readonly hash?: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** Present if it was asked for. */
  readonly status?: ContainerStatusView;
}

/** What only a container's status says. */
export interface ContainerStatusView {
  /** RFC 3339 in UTC; absent before the start. */
  readonly startedAt?: string;
  /** RFC 3339 in UTC; absent before the end, like `exitCode`. */
  readonly finishedAt?: string;
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, …; empty while it runs. */
  readonly reason: string;
  readonly message: string;
  /** Where the runtime writes its log; empty if it writes none. */
  readonly logPath: string;
}

/** What runs on the node, at one moment. */
export interface NodePods {
  /** The node's address, as in the NODE column. */
  readonly node: string;
  /** The kubelet's name of the node, which static pods carry at the end of theirs. */
  readonly nodeName: string;
  readonly pods: readonly PodView[];
}

/** How much of the pods is wanted. */
export interface PodsQuery {
  /** Exit codes and log paths: one call for each container; default `none`. */
  readonly statuses?: "none" | "exited" | "all";
  /** Labels and annotations; default true. Most of the answer: half its time on a big node. */
  readonly labels?: boolean;
}

/** Which container is meant. */
export interface ContainerReference {
  /** `POD[:CONTAINER[:HASH]]` or the beginning of a container ID. */
  readonly reference: string;
  /** The container's name, if the reference leaves it out. */
  readonly container?: string;
}

/** The container that was meant, and where it is. */
export interface FoundContainer {
  /** The node's address, as in the NODE column. */
  readonly node: string;
  readonly pod: PodView;
  readonly container: ContainerView;
}

/** A container that is not Kubernetes'. */
export interface NamespacedContainer {
  readonly namespace: string;
  readonly id: string;
  /** Empty for a container that was made without an image. */
  readonly image: string;
  /** Absent if nothing runs in it. */
  readonly pid?: number;
  /** containerd's name for the state of its process; `CREATED` before its start and after its end. */
  readonly status: "CREATED" | "RUNNING" | "STOPPED" | "PAUSED" | "PAUSING" | "UNKNOWN";
  /** RFC 3339 in UTC; absent if containerd does not say. */
  readonly createdAt?: string;
}

/** Containers that are not Kubernetes'. */
export interface OtherContainers {
  readonly node: string;
  readonly containers: readonly NamespacedContainer[];
}

/** An image that the node has. */
export interface ImageView {
  /** `sha256:` and the digest of its configuration. */
  readonly id: string;
  /** Full names with tag, sorted; empty for an image that lost them all. */
  readonly tags: readonly string[];
  /** Full names with digest, sorted. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** True for one that the runtime keeps in any case, such as the sandbox's. */
  readonly isPinned: boolean;
}

/** The images that the node has. */
export interface NodeImages {
  readonly node: string;
  readonly images: readonly ImageView[];
}

/** Whose use of CPU, memory and network is wanted, and how often. */
export interface UsageRequest {
  /** A pod, for all of its containers, or a container; everything if it is left out. */
  readonly reference?: string;
  /** Between two samples, in milliseconds. */
  readonly intervalMs: number;
}

/** What one container used. */
export interface ContainerUsage {
  readonly namespace: string;
  readonly pod: string;
  readonly sandboxId: string;
  readonly container: string;
  readonly containerId: string;
  /** Mean between the two samples; absent for a container that is in one of them only. */
  readonly cpuCores?: number;
  readonly cpuLimitCores?: number;
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
  readonly writableBytes?: number;
  /** The pod's network, the same for all of its containers; absent on the host's network. */
  readonly network?: {
    readonly receivedBytesPerSecond: number;
    readonly sentBytesPerSecond: number;
  };
}

/** What the containers used in the last interval. */
export interface NodeUsage {
  readonly node: string;
  /** CPUs of the node, of which a container without a limit may use all. */
  readonly cpus: number;
  readonly containers: readonly ContainerUsage[];
}

/** What to look into, with everything that the runtime says. */
export interface InspectRequest {
  readonly id: string;
  readonly kind: "container" | "sandbox";
}

/** Everything that the runtime says about a container or a sandbox. */
export interface Inspection extends JsonObject {
  readonly status: JsonValue;
  readonly info: JsonObject;
}

/** Which image to pull. */
export interface PullRequest {
  /** As in a pod: `nginx`, `nginx:1.25`, `registry/path@sha256:…`. */
  readonly image: string;
  /** Without it the node's own login for the registry is used, if it has one. */
  readonly auth?: {
    readonly username?: string;
    readonly password?: string;
    readonly identityToken?: string;
  };
  /** The file that `auth` is from, for messages. */
  readonly authFile?: string;
}

/** How far a pull is. */
export interface PullProgress {
  /** Parts of the image that are under way. */
  readonly parts: number;
  readonly receivedBytes: number;
  /** Of the parts that are under way; those still to come are not known. */
  readonly totalBytes: number;
}

/** A pull under way, at its end with what the runtime calls the image. */
export type PullStep =
  | { readonly kind: "progress"; readonly progress: PullProgress }
  | { readonly kind: "done"; readonly image: string };

/** Which container to stop. */
export interface StopRequest {
  readonly containerId: string;
  /** Instead of the pod's own grace, in milliseconds. */
  readonly graceMs?: number;
}

/** A command to run in a container until it ends. */
export interface ExecRequest {
  readonly containerId: string;
  readonly command: readonly string[];
  /** Without a limit if it is left out. */
  readonly timeoutMs?: number;
}

/** What a command printed, at most 16 MiB, in base64 because it need not be text. */
export interface WireExecOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A command to run with its streams connected. */
export interface ExecSessionRequest {
  readonly containerId: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
}

/** Where the session is: with the runtime itself. Its address works once, for some seconds. */
export interface ExecSession {
  readonly url: string;
}

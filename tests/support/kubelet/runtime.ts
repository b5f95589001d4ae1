import type { ContainerSpec, Pod, ProbeSpec } from "./pod.ts";

/** A sandbox of a pod as the runtime shows it. */
export interface ObservedSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAtMs: number;
}

/** An instance of a container as the runtime shows it. */
export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** The restart count. */
  readonly attempt: number;
  readonly state: "created" | "running" | "exited" | "unknown";
  /** Of the container's name and image: another one restarts it. */
  readonly hash: string;
  readonly startedAtMs: number;
  /** 0 while it runs. */
  readonly finishedAtMs: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly image: string;
  readonly imageId: string;
}

/** What the runtime has of one pod UID. */
export interface ObservedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly graceSeconds: number;
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[];
  /** Newest attempt first. */
  readonly containers: readonly ObservedContainer[];
}

/** Why a container could not be brought up, with the kubelet's waiting reason. */
export class ContainerFailure extends Error {
  override readonly name = "ContainerFailure";
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** What a pod worker does to the container runtime and the node's directories. */
export interface PodRuntime {
  /** Every pod of a manifest URL that the runtime knows, by UID. */
  list(): Promise<ReadonlyMap<string, ObservedPod>>;
  /** One of them, or undefined where the runtime has nothing of it. */
  observe(uid: string): Promise<ObservedPod | undefined>;
  /** Makes `<root>/pods/<uid>`. */
  createDirectory(pod: Pod): Promise<void>;
  /** Removes it. */
  removeDirectory(uid: string): Promise<void>;
  /** Makes the pod's volumes. @throws {Error} where a host path is not what it should be */
  mountVolumes(pod: Pod): Promise<void>;
  /** @returns the sandbox's ID */
  runSandbox(pod: Pod, attempt: number): Promise<string>;
  /** @throws {ContainerFailure} `ErrImagePull` when the image is absent and cannot be had */
  ensureImage(container: ContainerSpec): Promise<void>;
  /**
   * Creates and starts.
   *
   * @returns the container's ID
   * @throws {ContainerFailure}
   */
  startContainer(
    pod: Pod,
    sandboxId: string,
    container: ContainerSpec,
    attempt: number,
  ): Promise<string>;
  /** Sends the stop signal and kills after the grace period; resolves when it has ended. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** Removes an ended container and its log. */
  removeContainer(observed: ObservedPod, container: ObservedContainer): Promise<void>;
  stopSandbox(id: string): Promise<void>;
  /** Removes a stopped sandbox with what is in it, and the pod's logs. */
  removeSandbox(observed: ObservedPod, id: string): Promise<void>;
  /** Runs one probe. @throws {Error} with the reason when it fails */
  probe(
    pod: Pod,
    containerId: string,
    probe: ProbeSpec,
    container: ContainerSpec,
    timeoutMs: number,
  ): Promise<void>;
}

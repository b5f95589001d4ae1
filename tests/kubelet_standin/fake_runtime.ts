import type { Clock } from "../../mod/core/mod.ts";
import type { ContainerSpec, Pod } from "../support/kubelet/pod.ts";
import {
  ContainerFailure,
  type ObservedContainer,
  type ObservedPod,
  type PodRuntime,
} from "../support/kubelet/runtime.ts";
import { containerHash } from "../support/kubelet/container_starter.ts";

/** A runtime in memory, for tests of times that no real runtime keeps to. */
export class FakeRuntime implements PodRuntime {
  readonly #clock: Clock;
  readonly pods = new Map<string, ObservedPod>();
  readonly directories = new Set<string>();
  readonly removedLogs: string[] = [];
  readonly absentImages = new Set<string>();
  /** Milliseconds that a container takes to end after its stop signal. */
  stopMs = 0;
  /** The grace periods of the stops so far, in seconds. */
  readonly graces: number[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The running containers of a pod. */
  running(uid: string): readonly ObservedContainer[] {
    return (this.pods.get(uid)?.containers ?? []).filter(({ state }) => state === "running");
  }

  /** Lets a container end by itself. */
  crash(id: string, exitCode: number): void {
    this.#change(id, { state: "exited", exitCode, finishedAtMs: this.#clock.now() });
  }

  list(): Promise<ReadonlyMap<string, ObservedPod>> {
    return Promise.resolve(new Map(this.pods));
  }

  observe(uid: string): Promise<ObservedPod | undefined> {
    return Promise.resolve(this.pods.get(uid));
  }

  createDirectory(pod: Pod): Promise<void> {
    this.directories.add(pod.metadata.uid);
    return Promise.resolve();
  }

  removeDirectory(uid: string): Promise<void> {
    this.directories.delete(uid);
    return Promise.resolve();
  }

  mountVolumes(): Promise<void> {
    return Promise.resolve();
  }

  runSandbox({ metadata, spec }: Pod, attempt: number): Promise<string> {
    const id = `sandbox-${this.#next += 1}`;
    const before = this.pods.get(metadata.uid);
    this.pods.set(metadata.uid, {
      uid: metadata.uid,
      name: metadata.name,
      namespace: metadata.namespace,
      graceSeconds: spec.terminationGracePeriodSeconds ?? 30,
      sandboxes: [
        { id, attempt, ready: true, createdAtMs: this.#clock.now() },
        ...before?.sandboxes ?? [],
      ],
      containers: before?.containers ?? [],
    });
    return Promise.resolve(id);
  }

  ensureImage({ image }: ContainerSpec): Promise<void> {
    if (!this.absentImages.has(image)) return Promise.resolve();
    return Promise.reject(new ContainerFailure("ErrImagePull", "not found"));
  }

  startContainer(
    pod: Pod,
    sandboxId: string,
    container: ContainerSpec,
    attempt: number,
  ): Promise<string> {
    const id = `container-${this.#next += 1}`;
    const observed = this.pods.get(pod.metadata.uid);
    if (observed === undefined) return Promise.reject(new Error("no sandbox"));
    this.pods.set(pod.metadata.uid, {
      ...observed,
      containers: [{
        id,
        name: container.name,
        sandboxId,
        attempt,
        state: "running",
        hash: containerHash(container),
        startedAtMs: this.#clock.now(),
        finishedAtMs: 0,
        exitCode: 0,
        reason: "",
        message: "",
        image: container.image,
        imageId: `sha256:${container.image}`,
      }, ...observed.containers],
    });
    return Promise.resolve(id);
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    this.graces.push(graceSeconds);
    await this.#clock.sleep(Math.min(this.stopMs, graceSeconds * 1000));
    this.#change(id, { state: "exited", exitCode: 143, finishedAtMs: this.#clock.now() });
  }

  removeContainer(observed: ObservedPod, container: ObservedContainer): Promise<void> {
    const pod = this.pods.get(observed.uid);
    if (pod !== undefined) {
      const containers = pod.containers.filter(({ id }) => id !== container.id);
      this.pods.set(observed.uid, { ...pod, containers });
    }
    this.removedLogs.push(`${container.name}/${container.attempt}.log`);
    return Promise.resolve();
  }

  stopSandbox(id: string): Promise<void> {
    for (const [uid, pod] of this.pods) {
      const sandboxes = pod.sandboxes.map((one) => one.id === id ? { ...one, ready: false } : one);
      this.pods.set(uid, { ...pod, sandboxes });
    }
    return Promise.resolve();
  }

  removeSandbox(observed: ObservedPod): Promise<void> {
    this.pods.delete(observed.uid);
    return Promise.resolve();
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  #change(id: string, change: Partial<ObservedContainer>): void {
    for (const [uid, pod] of this.pods) {
      const containers = pod.containers.map((one) => one.id === id ? { ...one, ...change } : one);
      this.pods.set(uid, { ...pod, containers });
    }
  }
}

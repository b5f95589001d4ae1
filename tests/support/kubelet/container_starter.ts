import { containerHash as kubeletContainerHash } from "../../../mod/identity/mod.ts";
import { BackOff } from "./back_off.ts";
import { type ContainerSpec, logName, type Pod } from "./pod.ts";
import type { Waiting } from "./pod_status.ts";
import { ContainerFailure, type ObservedContainer } from "./runtime.ts";
import type { WorkerWorld } from "./worker.ts";

/** The part of a pod that the start of one of its containers depends on. */
export interface StartContext {
  readonly pod: Pod;
  /** The sandbox that stands now. */
  readonly sandboxId: string;
  /** The newest instance of the container, in whatever sandbox. */
  readonly latest: ObservedContainer | undefined;
  /** Whether it is started again however it ended. */
  readonly always: boolean;
  readonly graceSeconds: number;
}

/**
 * Brings containers of one pod up and up again: with the back-off of crashing
 * containers and of images that cannot be had, and with the reasons that the
 * kubelet shows meanwhile.
 */
export class ContainerStarter {
  /** By container name: what keeps it from running now. */
  readonly waiting = new Map<string, Waiting>();
  readonly #world: WorkerWorld;
  readonly #crashes: BackOff;
  readonly #pulls: BackOff;
  readonly #pullFailedAtMs = new Map<string, number>();

  constructor(world: WorkerWorld) {
    const { crashBackOff, imageBackOff, backOffMax } = world.timings;
    this.#world = world;
    this.#crashes = new BackOff(crashBackOff, backOffMax);
    this.#pulls = new BackOff(imageBackOff, backOffMax);
  }

  /** @returns when to look again at this container, in milliseconds */
  async bringUp(container: ContainerSpec, context: StartContext): Promise<number> {
    const { runtime, log } = this.#world;
    const { pod, sandboxId, latest } = context;
    const { name } = container;
    if (latest?.state === "running" && latest.sandboxId === sandboxId) {
      if (latest.hash === containerHash(container)) {
        this.waiting.delete(name);
        return Infinity;
      }
      log.info("Container spec hash changed, will be restarted", { containerName: name });
      await runtime.stopContainer(latest.id, context.graceSeconds);
      const waitMs = this.#backOff(container, this.#world.clock.now(), pod);
      if (waitMs > 0) return waitMs;
    } else if (latest?.state === "exited") {
      const waitMs = this.#crashWait(container, latest, context);
      if (waitMs > 0) return waitMs;
    }
    const pullWaitMs = this.#pullWait(container);
    if (pullWaitMs > 0) return pullWaitMs;
    try {
      await runtime.ensureImage(container);
      this.#pullFailedAtMs.delete(container.image);
      const attempt = latest === undefined ? 0 : latest.attempt + 1;
      await runtime.startContainer(pod, sandboxId, container, attempt);
      this.waiting.delete(name);
      return Infinity;
    } catch (thrown) {
      if (!(thrown instanceof ContainerFailure)) throw thrown;
      return this.#failed(pod, container, thrown);
    }
  }

  /** 0 to start it again now, Infinity for never. */
  #crashWait(container: ContainerSpec, latest: ObservedContainer, context: StartContext): number {
    const { pod, sandboxId, always } = context;
    const policy = pod.spec.restartPolicy ?? "Always";
    const again = latest.sandboxId !== sandboxId || always || policy === "Always" ||
      (policy === "OnFailure" && latest.exitCode !== 0);
    return again ? this.#backOff(container, latest.finishedAtMs, pod) : Infinity;
  }

  /**
   * How long a container waits whose last instance has ended; the memory is of
   * its name and image, so that an image's first start never waits.
   */
  #backOff(container: ContainerSpec, finishedAtMs: number, pod: Pod): number {
    const { clock } = this.#world;
    const { name } = container;
    const key = `${name} ${containerHash(container)}`;
    const remainingMs = this.#crashes.remainingMs(key, finishedAtMs, clock.now());
    if (remainingMs > 0) {
      const delay = `${Math.round(this.#crashes.delayMs(key) / 1000)}s`;
      this.waiting.set(name, {
        reason: "CrashLoopBackOff",
        message: `back-off ${delay} restarting failed container=${name} pod=${logName(pod)}`,
      });
      return remainingMs;
    }
    this.#crashes.next(key, clock.now());
    return 0;
  }

  #pullWait({ name, image }: ContainerSpec): number {
    const failedAtMs = this.#pullFailedAtMs.get(image);
    if (failedAtMs === undefined) return 0;
    const remainingMs = this.#pulls.remainingMs(image, failedAtMs, this.#world.clock.now());
    if (remainingMs > 0) {
      this.waiting.set(name, {
        reason: "ImagePullBackOff",
        message: `Back-off pulling image ${JSON.stringify(image)}`,
      });
    }
    return remainingMs;
  }

  #failed(pod: Pod, container: ContainerSpec, failure: ContainerFailure): number {
    const { clock, log, timings, random } = this.#world;
    const { reason, message } = failure;
    log.error(message, { reason, pod: logName(pod), containerName: container.name });
    this.waiting.set(container.name, { reason, message });
    const syncMs = timings.backOff * (1 + 0.5 * random());
    if (reason !== "ErrImagePull") return syncMs;
    this.#pulls.next(container.image, clock.now());
    this.#pullFailedAtMs.set(container.image, clock.now());
    // Looked at again before the back-off has passed: then it is ImagePullBackOff.
    return Math.min(this.#pulls.delayMs(container.image) / 2, syncMs);
  }
}

/** What restarts a running container when it changes in place: its name and image, nothing else. */
export function containerHash({ name, image }: ContainerSpec): string {
  return kubeletContainerHash(name, image);
}

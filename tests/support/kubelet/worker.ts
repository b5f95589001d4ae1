import type { Clock } from "../../../mod/core/mod.ts";
import { ContainerStarter } from "./container_starter.ts";
import type { Klog } from "./klog.ts";
import { type ContainerSpec, fullName, logName, type Pod } from "./pod.ts";
import { type PodStatus, podStatus } from "./pod_status.ts";
import { Prober } from "./probes.ts";
import type { ObservedContainer, ObservedPod, PodRuntime } from "./runtime.ts";
import type { Range, Timings } from "./timings.ts";

/** What all workers of one kubelet share. */
export interface WorkerWorld {
  readonly clock: Clock;
  /** From 0 (included) to 1. */
  readonly random: () => number;
  readonly timings: Timings;
  readonly runtime: PodRuntime;
  readonly log: Klog;
  readonly nodeIp: string;
  /** Who holds a pod's full name: UID by `namespace/name`. */
  readonly names: Map<string, string>;
  /** Told when a worker has nothing left to do. */
  readonly gone: (worker: PodWorker) => void;
}

/** Where a pod is in its life on the node. */
export type Stage = "waiting" | "starting" | "running" | "ending" | "gone";

/** Brings one pod up, keeps it up, and takes it down: one UID, one worker. */
export class PodWorker {
  readonly uid: string;
  readonly #world: WorkerWorld;
  readonly #starter: ContainerStarter;
  readonly #prober: Prober;
  readonly #stop = new AbortController();
  readonly #startedAtMs: number;
  #pod: Pod;
  #stage: Stage = "waiting";
  #ending = false;
  #inRunningPods = false;
  #wake: AbortController | undefined;
  #woken = false;
  #observed: ObservedPod | undefined;
  readonly #probes = new Map<string, number>();
  /** The pod to start anew once this one is gone: it came back under the same UID. */
  successor: Pod | undefined;

  constructor(pod: Pod, world: WorkerWorld) {
    this.uid = pod.metadata.uid;
    this.#pod = pod;
    this.#world = world;
    this.#startedAtMs = world.clock.now();
    const { timings, clock } = world;
    this.#starter = new ContainerStarter(world);
    this.#prober = new Prober({
      clock,
      secondMs: timings.probeSecond,
      run: (id, probe, container, timeoutMs) =>
        world.runtime.probe(this.#pod, id, probe, container, timeoutMs),
      changed: (id, kind, passes) => {
        if (kind !== "readiness" && !passes) void this.#kill(id, kind);
        this.poke();
      },
      answered: (container, kind, passes) => {
        const labels = this.#probeLabels(container, kind, passes);
        this.#probes.set(labels, (this.#probes.get(labels) ?? 0) + 1);
      },
    });
  }

  get pod(): Pod {
    return this.#pod;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Whether `/runningpods/` still shows it. */
  get inRunningPods(): boolean {
    return this.#inRunningPods;
  }

  /** Its samples of `/metrics/probes`. Source: pkg/kubelet/prober/prober_manager.go. */
  probeMetrics(): readonly string[] {
    return [...this.#probes].map(([labels, count]) => `prober_probe_total{${labels}} ${count}\n`);
  }

  #probeLabels(container: string, kind: string, passes: boolean): string {
    const { name, namespace, uid } = this.#pod.metadata;
    const type = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    const result = passes ? "successful" : "failed";
    return `container="${container}",namespace="${namespace}",pod="${name}",pod_uid="${uid}",` +
      `probe_type="${type}",result="${result}"`;
  }

  /** What `/pods` shows of it. */
  status(): PodStatus {
    return podStatus({
      pod: this.#pod,
      observed: this.#observed,
      waiting: this.#starter.waiting,
      started: (id, spec) => this.#prober.started(id, spec),
      ready: (id, spec) => this.#prober.ready(id, spec),
      startedAtMs: this.#stage === "waiting" ? undefined : this.#startedAtMs,
      nowMs: this.#world.clock.now(),
      nodeIp: this.#world.nodeIp,
    });
  }

  /** Takes another version of the pod under the same UID, in place. */
  update(pod: Pod): void {
    this.#pod = pod;
    this.poke();
  }

  /** Looks at the pod again now, instead of when something is due. */
  poke(): void {
    this.#woken = true;
    this.#wake?.abort();
  }

  /** Whether its end has been ordered. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Makes this worker one that only ends what an earlier kubelet left. */
  adoptToEnd(): void {
    this.#ending = true;
    this.#stage = "ending";
    this.#inRunningPods = true;
  }

  /** Begins the end of the pod. */
  end(): void {
    this.#ending = true;
    this.poke();
  }

  /** Stops looking after the pod and leaves it as it is: the kubelet itself stops. */
  abandon(): void {
    this.#stop.abort();
    this.#prober.close();
    this.#wake?.abort();
  }

  /** The pod's whole life; resolves when it is gone or abandoned. */
  async run(): Promise<void> {
    try {
      if (await this.#claimName() && !this.#ending) {
        await this.#live();
      }
      if (this.#stage !== "waiting") await this.#takeDown();
      this.#stage = "gone";
      this.#world.gone(this);
    } catch (thrown) {
      if (!this.#stop.signal.aborted) throw thrown;
    }
  }

  /**
   * Waits until the pod's name is its own. While another pod still has it, the
   * worker backs off for 10 to 15 s and looks again at the next tick: the slow
   * path of a replacement.
   */
  async #claimName(): Promise<boolean> {
    const { names, timings, random, log } = this.#world;
    const name = fullName(this.#pod);
    while (names.has(name) && names.get(name) !== this.uid) {
      if (this.#ending) return false;
      log.info("Pod cannot start yet", { pod: logName(this.#pod) });
      const delayMs = timings.backOff * (1 + 0.5 * random()) + timings.syncTick * random();
      await this.#rest(delayMs, () => this.#ending);
    }
    if (this.#ending) return false;
    names.set(name, this.uid);
    this.#stage = "starting";
    return true;
  }

  async #live(): Promise<void> {
    const { timings, log } = this.#world;
    await this.#rest(this.#draw(timings.startDelay), () => this.#ending);
    this.#stage = "running";
    this.#inRunningPods = true;
    while (!this.#ending) {
      let nextMs: number;
      try {
        nextMs = await this.#sync();
      } catch (thrown) {
        const err = thrown instanceof Error ? thrown.message : String(thrown);
        log.error("Error syncing pod, skipping", { pod: logName(this.#pod), err });
        nextMs = this.#backOffMs();
      }
      await this.#rest(nextMs);
    }
  }

  /** Brings the pod one step nearer to what it should be. @returns when to look again */
  async #sync(): Promise<number> {
    const { runtime } = this.#world;
    this.#woken = false;
    await runtime.createDirectory(this.#pod);
    let observed = await runtime.observe(this.uid);
    let sandbox = observed?.sandboxes.find(({ ready }) => ready);
    if (sandbox === undefined) {
      await runtime.mountVolumes(this.#pod);
      const attempt = Math.max(-1, ...(observed?.sandboxes ?? []).map((one) => one.attempt)) + 1;
      await runtime.runSandbox(this.#pod, attempt);
      observed = await runtime.observe(this.uid);
      sandbox = observed?.sandboxes.find(({ ready }) => ready);
      if (observed === undefined || sandbox === undefined) throw new Error("sandbox has ended");
    }
    this.#observed = observed;
    let nextMs = Infinity;
    let initialized = true;
    for (const container of this.#pod.spec.initContainers ?? []) {
      const sidecar = container.restartPolicy === "Always";
      const latest = observed?.containers.find((one) =>
        one.name === container.name && one.sandboxId === sandbox.id
      );
      if (!sidecar && latest?.state === "exited" && latest.exitCode === 0) continue;
      nextMs = Math.min(nextMs, await this.#bringUp(container, sandbox.id, sidecar));
      if (sidecar && this.#isRunning(container.name)) continue;
      initialized = false;
      break;
    }
    if (initialized) {
      const always = (this.#pod.spec.restartPolicy ?? "Always") === "Always";
      const waits = await Promise.all(
        this.#pod.spec.containers.map((container) => this.#bringUp(container, sandbox.id, always)),
      );
      nextMs = Math.min(nextMs, ...waits);
    }
    this.#observed = await runtime.observe(this.uid) ?? this.#observed;
    await this.#clearOldInstances();
    this.#watchProbes();
    return nextMs;
  }

  #bringUp(container: ContainerSpec, sandboxId: string, always: boolean): Promise<number> {
    return this.#starter.bringUp(container, {
      pod: this.#pod,
      sandboxId,
      latest: this.#observed?.containers.find(({ name }) => name === container.name),
      always,
      graceSeconds: this.#graceSeconds(),
    });
  }

  /** Of the dead instances of a container, the newest is kept, with its log. */
  async #clearOldInstances(): Promise<void> {
    const observed = this.#observed;
    if (observed === undefined) return;
    const kept = new Set<string>();
    for (const container of observed.containers) {
      if (container.state !== "exited") continue;
      if (kept.has(container.name)) {
        await this.#world.runtime.removeContainer(observed, container);
      }
      kept.add(container.name);
    }
  }

  async #takeDown(): Promise<void> {
    const { runtime, clock, timings, names, log } = this.#world;
    this.#stage = "ending";
    this.#prober.close();
    await this.#insist(async () => {
      const observed = await runtime.observe(this.uid);
      this.#observed = observed;
      const alive = (observed?.containers ?? []).filter(isAlive);
      await Promise.all(alive.map(({ id }) => runtime.stopContainer(id, this.#graceSeconds())));
    });
    const endedAtMs = clock.monotonicMs();
    await this.#insist(async () => {
      const observed = await runtime.observe(this.uid);
      for (const { id, ready } of observed?.sandboxes ?? []) {
        if (ready) await runtime.stopSandbox(id);
      }
    });
    const releaseMs = this.#draw(timings.nameRelease, 2);
    const steps: readonly (readonly [number, () => Promise<void> | void])[] = [
      [releaseMs, () => {
        const name = fullName(this.#pod);
        if (names.get(name) === this.uid) names.delete(name);
      }],
      [this.#draw(timings.directoryRemoval), () => runtime.removeDirectory(this.uid)],
      [Math.max(releaseMs, this.#draw(timings.runningPodsRemoval)), async () => {
        this.#inRunningPods = false;
        const observed = await runtime.observe(this.uid);
        for (const container of observed?.containers ?? []) {
          // The sandbox stays, with the logs, until garbage is collected.
          if (observed !== undefined) await runtime.removeContainer(observed, container);
        }
      }],
    ];
    for (const [afterMs, step] of steps.toSorted(([left], [right]) => left - right)) {
      const leftMs = endedAtMs + afterMs - clock.monotonicMs();
      if (leftMs > 0) await clock.sleep(leftMs, this.#stop.signal);
      await this.#insist(async () => await step());
    }
    log.info("Pod is gone", { pod: logName(this.#pod) });
  }

  /** Tries until it works: a runtime that is away does not end a pod's end. */
  async #insist(step: () => Promise<void>): Promise<void> {
    const { clock, timings, log } = this.#world;
    for (;;) {
      this.#stop.signal.throwIfAborted();
      try {
        return await step();
      } catch (thrown) {
        const err = thrown instanceof Error ? thrown.message : String(thrown);
        log.error("Failed to terminate pod", { pod: logName(this.#pod), err });
        await clock.sleep(timings.relist, this.#stop.signal);
      }
    }
  }

  async #kill(containerId: string, kind: string): Promise<void> {
    const { runtime, log } = this.#world;
    log.info(`Container failed ${kind} probe, will be restarted`, { pod: logName(this.#pod) });
    try {
      await runtime.stopContainer(containerId, this.#graceSeconds());
    } catch (thrown) {
      log.error("Kill container failed", { err: String(thrown) });
    }
  }

  #watchProbes(): void {
    const containers = this.#observed?.containers ?? [];
    this.#prober.watch(this.#pod.spec.containers.flatMap((spec) => {
      const latest = containers.find((one) => one.name === spec.name);
      return latest?.state === "running" ? [{ id: latest.id, spec }] : [];
    }));
  }

  #isRunning(name: string): boolean {
    return this.#observed?.containers.find((one) => one.name === name)?.state === "running";
  }

  #graceSeconds(): number {
    // The kubelet's floor of 2 s: pkg/kubelet/kuberuntime, `minimumGracePeriodInSeconds`.
    return Math.max(2, this.#pod.spec.terminationGracePeriodSeconds ?? 30);
  }

  #backOffMs(): number {
    const { timings, random } = this.#world;
    return timings.backOff * (1 + 0.5 * random());
  }

  /** @param skew above 1: the shorter times are the likelier ones */
  #draw([fromMs, toMs]: Range, skew = 1): number {
    return fromMs + (toMs - fromMs) * this.#world.random() ** skew;
  }

  /** Sleeps until the time is over or somebody pokes; `until` tells which pokes count. */
  async #rest(delayMs: number, until: () => boolean = () => this.#woken): Promise<void> {
    const { clock } = this.#world;
    const dueMs = clock.monotonicMs() + delayMs;
    // A day stands for "until something happens": timers hold no infinity.
    const limitMs = 86_400_000;
    while (!until() && !this.#ending) {
      this.#stop.signal.throwIfAborted();
      const leftMs = Math.min(limitMs, dueMs - clock.monotonicMs());
      if (leftMs <= 0) return;
      const wake = new AbortController();
      this.#wake = wake;
      await clock.sleep(leftMs, wake.signal).catch((thrown: unknown) => {
        if (!wake.signal.aborted) throw thrown;
      });
    }
    this.#stop.signal.throwIfAborted();
  }
}

function isAlive(container: ObservedContainer): boolean {
  return container.state === "running" || container.state === "created";
}

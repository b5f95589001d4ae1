import {
  type ContainerStats,
  type PodSandboxStats,
  RuntimeService,
  type UInt64Value,
} from "./gen/runtime.ts";
import { isNotFound } from "./errors.ts";
import { inParallel } from "./parallel.ts";
import { PodsteadError } from "../core/mod.ts";
import type { CallOptions, Runtime } from "./runtime.ts";
import type { ContainerView, PodView } from "./view.ts";

/** What the runtime counted at one moment. */
export interface StatsSample {
  readonly containers: ReadonlyMap<string, ContainerCounters>;
  /** By sandbox ID; without those on the host's network, and empty if the runtime cannot say. */
  readonly networks: ReadonlyMap<string, NetworkCounters>;
}

/** Counters of one container. */
export interface ContainerCounters {
  readonly timeNs: bigint;
  /** CPU time since its start. */
  readonly cpuNs: bigint;
  /** What cannot be taken from it without swapping; absent if it is not counted. */
  readonly memoryBytes: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  /** Quota divided by period; absent without a limit. */
  readonly cpuLimitCores: number | undefined;
  /** What it wrote into its own layer. */
  readonly writableBytes: number | undefined;
}

/** Counters of a sandbox's network, since its start. */
export interface NetworkCounters {
  readonly timeNs: bigint;
  readonly receivedBytes: bigint;
  readonly sentBytes: bigint;
}

/** What one container uses. */
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

/** What does not change while a container lives. */
interface Limits {
  readonly memoryLimitBytes: number | undefined;
  readonly cpuLimitCores: number | undefined;
}

/**
 * Takes samples: two calls each, and one more for each container that is new,
 * for its limits.
 */
export class StatsSampler {
  readonly #runtime: Runtime;
  #limits: ReadonlyMap<string, Limits> = new Map();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Counts now. @throws {PodsteadError} as `Runtime.call`. */
  async sample(options?: CallOptions): Promise<StatsSample> {
    const [{ stats }, networks] = await Promise.all([
      this.#runtime.call(RuntimeService.method.listContainerStats, {}, options),
      this.#networks(options),
    ]);
    const ids = stats.map(({ attributes }) => attributes?.id ?? "").filter((id) => id !== "");
    // Those that are gone are forgotten here.
    const entries = await inParallel(
      ids,
      async (id) => [id, this.#limits.get(id) ?? await this.#limitsOf(id, options)] as const,
    );
    this.#limits = new Map(entries);
    const containers = new Map(
      stats.flatMap((stat) => {
        const id = stat.attributes?.id ?? "";
        const counters = countersOf(stat, this.#limits.get(id));
        return counters === undefined ? [] : [[id, counters] as const];
      }),
    );
    return { containers, networks };
  }

  async #networks(options?: CallOptions): Promise<ReadonlyMap<string, NetworkCounters>> {
    try {
      const { stats } = await this.#runtime.call(
        RuntimeService.method.listPodSandboxStats,
        {},
        options,
      );
      return new Map(stats.flatMap((stat) => {
        const counters = networkOf(stat);
        return counters === undefined ? [] : [[stat.attributes?.id ?? "", counters] as const];
      }));
    } catch (error) {
      // Before containerd 2.0 one sandbox without a cgroup makes the whole list fail.
      if (error instanceof PodsteadError && error.code === "failed") return new Map();
      throw error;
    }
  }

  async #limitsOf(containerId: string, options?: CallOptions): Promise<Limits> {
    try {
      const { status } = await this.#runtime.call(
        RuntimeService.method.containerStatus,
        { containerId },
        options,
      );
      const linux = status?.resources?.linux;
      const memory = Number(linux?.memoryLimitInBytes ?? 0n);
      const quota = Number(linux?.cpuQuota ?? 0n);
      const period = Number(linux?.cpuPeriod ?? 0n);
      return {
        memoryLimitBytes: memory > 0 ? memory : undefined,
        cpuLimitCores: quota > 0 && period > 0 ? quota / period : undefined,
      };
    } catch (error) {
      if (isNotFound(error)) return { memoryLimitBytes: undefined, cpuLimitCores: undefined };
      throw error;
    }
  }
}

/**
 * What every running container of `pods` used between two samples, in the
 * order of `pods`. A container that started in between has no CPU share yet.
 */
export function usageBetween(
  earlier: StatsSample,
  later: StatsSample,
  pods: readonly PodView[],
): ContainerUsage[] {
  return pods.flatMap((pod) => {
    const network = networkRate(
      earlier.networks.get(pod.sandboxId),
      later.networks.get(pod.sandboxId),
    );
    return pod.containers.flatMap((container) => {
      const counters = later.containers.get(container.id);
      if (container.state !== "CONTAINER_RUNNING" || counters === undefined) return [];
      const usage = usageOf(pod, container, earlier.containers.get(container.id), counters);
      return [network === undefined ? usage : { ...usage, network }];
    });
  });
}

function usageOf(
  pod: PodView,
  container: ContainerView,
  earlier: ContainerCounters | undefined,
  later: ContainerCounters,
): ContainerUsage {
  const { memoryBytes, memoryLimitBytes, cpuLimitCores, writableBytes } = later;
  const cpuCores = earlier === undefined
    ? undefined
    : rate(earlier.cpuNs, later.cpuNs, earlier.timeNs, later.timeNs);
  return {
    namespace: pod.namespace,
    pod: pod.name,
    sandboxId: pod.sandboxId,
    container: container.name,
    containerId: container.id,
    // Nanoseconds of CPU per second of time.
    ...(cpuCores !== undefined && { cpuCores: cpuCores / 1e9 }),
    ...(cpuLimitCores !== undefined && { cpuLimitCores }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    ...(writableBytes !== undefined && { writableBytes }),
  };
}

function networkRate(
  earlier: NetworkCounters | undefined,
  later: NetworkCounters | undefined,
): ContainerUsage["network"] {
  if (earlier === undefined || later === undefined) return undefined;
  const times = [earlier.timeNs, later.timeNs] as const;
  const received = rate(earlier.receivedBytes, later.receivedBytes, ...times);
  const sent = rate(earlier.sentBytes, later.sentBytes, ...times);
  if (received === undefined || sent === undefined) return undefined;
  return { receivedBytesPerSecond: received, sentBytesPerSecond: sent };
}

/** Per second; undefined if no time has passed or the counter began again. */
function rate(
  earlier: bigint,
  later: bigint,
  earlierNs: bigint,
  laterNs: bigint,
): number | undefined {
  if (laterNs <= earlierNs || later < earlier) return undefined;
  return Number(later - earlier) / (Number(laterNs - earlierNs) / 1e9);
}

function countersOf(
  { cpu, memory, writableLayer }: ContainerStats,
  limits: Limits | undefined,
): ContainerCounters | undefined {
  // A container that does not run has no counters.
  if (cpu?.usageCoreNanoSeconds === undefined) return undefined;
  return {
    timeNs: cpu.timestamp,
    cpuNs: cpu.usageCoreNanoSeconds.value,
    memoryBytes: bytes(memory?.workingSetBytes),
    memoryLimitBytes: limits?.memoryLimitBytes,
    cpuLimitCores: limits?.cpuLimitCores,
    writableBytes: bytes(writableLayer?.usedBytes),
  };
}

function networkOf({ linux }: PodSandboxStats): NetworkCounters | undefined {
  const network = linux?.network;
  const main = network?.defaultInterface;
  if (network === undefined || main === undefined) return undefined;
  return {
    // containerd 1.6 leaves it out; the CPU was read at the same moment.
    timeNs: network.timestamp || (linux?.cpu?.timestamp ?? 0n),
    receivedBytes: main.rxBytes?.value ?? 0n,
    sentBytes: main.txBytes?.value ?? 0n,
  };
}

function bytes(value: UInt64Value | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.value);
}

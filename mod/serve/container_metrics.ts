/** CPU and memory of each container as metrics, where the config asks for them. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Clock } from "../core/mod.ts";
import { type ContainerCounters, type PodView, type Runtime, StatsSampler } from "../cri/mod.ts";
import { declaredName } from "../status/mod.ts";

/** What the metrics are made from. */
export interface ContainerMetricsDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly runtime: Runtime;
  /** `agent.metrics.containers`. */
  readonly wanted: () => boolean;
  readonly nodeName: () => string;
  /** The runtime's pods, as of a look that is recent enough; empty if it cannot be asked. */
  readonly pods: () => Promise<readonly PodView[]>;
}

const LABELS = ["namespace", "pod", "container"] as const;
type Label = typeof LABELS[number];

/** One question to the runtime is for all metrics of a scrape, in milliseconds. */
const SCRAPE_MS = 1_000;

/** How long the runtime may take, in milliseconds: without it a scrape has all the rest. */
const TIMEOUT_MS = 2_000;

interface Counted {
  readonly labels: Readonly<Record<Label, string>>;
  readonly counters: ContainerCounters;
}

/** Registers them; nothing is asked before a scrape, and never while they are not wanted. */
export function registerContainerMetrics(deps: ContainerMetricsDeps): void {
  const { registry, clock, wanted } = deps;
  const sampler = new StatsSampler(deps.runtime);
  let scraped: { readonly atMs: number; readonly counted: Promise<readonly Counted[]> } | undefined;
  const count = (): Promise<readonly Counted[]> => {
    if (!wanted()) return Promise.resolve([]);
    const atMs = clock.monotonicMs();
    if (scraped === undefined || atMs - scraped.atMs > SCRAPE_MS) {
      scraped = { atMs, counted: countNow(sampler, deps).catch(() => []) }; // the runtime is away: its link says so
    }
    return scraped.counted;
  };
  new Counter({
    name: "podstead_container_cpu_seconds_total",
    help: "CPU time of each running container since its start; only with agent.metrics.containers",
    labelNames: LABELS,
    registers: [registry],
    async collect() {
      const all = await count();
      this.reset();
      for (const { labels, counters } of all) this.inc(labels, Number(counters.cpuNs) / 1e9);
    },
  });
  const show = async (
    gauge: Gauge<Label>,
    value: (of: ContainerCounters) => number | undefined,
  ) => {
    const all = await count();
    gauge.reset();
    for (const { labels, counters } of all) {
      const bytes = value(counters);
      if (bytes !== undefined) gauge.set(labels, bytes);
    }
  };
  new Gauge({
    name: "podstead_container_memory_bytes",
    help:
      "Memory of each running container that cannot be taken from it without swapping; only with agent.metrics.containers",
    labelNames: LABELS,
    registers: [registry],
    async collect() {
      await show(this, ({ memoryBytes }) => memoryBytes);
    },
  });
  new Gauge({
    name: "podstead_container_memory_limit_bytes",
    help:
      "Memory that each running container may use, absent without a limit; only with agent.metrics.containers",
    labelNames: LABELS,
    registers: [registry],
    async collect() {
      await show(this, ({ memoryLimitBytes }) => memoryLimitBytes);
    },
  });
}

async function countNow(
  sampler: StatsSampler,
  { pods, nodeName }: ContainerMetricsDeps,
): Promise<readonly Counted[]> {
  const [{ containers }, views] = await Promise.all([
    sampler.sample({ timeoutMs: TIMEOUT_MS }),
    pods(),
  ]);
  return views.flatMap(({ namespace, name, containers: inside }) =>
    inside.flatMap(({ id, name: container, state }) => {
      const counters = containers.get(id);
      if (counters === undefined || state !== "CONTAINER_RUNNING") return [];
      return [{
        labels: { namespace, pod: declaredName(name, nodeName()), container },
        counters,
      }];
    })
  );
}

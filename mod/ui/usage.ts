/** What the pods of a node used recently, while a page shows it. */
import type { NodeUsage } from "../api/contract/mod.ts";
import type { Clock } from "../core/mod.ts";
import type { SeenNode } from "./node.ts";

/** Between two samples, in milliseconds. */
const INTERVAL_MS = 3_000;
/** How many samples a curve has. */
const SAMPLES = 40;
/** After this long without a look nothing is measured any longer, in milliseconds. */
const UNSEEN_MS = 10_000;

/** The samples of a pod, oldest first. */
export interface Curve {
  /** In CPUs. */
  readonly cpu: readonly number[];
  /** In bytes. */
  readonly memory: readonly number[];
}

/** Measures a node while it is looked at. */
export class UsageCurves {
  readonly #node: SeenNode;
  readonly #clock: Clock;
  readonly #curves = new Map<string, { cpu: number[]; memory: number[] }>();
  #lookedMs = -Infinity;
  #runs = false;

  constructor(node: SeenNode, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
  }

  /** The curves so far, by `namespace/name` with the node's name; looking keeps the measuring alive. */
  look(signal: AbortSignal): ReadonlyMap<string, Curve> {
    this.#lookedMs = this.#clock.monotonicMs();
    if (!this.#runs) {
      this.#runs = true;
      void this.#measure(signal).finally(() => {
        this.#runs = false;
      });
    }
    return this.#curves;
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    try {
      const { agent } = await this.#node.connection();
      const until = AbortSignal.any([signal, ending.signal]);
      for await (const usage of agent.usage({ intervalMs: INTERVAL_MS }, { signal: until })) {
        this.#take(usage);
        if (this.#clock.monotonicMs() - this.#lookedMs > UNSEEN_MS) return;
      }
    } catch {
      // A node that is away has no curves; the page says that it is away.
    } finally {
      ending.abort();
    }
  }

  #take({ containers }: NodeUsage): void {
    const sums = new Map<string, { cpu: number; memory: number }>();
    for (const { namespace, pod, cpuCores = 0, memoryBytes = 0 } of containers) {
      const key = `${namespace}/${pod}`;
      const { cpu, memory } = sums.get(key) ?? { cpu: 0, memory: 0 };
      sums.set(key, { cpu: cpu + cpuCores, memory: memory + memoryBytes });
    }
    for (const [key, { cpu, memory }] of sums) {
      const curve = this.#curves.get(key) ?? { cpu: [], memory: [] };
      curve.cpu = [...curve.cpu, cpu].slice(-SAMPLES);
      curve.memory = [...curve.memory, memory].slice(-SAMPLES);
      this.#curves.set(key, curve);
    }
    for (const key of this.#curves.keys()) if (!sums.has(key)) this.#curves.delete(key);
  }
}

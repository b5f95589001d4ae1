/** Watches the container runtime beside podstead, so that its own word is not taken for anything. */
import { listPods, type Runtime } from "../../mod/cri/mod.ts";

/** A container of a pod as it was seen to run. Times are monotonic milliseconds. */
export interface SeenRun {
  readonly containerId: string;
  readonly specHash: string | undefined;
  readonly fromMs: number;
  /** Undefined while it runs. */
  readonly untilMs: number | undefined;
}

const INTERVAL_MS = 40;

/** Looks at short intervals which containers run, until it is closed. */
export class RuntimeWatch {
  readonly #runtime: Runtime;
  readonly #runs = new Map<string, SeenRun[]>();
  readonly #done: Promise<void>;
  #closed = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#done = this.#watch();
  }

  /** The runs of a pod, named without the node's suffix, in their order. */
  runs(pod: string): readonly SeenRun[] {
    return this.#runs.get(`${pod}-node-1`) ?? [];
  }

  /** What runs of a pod now. */
  current(pod: string): SeenRun | undefined {
    const last = this.runs(pod).at(-1);
    return last?.untilMs === undefined ? last : undefined;
  }

  /** From the end of the last but one run to the beginning of the last. */
  downtimeMs(pod: string): number {
    const [before, last] = this.runs(pod).slice(-2);
    if (before?.untilMs === undefined || last === undefined) throw new Error(`No gap of ${pod}`);
    return last.fromMs - before.untilMs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#done;
  }

  async #watch(): Promise<void> {
    while (!this.#closed) {
      // A runtime that is just being restarted is looked at again.
      const pods = await listPods(this.#runtime, { processes: false }).catch(() => undefined);
      if (pods !== undefined) this.#take(pods);
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
  }

  #take(pods: Awaited<ReturnType<typeof listPods>>): void {
    const nowMs = performance.now();
    const running = new Map<string, { readonly pod: string; readonly hash: string | undefined }>();
    for (const pod of pods) {
      for (const { id, state } of pod.containers) {
        if (state === "CONTAINER_RUNNING") running.set(id, { pod: pod.name, hash: pod.specHash });
      }
    }
    for (const runs of this.#runs.values()) {
      const last = runs.at(-1);
      if (last === undefined || last.untilMs !== undefined || running.has(last.containerId)) {
        continue;
      }
      runs[runs.length - 1] = { ...last, untilMs: nowMs };
    }
    for (const [containerId, { pod, hash }] of running) {
      const runs = this.#runs.get(pod) ?? [];
      this.#runs.set(pod, runs);
      if (runs.some((run) => run.containerId === containerId)) continue;
      runs.push({ containerId, specHash: hash, fromMs: nowMs, untilMs: undefined });
    }
  }
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? NaN;
}

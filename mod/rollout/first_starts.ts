/** Holds pods back at their first start until the pods that they come after are ready. */
import type { RolloutPod } from "./types.ts";
import { readWishes } from "./wishes.ts";

/** A pod that may start now. */
export interface Release {
  readonly key: string;
  readonly waitedMs: number;
  /** The pods that are still not ready: it has waited long enough. Empty where all are. */
  readonly missing: readonly string[];
}

interface Waiting {
  readonly sinceMs: number;
  readonly missing: readonly string[];
}

/** The pods that wait for others, by key. Times are monotonic milliseconds. */
export class FirstStarts {
  readonly #waiting = new Map<string, Waiting>();

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether a pod waits. */
  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /**
   * Lets a pod wait, if it comes after others of those that are desired.
   *
   * @returns the pods that it waits for; empty where it need not wait
   */
  add(
    key: string,
    pod: RolloutPod,
    desired: ReadonlyMap<string, RolloutPod>,
    nowMs: number,
  ): readonly string[] {
    const missing = readWishes(pod.pod).after.filter((other) => desired.has(other));
    if (missing.length > 0) this.#waiting.set(key, { sinceMs: nowMs, missing });
    return missing;
  }

  /** Forgets pods that nobody wants any more. */
  keep(desired: ReadonlyMap<string, RolloutPod>): void {
    for (const key of this.#waiting.keys()) if (!desired.has(key)) this.#waiting.delete(key);
  }

  /**
   * Takes in which pods are ready; those that are released wait no longer. A
   * pod that is not desired any more keeps nobody waiting.
   *
   * @returns whether what `missing` says has changed, beside the releases
   */
  take(
    ready: ReadonlySet<string>,
    desired: ReadonlyMap<string, RolloutPod>,
    nowMs: number,
    timeoutMs: number,
  ): { readonly releases: readonly Release[]; readonly changed: boolean } {
    const releases: Release[] = [];
    let changed = false;
    for (const [key, waiting] of [...this.#waiting]) {
      const pod = desired.get(key);
      const missing = pod === undefined ? [] : readWishes(pod.pod).after
        .filter((other) => desired.has(other) && !ready.has(other));
      const waitedMs = nowMs - waiting.sinceMs;
      if (missing.length === 0 || waitedMs >= timeoutMs) {
        this.#waiting.delete(key);
        releases.push({ key, waitedMs, missing });
      } else {
        changed ||= missing.join() !== waiting.missing.join();
        this.#waiting.set(key, { sinceMs: waiting.sinceMs, missing });
      }
    }
    return { releases, changed: changed || releases.length > 0 };
  }

  /** What each waiting pod waits for. */
  missing(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#waiting].map(([key, { missing }]) => [key, missing]));
  }
}

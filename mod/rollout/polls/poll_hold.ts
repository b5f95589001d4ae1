import type { Clock } from "../../core/mod.ts";

/**
 * How long the answer to a poll may be held until a pod that has ended can be
 * served again, in milliseconds. An answer a moment later saves the wait for
 * the next poll; a kubelet gives up after 10 s (measured on kubelet 1.36.2).
 */
export const HOLD_LIMIT_MS = 1_500;

/** Holds the answers to polls while something is about to be served. */
export class PollHold {
  readonly #clock: Clock;
  /** Keys of the pods that are about to be served. */
  readonly #about: () => readonly string[];
  readonly #stop: AbortSignal;
  readonly #checks = new Set<() => void>();

  constructor(clock: Clock, about: () => readonly string[], stop: AbortSignal) {
    this.#clock = clock;
    this.#about = about;
    this.#stop = stop;
  }

  /**
   * Resolves when no pod that is about to be served now is still waiting
   * for that, or after a short limit; undefined if there are none.
   */
  wait(): Promise<void> | undefined {
    const keys = this.#about();
    if (keys.length === 0 || this.#stop.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      const about = new Set(this.#about());
      if (!keys.some((key) => about.has(key))) resolve();
    };
    this.#checks.add(check);
    const done = new AbortController();
    // Whatever ends the wait, the poll is answered.
    this.#clock.sleep(HOLD_LIMIT_MS, AbortSignal.any([done.signal, this.#stop]))
      .then(resolve, resolve);
    return promise.finally(() => {
      this.#checks.delete(check);
      done.abort();
    });
  }

  /** Something was served: those that wait for it may continue. */
  check(): void {
    for (const check of this.#checks) check();
  }
}

import type { Clock } from "../../mod/core/mod.ts";

/** A clock that stands still until a test moves it; Unix and monotonic time differ, as they do. */
export class FakeClock implements Clock {
  #monotonicMs = 5_000;
  #timers: { readonly dueMs: number; readonly fire: () => void }[] = [];

  /** How many sleeps wait for their time. */
  get sleepers(): number {
    return this.#timers.length;
  }

  now(): number {
    return Date.parse("2026-01-01T00:00:00Z") + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = { dueMs: this.#monotonicMs + delayMs, fire: resolve };
      this.#timers.push(timer);
      signal?.addEventListener("abort", () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        reject(signal.reason);
      }, { once: true });
    });
  }

  /** Moves on, stopping at each timer on the way so that what it starts can go on. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#monotonicMs + durationMs;
    await settle();
    for (;;) {
      const next = this.#timers.toSorted((left, right) => left.dueMs - right.dueMs)[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      next.fire();
      await settle();
    }
    this.#monotonicMs = endMs;
  }
}

/** Lets everything that waits for no timer come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

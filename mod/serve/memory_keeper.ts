/** Memory that is given back to the machine when work is done. */
import type { Clock } from "../core/mod.ts";
import { collectGarbage, shrinkMemory } from "../os/mod.ts";

/** How much work may pass before memory is collected in the middle of it, in units of `done`. */
const MAX_WORK = 1_000;

/**
 * Up to how much work at once what it left is collected while everything waits: 1,000 pods take
 * some 30 ms, which a poll may wait.
 */
const MAX_AT_ONCE = 1_000;

/** Up to how much work at once the engine is shrunk: 110 pods take some 25 ms, 1,000 up to 60. */
const MAX_SHRUNK = 500;

/** The engine's doors. */
export interface Collector {
  /** Told whether to do it at once, which frees more, or in the background. */
  readonly collect: (wait: boolean) => void;
  readonly shrink: () => void;
}

/** After how long without work it is collected, in milliseconds. */
const COLLECT_MS = 500;

/**
 * After how long without work the engine is shrunk, in milliseconds. The next reload takes 75 to 90
 * ms instead of 50 then, so not before it is as slow anyway: within minutes an engine at rest drops
 * the code that it has compiled and linked.
 */
const SHRINK_MS = 600_000;

/**
 * Collects what much work leaves behind. An engine waits until its heap has grown by tens of
 * megabytes, which an agent that works once a day then keeps for the day.
 */
export class MemoryKeeper {
  readonly #clock: Clock;
  readonly #collector: Collector;
  #work = 0;
  #working = new AbortController();

  /** @param collector default: the engine's own, nothing if it has no door to it */
  constructor(
    clock: Clock,
    collector: Collector = { collect: collectGarbage, shrink: shrinkMemory },
  ) {
    this.#clock = clock;
    this.#collector = collector;
  }

  /** Called after work; `amount` such as the pods that a reload had. */
  done(amount: number): void {
    this.close();
    this.#working = new AbortController();
    this.#work += amount;
    if (this.#work >= MAX_WORK) this.#collect(amount);
    this.#rest(amount, this.#working.signal).catch(() => undefined); // more work came, or the end
  }

  /** Ends what was to be done after a rest. */
  close(): void {
    this.#working.abort();
  }

  async #rest(amount: number, working: AbortSignal): Promise<void> {
    await this.#clock.sleep(COLLECT_MS, working);
    if (this.#work > 0) this.#collect(amount);
    if (amount > MAX_SHRUNK) return;
    await this.#clock.sleep(SHRINK_MS - COLLECT_MS, working);
    this.#collector.shrink();
  }

  #collect(amount: number): void {
    this.#work = 0;
    this.#collector.collect(amount <= MAX_AT_ONCE);
  }
}

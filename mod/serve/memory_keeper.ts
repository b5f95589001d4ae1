/** Memory that is given back to the machine when work is done. */
import { collectGarbage } from "../os/mod.ts";

/** How much work may pass before memory is collected in the middle of it, in units of `done`. */
const MAX_WORK = 1_000;

/**
 * Up to how much work at once what it left is collected while everything waits: 1,000 pods take
 * some 30 ms, which a poll may wait.
 */
const MAX_AT_ONCE = 1_000;

/** After how long without work it is collected, in milliseconds. */
const REST_MS = 500;

/**
 * Collects what much work leaves behind. An engine waits until its heap has grown by tens of
 * megabytes, which an agent that works once a day then keeps for the day.
 */
export class MemoryKeeper {
  readonly #collect: (wait: boolean) => void;
  #work = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param collect told whether to do it at once, which frees more, or in the background; default:
   * the engine's own collector, nothing if it has no door to it
   */
  constructor(collect: (wait: boolean) => void = collectGarbage) {
    this.#collect = collect;
  }

  /** Called after work; `amount` such as the pods that a reload had. */
  done(amount: number): void {
    this.#work += amount;
    clearTimeout(this.#timer);
    const now = () => {
      this.#work = 0;
      this.#collect(amount <= MAX_AT_ONCE);
    };
    if (this.#work >= MAX_WORK) return now();
    this.#timer = setTimeout(now, REST_MS);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

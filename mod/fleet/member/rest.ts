import type { Clock } from "../../core/mod.ts";

/** The pause between two looks, which news ends early: also news that came before it began. */
export class Rest {
  readonly #clock: Pick<Clock, "sleep">;
  #hasNews = true;
  /** Ends the pause; there is none at first. */
  #wake: () => void = () => {};

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /** Ends the pause, or the next one before it begins. */
  poke(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Called before a look: what was news until then is seen by it. */
  look(): void {
    this.#hasNews = false;
  }

  /** Resolves after a time, when it is poked, or when the signal aborts. */
  async for(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#hasNews || waitMs <= 0 || signal.aborted) return;
    const over = new AbortController();
    const wake = () => over.abort();
    this.#wake = wake;
    signal.addEventListener("abort", wake, { once: true });
    await this.#clock.sleep(waitMs, over.signal).catch(() => undefined);
    signal.removeEventListener("abort", wake);
  }
}

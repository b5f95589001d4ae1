import { type Clock, errorText } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";

/** How soon a round that failed is tried again, in milliseconds. */
const RETRY_MS = 500;

/** What is done again and again. */
export interface Work {
  /** Whether there is anything to do. */
  readonly pending: () => boolean;
  /** Does it once. @returns when to do it again, in milliseconds */
  readonly round: () => Promise<number>;
}

/** One loop that runs only while something is under way, one round at a time. */
export class WorkLoop {
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #work: Work;
  readonly #stop: AbortSignal;
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  /** @param stop the end: no round begins after it */
  constructor(
    deps: { readonly clock: Clock; readonly log: Logger },
    work: Work,
    stop: AbortSignal,
  ) {
    this.#deps = deps;
    this.#work = work;
    this.#stop = stop;
  }

  /** Something may have begun or changed: the next round comes now. */
  kick(): void {
    this.#wake.abort();
    if (this.#stop.aborted || !this.#work.pending()) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.kick();
    });
  }

  /** Resolves when the round that runs now, if any, is over after the stop. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    while (this.#work.pending() && !this.#stop.aborted) {
      const wake = new AbortController();
      this.#wake = wake;
      let againInMs = RETRY_MS;
      try {
        againInMs = await this.#work.round();
      } catch (error) {
        log.error("The roll-out stumbled", { error: errorText(error) });
      }
      if (wake.signal.aborted) continue;
      const until = AbortSignal.any([wake.signal, this.#stop]);
      await clock.sleep(againInMs, until).catch(() => undefined); // woken, or at the end
    }
  }
}

import type { Clock } from "../core/mod.ts";
import type { ReloadOutcome } from "./outcome.ts";

/**
 * Looks again at sources that changed a moment ago, once they may be at rest. One at
 * a time: a reload in between has looked itself.
 */
export class SecondLook {
  readonly #clock: Pick<Clock, "sleep">;
  #cancel = new AbortController();
  #running: Promise<ReloadOutcome | undefined> = Promise.resolve(undefined);

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /** Gives up the look that is planned, and plans the one that this outcome needs, if any. */
  after(outcome: ReloadOutcome, look: () => Promise<ReloadOutcome>): void {
    this.close();
    if (outcome.lookAgainMs === undefined) return;
    this.#cancel = new AbortController();
    const { signal } = this.#cancel;
    this.#running = this.#clock.sleep(outcome.lookAgainMs, signal)
      .then(() => look(), () => undefined); // given up
  }

  /** What the planned look comes to; undefined if there is none, or it was given up. */
  get result(): Promise<ReloadOutcome | undefined> {
    return this.#running;
  }

  /** Gives up the planned look. */
  close(): void {
    this.#cancel.abort();
    this.#running = Promise.resolve(undefined);
  }
}

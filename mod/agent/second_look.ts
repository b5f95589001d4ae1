import type { Clock } from "../core/mod.ts";
import type { ReloadOutcome } from "./outcome.ts";

/**
 * Looks again at sources that changed a moment ago, once they may have stopped changing. One at
 * a time: a reload in between counts as the look.
 */
export class SecondLook {
  readonly #clock: Pick<Clock, "sleep">;
  /** Reloads in a row that failed. */
  #failures = 0;
  #cancel = new AbortController();
  #running: Promise<ReloadOutcome | undefined> = Promise.resolve(undefined);

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /**
   * Cancels the planned look, and plans the one that this outcome needs: for
   * sources that changed a moment ago, or because it could not be made at all.
   */
  after(outcome: ReloadOutcome, look: () => Promise<ReloadOutcome>): void {
    this.close();
    this.#failures = outcome.result === "failed" ? this.#failures + 1 : 0;
    const delayMs = this.#failures > 0 ? retryMs(this.#failures) : outcome.lookAgainMs;
    if (delayMs === undefined) return;
    this.#cancel = new AbortController();
    const { signal } = this.#cancel;
    this.#running = this.#clock.sleep(delayMs, signal)
      .then(() => look(), () => undefined); // given up
  }

  /** The result of the planned look; undefined if there is none, or it was cancelled. */
  get result(): Promise<ReloadOutcome | undefined> {
    return this.#running;
  }

  /** Cancels the planned look. */
  close(): void {
    this.#cancel.abort();
    this.#running = Promise.resolve(undefined);
  }
}

/** When a failed reload is tried again: a full disk may have room at any moment. */
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 10_000;

function retryMs(failures: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}

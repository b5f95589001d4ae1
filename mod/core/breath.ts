import { type Clock, systemClock } from "./clock.ts";

/** How long work may hold everything else up, in milliseconds: a request is not to notice it. */
const SLICE_MS = 8;

/** Lets a long computation make room for what has come in meanwhile, such as a request. */
export class Breath {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #sinceMs: number;

  constructor(clock: Pick<Clock, "monotonicMs"> = systemClock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** Whether it is time to `take` one. */
  get isDue(): boolean {
    return this.#clock.monotonicMs() - this.#sinceMs >= SLICE_MS;
  }

  /** Lets other things happen. */
  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#sinceMs = this.#clock.monotonicMs();
  }
}

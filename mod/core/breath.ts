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

/** Long work in steps, between which other things may be done; it returns what it comes to. */
export type Steps<T> = Generator<void, T, void>;

/** Takes all steps at once. */
export function allAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Takes them with room for what comes in meanwhile. */
export async function stepByStep<T>(
  steps: Steps<T>,
  clock?: Pick<Clock, "monotonicMs">,
): Promise<T> {
  const breath = new Breath(clock);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (breath.isDue) await breath.take();
  }
}

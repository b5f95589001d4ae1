import type { Clock } from "../../core/mod.ts";
import { LEARN_LIMIT_MS } from "../examine.ts";
import { PollRate, type PollSight } from "./poll_rate.ts";

/** What is learned of the kubelet's polls, and whether a changed pod waits until it is. */
export class PollLearning {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #rate = new PollRate();
  #awaited = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** Whether a changed pod waits. */
  get isAwaited(): boolean {
    return this.#awaited;
  }

  /** What is known now. */
  now(): PollSight {
    return this.#rate.at(this.#clock.monotonicMs());
  }

  /** How long podstead has been looking for polls, in milliseconds. */
  lookingMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  /** How long a changed pod may still wait, in milliseconds; nothing is left at 0. */
  leftMs(): number {
    return Math.max(0, LEARN_LIMIT_MS - this.lookingMs());
  }

  /** A plan has been made: changed pods wait for what it lacked, or none do. */
  setAwaited(awaited: boolean): void {
    this.#awaited = awaited;
  }

  /** Notes a poll. @returns whether what is waited for is known by now */
  polled(): boolean {
    this.#rate.record(this.#clock.monotonicMs());
    return this.#awaited && this.now().intervalMs !== undefined;
  }
}

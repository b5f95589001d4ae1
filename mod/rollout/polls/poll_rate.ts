/** How often the kubelet asks for the list, as its polls show it. */

/** Intervals that are remembered: enough to see past one that was held up. */
const REMEMBERED = 4;

/** What is known of the polls at one moment. */
export interface PollSight {
  /** The shortest of the last intervals, in milliseconds; undefined before the second poll. */
  readonly intervalMs: number | undefined;
  /** Since the last poll, in milliseconds; undefined before the first. */
  readonly silentMs: number | undefined;
}

/** Remembers the last polls. */
export class PollRate {
  #lastMs: number | undefined;
  #intervals: readonly number[] = [];

  /** Notes a poll. @param atMs monotonic */
  record(atMs: number): void {
    if (this.#lastMs !== undefined) {
      this.#intervals = [...this.#intervals, atMs - this.#lastMs].slice(-REMEMBERED);
    }
    this.#lastMs = atMs;
  }

  /** What is known now. */
  at(nowMs: number): PollSight {
    return {
      // An answer that was held, or a kubelet that was away, makes intervals longer, nothing shorter.
      intervalMs: this.#intervals.length === 0 ? undefined : Math.min(...this.#intervals),
      silentMs: this.#lastMs === undefined ? undefined : nowMs - this.#lastMs,
    };
  }
}

import { UsageError } from "../core/mod.ts";
import type { LineCursor, LogStream } from "./line.ts";
import type { LogPattern } from "./pattern.ts";

/** Which lines of a log are wanted. Everything set must hold; nothing set is the whole log. */
export interface LogSelection {
  /** The last so many of the lines that all else selects; parts that make one line count once. */
  readonly tail?: number;
  /** Lines written at or after it, nanoseconds since the epoch. */
  readonly sinceNs?: bigint;
  /** Lines written before it, so that two ranges that touch share no line. */
  readonly untilNs?: bigint;
  readonly stream?: LogStream;
  readonly grep?: LogPattern;
  /** At most so many bytes of output; the cut may fall inside a line. */
  readonly limitBytes?: number;
}

/** @throws {UsageError} when a number in the selection is no count. */
export function checkSelection(selection: LogSelection): void {
  for (const name of ["tail", "limitBytes"] as const) {
    const value = selection[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new UsageError(
      `${name === "tail" ? "tail" : "limit-bytes"} must be a whole number from 0, ` +
        `current value is "${value}"`,
    );
  }
}

/**
 * By how much a line may be older than one before it. A runtime takes the time
 * of a line before its turn to write comes, and stdout and stderr take turns, so
 * neighbours can be out of order by that wait. Within this bound since and until
 * are exact; where a clock was set back by more, they are found by position:
 * everything after the first line that is clearly late enough is taken.
 */
export const DISORDER_NS = 1_000_000_000n;

/** Decides by time, and stops looking at times once they cannot matter any more. */
export class TimeGate {
  /** The time of the last line that had one. */
  lastNs: bigint | undefined;
  /** True once no later line can be wanted. */
  finished = false;
  #sinceNs: bigint | undefined;
  readonly #untilNs: bigint | undefined;
  #checksUntil = true;

  constructor(sinceNs: bigint | undefined, untilNs: bigint | undefined) {
    this.#sinceNs = sinceNs;
    this.#untilNs = untilNs;
  }

  /** Whether times must be looked at now. */
  get active(): boolean {
    return this.#sinceNs !== undefined || (this.#untilNs !== undefined && this.#checksUntil);
  }

  /** Whether times must be looked at, now or later. */
  get limited(): boolean {
    return this.#sinceNs !== undefined || this.#untilNs !== undefined;
  }

  /** Says whether the lines that come now may be as late as `until`. They may, unless told. */
  expectUntil(near: boolean): void {
    this.#checksUntil = near;
  }

  /**
   * Whether the line is wanted. One in no known format has the time of the line
   * before it; before all others it is older than any time.
   */
  admits(line: LineCursor): boolean {
    const timeNs = line.timeNs() ?? this.lastNs;
    if (timeNs === undefined) return this.#sinceNs === undefined;
    this.lastNs = timeNs;
    if (this.#untilNs !== undefined && this.#checksUntil && timeNs >= this.#untilNs) {
      this.finished ||= timeNs >= this.#untilNs + DISORDER_NS;
      return false;
    }
    if (this.#sinceNs === undefined) return true;
    const wanted = timeNs >= this.#sinceNs;
    if (timeNs >= this.#sinceNs + DISORDER_NS) this.#sinceNs = undefined;
    return wanted;
  }
}

import { UsageError } from "../core/mod.ts";
import type { LineCursor, LogStream } from "./line.ts";
import type { LogPattern } from "./pattern.ts";

/** Which lines of a log are wanted. Everything set must hold; nothing set is the whole log. */
export interface LogSelection {
  /** The last N of the lines that all else selects; parts that make one line count once. */
  readonly tail?: number;
  /** Lines written at or after it, nanoseconds since the epoch. */
  readonly sinceNs?: bigint;
  /** Lines written before it, so that two ranges that touch share no line. */
  readonly untilNs?: bigint;
  readonly stream?: LogStream;
  readonly grep?: LogPattern;
  /** At most this many bytes of output; the cut may fall inside a line. */
  readonly limitBytes?: number;
}

/** @throws {UsageError} if a number in the selection is no count. */
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
 * By how much a line may be older than one before it in an ordered log. A runtime takes
 * the time of a line before its turn to write comes, and stdout and stderr take turns, so
 * neighbours can be out of order by that wait. A log in which a clock was set back by
 * more is read line by line.
 */
export const DISORDER_NS = 1_000_000_000n;

/**
 * Decides by time. In an ordered log it stops looking at times once they cannot matter
 * any more; in one where the clock may have stepped back (`ordered: false`) it looks at
 * every line.
 */
export class TimeGate {
  /** The time of the last line that had one. */
  lastNs: bigint | undefined;
  /** True once no later line can be wanted. */
  finished = false;
  readonly #sinceNs: bigint | undefined;
  readonly #untilNs: bigint | undefined;
  #ordered: boolean;
  #checksUntil = true;
  /** Whether a line was seen that is late enough for every later one to be wanted. */
  #isSince = false;
  /** Whether a line was seen that is too late for any later one to be wanted. */
  #isPast = false;

  constructor(sinceNs: bigint | undefined, untilNs: bigint | undefined, ordered = true) {
    this.#sinceNs = sinceNs;
    this.#untilNs = untilNs;
    this.#ordered = ordered;
  }

  /** Whether times must be looked at now. */
  get active(): boolean {
    return this.#checksSince || (this.#untilNs !== undefined && this.#checksUntil);
  }

  /** Whether times must be looked at, now or later. */
  get limited(): boolean {
    return this.#checksSince || this.#untilNs !== undefined;
  }

  get #checksSince(): boolean {
    return this.#sinceNs !== undefined && !(this.#ordered && this.#isSince);
  }

  /** Says whether the lines that come now may be as late as `until`. They may, unless told. */
  expectUntil(near: boolean): void {
    this.#checksUntil = near || !this.#ordered;
  }

  /** What comes now is being written: from here on it is in the order of its coming. */
  follow(): void {
    this.#ordered = true;
    this.finished ||= this.#isPast;
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
      this.#isPast ||= timeNs >= this.#untilNs + DISORDER_NS;
      this.finished ||= this.#ordered && this.#isPast;
      return false;
    }
    if (this.#sinceNs === undefined || !this.#checksSince) return true;
    this.#isSince ||= timeNs >= this.#sinceNs + DISORDER_NS;
    return timeNs >= this.#sinceNs;
  }
}

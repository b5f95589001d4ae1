/** What a source said last, and when. Times are milliseconds since the epoch. */
export interface Reading<T> {
  /** Its last good answer; undefined if it has never given one. */
  readonly value: T | undefined;
  /** When that was; undefined like `value`. */
  readonly atMs: number | undefined;
  /** Why the latest attempt failed; undefined if it did not. */
  readonly failure?: ReadingFailure | undefined;
}

/** Why a source could not be read. */
export interface ReadingFailure {
  readonly atMs: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** A kubelet's `KubeletProblem`, or an error code. */
  readonly problem?: string | undefined;
}

/** A source that has not been asked yet. */
export const NEVER_READ: Reading<never> = { value: undefined, atMs: undefined };

/**
 * The reading's value while it may still be believed: it is at most `limitMs`
 * old, and nothing has gone wrong since. Undefined otherwise: an old answer is
 * no answer.
 */
export function fresh<T>(reading: Reading<T>, nowMs: number, limitMs: number): T | undefined {
  const { value, atMs, failure } = reading;
  if (value === undefined || atMs === undefined || nowMs - atMs > limitMs) return undefined;
  return failure !== undefined && failure.atMs >= atMs ? undefined : value;
}

/** Whether a file may still be being written: what is missing now may be there a moment later. */
import type { FileFacts } from "../os/mod.ts";

/**
 * How long a file or directory must not have changed before what it lacks counts as
 * taken out, in milliseconds. Editors, `scp` and configuration tools pause for less.
 */
export const REST_MS = 1_000;

/** Remembers what was seen when, for files whose times are in the future or not to be believed. */
export class RestMemory {
  readonly #seen = new Map<string, { readonly mtimeMs: number; readonly sinceMs: number }>();
  readonly #now: () => number;
  readonly #monotonicMs: () => number;

  constructor(clock: { readonly now: () => number; readonly monotonicMs: () => number }) {
    this.#now = clock.now;
    this.#monotonicMs = clock.monotonicMs;
  }

  /**
   * For how much longer something must not change.
   *
   * @returns milliseconds; 0 if it is at rest
   */
  restMs(path: string, { mtimeMs }: Pick<FileFacts, "mtimeMs">): number {
    const ageMs = this.#now() - mtimeMs;
    const seen = this.#seen.get(path);
    if (seen?.mtimeMs !== mtimeMs) {
      this.#seen.set(path, { mtimeMs, sinceMs: this.#monotonicMs() });
    }
    if (ageMs >= REST_MS) return 0;
    // The clock was set back, or the time was made up: only what was seen counts.
    const restedMs = ageMs >= 0
      ? ageMs
      : seen?.mtimeMs === mtimeMs
      ? this.#monotonicMs() - seen.sinceMs
      : 0;
    return Math.max(0, Math.ceil(REST_MS - restedMs));
  }
}

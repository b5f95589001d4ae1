import { type Clock, formatDuration, PodsteadError } from "../core/mod.ts";

/** Runs a step, and gives up on it when the time of all steps is over. */
export type InTime = <T>(what: string, step: () => Promise<T>) => Promise<T>;

/**
 * A limit on several steps together. A step that is given up may still end; what it
 * comes to is of no use then.
 *
 * @returns a function that throws a {@linkcode PodsteadError} naming the step that took too long
 */
export function timeLimit(clock: Pick<Clock, "sleep" | "monotonicMs">, limitMs: number): InTime {
  const endMs = clock.monotonicMs() + limitMs;
  return async (what, step) => {
    const done = new AbortController();
    const late = clock.sleep(Math.max(0, endMs - clock.monotonicMs()), done.signal).then(() => {
      throw new PodsteadError("failed", `${what} took too long: over ${formatDuration(limitMs)}`, {
        hint: "Something hangs, such as a dead mount or a busy disk; it is tried again",
      });
    });
    late.catch(() => undefined); // the step was quicker
    try {
      return await Promise.race([step(), late]);
    } finally {
      done.abort();
    }
  };
}

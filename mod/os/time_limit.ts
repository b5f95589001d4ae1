/** A bound on what a file system may take: a dead mount never answers at all. */
import { type Clock, systemClock } from "../core/mod.ts";

/** How long one look at a file or directory may take, in milliseconds. A disk that is busy takes tens. */
export const FILE_LIMIT_MS = 2_000;

/** Into how many pieces a limit is cut. */
const PIECES = 20;

/**
 * Calls `onEnd` when a limit is over, counting only time in which this process had its turn: a limit
 * is counted in short pieces, and a piece that takes longer, because the processor was busy with
 * others, counts as one. What an overloaded machine holds up is not taken for dead.
 *
 * @returns ends the count
 */
export function startLimit(
  limitMs: number,
  onEnd: () => void,
  clock: Clock = systemClock,
): () => void {
  const stop = new AbortController();
  const count = async () => {
    for (let piece = 0; piece < PIECES; piece += 1) {
      await clock.sleep(limitMs / PIECES, stop.signal);
    }
    onEnd();
  };
  count().catch(() => {}); // stopped
  return () => stop.abort();
}

/**
 * What a file system answers, if it does so in time.
 *
 * @throws {FileTimeout} if it does not
 */
export async function inTime<T>(
  answer: Promise<T>,
  limitMs = FILE_LIMIT_MS,
  clock?: Clock,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const stop = startLimit(limitMs, () => late.reject(new FileTimeout(limitMs)), clock);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    stop();
  }
}

/**
 * Asks the file system, and gives up on what does not answer. What hangs holds a
 * thread of the runtime until it ends, so nothing more is asked in a directory in
 * which something hangs: a dead mount costs one thread, whatever is on it.
 */
export class PatientFs {
  readonly #hanging = new Map<string, number>();
  readonly #limitMs: number;
  readonly #working = new Map<symbol, string>();

  /** @param limitMs for one call */
  constructor(limitMs = FILE_LIMIT_MS) {
    this.#limitMs = limitMs;
  }

  /** What is asked just now. */
  get working(): readonly string[] {
    return [...this.#working.values()];
  }

  /** @throws {FileTimeout} if something in this directory hangs */
  refuseHanging(directory: string): void {
    if (this.#hanging.has(directory)) throw new FileTimeout(this.#limitMs);
  }

  /**
   * Runs one call.
   *
   * @param directory in which it is made
   * @param path what it is about
   * @throws {FileTimeout} if it takes too long, or an earlier one there still hangs
   * @throws what the call throws
   */
  async ask<T>(directory: string, call: () => Promise<T>, path = directory): Promise<T> {
    this.refuseHanging(directory);
    const working = Symbol();
    this.#working.set(working, path);
    const answer = call();
    try {
      return await inTime(answer, this.#limitMs);
    } catch (error) {
      if (error instanceof FileTimeout) this.remember(directory, answer);
      throw error;
    } finally {
      this.#working.delete(working);
    }
  }

  /** Asks nothing more in a directory until this call of it has ended. */
  remember(directory: string, answer: Promise<unknown>): void {
    this.#hanging.set(directory, (this.#hanging.get(directory) ?? 0) + 1);
    const forget = () => {
      const left = (this.#hanging.get(directory) ?? 1) - 1;
      if (left > 0) this.#hanging.set(directory, left);
      else this.#hanging.delete(directory);
    };
    answer.then(forget, forget);
  }
}

/** The file system did not answer in time. */
export class FileTimeout extends Error {
  override readonly name = "FileTimeout";
  readonly code = "ETIMEDOUT";

  constructor(limitMs: number) {
    super(`the file system did not answer within ${limitMs / 1000} s`);
  }
}

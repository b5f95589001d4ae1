/** Follows a container over its restarts: each attempt has a log file of its own. */
import { DirectoryWatch } from "./directory_watch.ts";
import type { AttemptEnded } from "./notice.ts";
import { readLog, type ReadLogOptions, readTimedLog, type TimedBatch } from "./read_log.ts";
import { listAttempts, type LogSource, logSourceOf } from "./source.ts";

/** What happened to an attempt of a container. */
export type AttemptState =
  | { readonly running: true }
  | {
    readonly running: false;
    readonly exitCode?: number;
    /** As the runtime says it: `Completed`, `Error`, `OOMKilled`. */
    readonly reason?: string;
    /** Milliseconds since the Unix epoch. */
    readonly finishedAtMs?: number;
    /** Whether another attempt is expected; false ends following. */
    readonly willRestart: boolean;
  };

/** How a container is followed over its restarts. */
export interface FollowAttemptsOptions extends Omit<ReadLogOptions, "follow"> {
  /** The container's log directory, with a file `<attempt>.log` for each attempt. */
  readonly directory: string;
  /** The attempt to begin with. `tail`, `since` and the like choose among its lines only. */
  readonly attempt: number;
  /**
   * What happened to an attempt's container. Asked when its log is quiet, and
   * again until a next attempt has a log; at most once per `checkMs`. A failure
   * means: not known, continue.
   */
  state(attempt: number): Promise<AttemptState>;
  /** 1000 if not set. */
  readonly checkMs?: number;
}

const CHECK_MS = 1000;

/**
 * The lines of an attempt and of those after it, as they are written. Ends when
 * the container has ended and will not restart, or with the signal. `onNotice`
 * is told, between the chunks, when an attempt has ended and when the next begins.
 *
 * @throws as `readLog`
 */
export function followAttempts(options: FollowAttemptsOptions): AsyncGenerator<Uint8Array> {
  return follow(options, readLog);
}

/** The same for `mergeByTime`. */
export function followAttemptsTimed(options: FollowAttemptsOptions): AsyncGenerator<TimedBatch> {
  return follow(options, readTimedLog);
}

async function* follow<Chunk>(
  options: FollowAttemptsOptions,
  read: (source: LogSource, options: ReadLogOptions) => AsyncGenerator<Chunk>,
): AsyncGenerator<Chunk> {
  const { directory, attempt: first, checkMs = CHECK_MS, selection = {}, ...rest } = options;
  const { tail: _tail, sinceNs: _sinceNs, ...later } = selection;
  let limitBytes = selection.limitBytes;
  for (let attempt = first;;) {
    const container = new AttemptContainer(options, attempt);
    const chunks = read(logSourceOf(directory, attempt), {
      ...rest,
      selection: {
        ...(attempt === first ? selection : later),
        ...(limitBytes !== undefined && { limitBytes }),
      },
      follow: { isRunning: () => container.isRunning(), checkMs },
    });
    for await (const chunk of chunks) {
      if (limitBytes !== undefined && chunk instanceof Uint8Array) limitBytes -= chunk.length;
      yield chunk;
    }
    // Ended for another reason than the container's end: the selection has all it can get.
    if (container.end === undefined || options.signal?.aborted === true || limitBytes === 0) return;
    options.onNotice?.({ kind: "attempt-ended", attempt, ...container.end });
    const next = await container.next(checkMs);
    if (next === undefined) return;
    attempt = next;
    options.onNotice?.({ kind: "attempt-started", attempt });
  }
}

/** What is known of one attempt's container. */
class AttemptContainer {
  /** Set once it has ended. */
  end: Omit<AttemptEnded, "kind" | "attempt"> | undefined;
  readonly #options: FollowAttemptsOptions;
  readonly #attempt: number;

  constructor(options: FollowAttemptsOptions, attempt: number) {
    this.#options = options;
    this.#attempt = attempt;
  }

  /** @throws what `state` throws, unless the log of a later attempt gives the answer. */
  async isRunning(): Promise<boolean> {
    const isReplaced = await this.#laterAttempt() !== undefined;
    try {
      const state = await this.#options.state(this.#attempt);
      if (!state.running) {
        const { running: _, ...end } = state;
        this.end = end;
      } else if (isReplaced) this.end = { willRestart: true };
    } catch (error) {
      if (!isReplaced) throw error;
      this.end = { willRestart: true };
    }
    return this.end === undefined;
  }

  /** The next attempt that has a log, as soon as it has; undefined if there will be none. */
  async next(checkMs: number): Promise<number | undefined> {
    const { directory, signal } = this.#options;
    const watch = new DirectoryWatch(directory);
    try {
      while (signal?.aborted !== true) {
        watch.take();
        const next = await this.#laterAttempt();
        if (next !== undefined) return next;
        if (this.end?.willRestart !== true) return undefined;
        await watch.wait(checkMs, signal);
        // Asked again because the pod may be removed while the restart is awaited.
        await this.isRunning().catch(() => undefined);
      }
      return undefined;
    } finally {
      watch.close();
    }
  }

  async #laterAttempt(): Promise<number | undefined> {
    const attempts = await listAttempts(this.#options.directory).catch(() => []);
    return attempts.find((attempt) => attempt > this.#attempt);
  }
}

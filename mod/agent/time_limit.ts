import { type Clock, formatDuration, PodsteadError } from "../core/mod.ts";

/** Runs a step, and gives up on it once the time of all steps is used up. */
export type InTime = <T>(
  what: string,
  step: () => Promise<T>,
  /** The files that the step is at, for the error. */
  filesNow?: () => readonly string[],
) => Promise<T>;

/** A step took too long. */
export class StepTimeout extends PodsteadError {
  /** The file that it was at, as far as it is known. */
  readonly file: string | undefined;

  constructor(what: string, limitMs: number, files: readonly string[]) {
    const [file, ...others] = files;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    const where = file === undefined ? "" : `, at "${file}"${more}`;
    super("failed", `${what} took too long: over ${formatDuration(limitMs)}${where}`, {
      hint: "Something hangs, such as a dead mount or a busy disk; it is tried again",
    });
    this.file = file;
  }
}

/**
 * A limit on several steps together. A step that is given up may still end; what it
 * comes to is of no use then.
 *
 * @returns a function that throws a {@linkcode StepTimeout} naming the step that took too long
 */
export function timeLimit(clock: Pick<Clock, "sleep" | "monotonicMs">, limitMs: number): InTime {
  const endMs = clock.monotonicMs() + limitMs;
  return async (what, step, filesNow = () => []) => {
    const done = new AbortController();
    const late = clock.sleep(Math.max(0, endMs - clock.monotonicMs()), done.signal).then(() => {
      throw new StepTimeout(what, limitMs, filesNow());
    });
    late.catch(() => undefined); // the step was quicker
    try {
      return await Promise.race([step(), late]);
    } finally {
      done.abort();
    }
  };
}

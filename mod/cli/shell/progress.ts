/** How far a long step has come: one line on stderr that is overwritten. */
import { cutText, oneLine } from "../../text/mod.ts";
import type { World } from "./world.ts";

/** The line. */
export interface ProgressLine {
  /** Shows a text in place of the one before; one that is quick to be replaced is not shown. */
  show(text: string): void;
  /** Takes it away, before anything else is written. */
  clear(): void;
}

/** Shorter waits show nothing, so that nothing flickers. */
const FIRST_AFTER_MS = 400;
/** No one reads faster than this. */
const BETWEEN_MS = 100;

const CLEARED_LINE = "\r\x1b[K";

/**
 * The line of progress of a command; it writes nothing if stderr is not a terminal.
 *
 * @param firstAfterMs how long nothing is shown
 */
export function progressLine(
  { stderr, clock, env }: Pick<World, "stderr" | "clock" | "env">,
  firstAfterMs = FIRST_AFTER_MS,
): ProgressLine {
  const canOverwrite = stderr.isTTY && env["TERM"] !== "dumb";
  let dueMs = clock.monotonicMs() + firstAfterMs;
  let isShown = false;
  return {
    show(text) {
      if (!canOverwrite || clock.monotonicMs() < dueMs) return;
      dueMs = clock.monotonicMs() + BETWEEN_MS;
      // The last column is left free: a full line would continue in the next one.
      const width = (stderr.columns ?? 80) - 1;
      stderr.write(`${CLEARED_LINE}${cutText(oneLine(text), width)}`);
      isShown = true;
    },
    clear() {
      if (isShown) stderr.write(CLEARED_LINE);
      isShown = false;
    },
  };
}

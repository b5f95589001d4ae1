import { formatDuration } from "../core/mod.ts";

/** Something about a log that its reader should know, besides its lines. */
export type LogNotice =
  /** The file became shorter while it was followed; it is read again from its start. */
  | { readonly kind: "truncated"; readonly path: string }
  /** A file could not be read to its end; what came before is in the output. */
  | { readonly kind: "damaged"; readonly path: string; readonly message: string }
  /** A line was selected, or not, by its first MiB alone. */
  | { readonly kind: "long-line"; readonly path: string }
  /** The container ended; its next attempt is awaited if it `willRestart`. */
  | AttemptEnded
  /** What follows is the log of this attempt. */
  | { readonly kind: "attempt-started"; readonly attempt: number };

/** See `LogNotice`. */
export interface AttemptEnded {
  readonly kind: "attempt-ended";
  readonly attempt: number;
  readonly exitCode?: number;
  /** As the runtime says it: `Completed`, `Error`, `OOMKilled`. */
  readonly reason?: string;
  /** Milliseconds since the Unix epoch. */
  readonly finishedAtMs?: number;
  readonly willRestart: boolean;
}

/** The notice as one sentence, without its period. */
export function formatNotice(notice: LogNotice, nowMs: number): string {
  switch (notice.kind) {
    case "truncated":
      return `Log ${JSON.stringify(notice.path)} was truncated; reading it again from its start`;
    case "damaged":
      return `Log ${JSON.stringify(notice.path)} is damaged and cut short here: ${notice.message}`;
    case "long-line":
      return `A line of log ${JSON.stringify(notice.path)} is longer than 1 MiB; ` +
        "the pattern was matched with its beginning alone";
    case "attempt-started":
      return `Following attempt ${notice.attempt}`;
    case "attempt-ended": {
      const code = notice.exitCode === undefined ? "" : ` with exit code ${notice.exitCode}`;
      const reason = notice.reason === undefined || notice.reason === ""
        ? ""
        : ` (${notice.reason})`;
      const when = notice.finishedAtMs === undefined
        ? ""
        : ` at ${new Date(notice.finishedAtMs).toISOString()}, ${
          formatDuration(Math.max(0, nowMs - notice.finishedAtMs))
        } ago`;
      const next = notice.willRestart ? "; waiting for its next attempt" : "";
      return `Attempt ${notice.attempt} ended${code}${reason}${when}${next}`;
    }
  }
}

import type { Path } from "./field_path.ts";

/** A place in a text file, both 1-based; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** How bad a problem is: an error refuses what it is about, a warning does not. */
export type Severity = "error" | "warning";

/**
 * Something wrong with a file that a person wrote, as data. The text with
 * source line and caret is made at the edge, by `formatProblem`.
 */
export interface Problem {
  readonly severity: Severity;
  /** A stable, greppable name of the rule, such as `unknown-key`. */
  readonly code: string;
  /** The file as the user named it; `-` for standard input. */
  readonly file: string;
  /** Absent if the problem is the file itself (unreadable, too large). */
  readonly position?: Position;
  /** The line of the file at `position`, without its end of line. */
  readonly sourceLine?: string;
  /** From the root of the document; empty for the document itself. */
  readonly path: Path;
  /** What is wrong, as one sentence without its period. */
  readonly message: string;
  /** What was wanted, such as `a port from 1 to 65535`. */
  readonly wanted?: string;
  /** The next step: a nearest name, a command. */
  readonly hint?: string;
  /** The other place where a problem has two, such as a duplicate. */
  readonly related?: { readonly file: string; readonly position?: Position };
}

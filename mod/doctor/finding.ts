/** What one check found. */
export interface Finding {
  /** In one word or two, such as `kubelet-url`. */
  readonly check: string;
  /** `skipped`: it cannot be told here, or does not matter here; `summary` says why. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** One sentence for people. */
  readonly summary: string;
  /** What to do about it; there for everything that is not good. */
  readonly fix?: string;
  /** Of a skipped check: that root could tell. */
  readonly needsRoot?: true;
}

/** A check's answer, which gets its name from the table of checks. */
export type Answer = Omit<Finding, "check">;

/** All is well. */
export function good(summary: string): Answer {
  return { status: "ok", summary };
}

/** It works, but not as it should. */
export function doubtful(summary: string, fix: string): Answer {
  return { status: "warning", summary, fix };
}

/** It does not work. */
export function bad(summary: string, fix: string): Answer {
  return { status: "failed", summary, fix };
}

/** It cannot be told. */
export function untold(summary: string): Answer {
  return { status: "skipped", summary };
}

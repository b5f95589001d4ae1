/** What keeps a pod from running, in a word, for a column; the whole reason is in `describe`. */

/** What the word is made of. */
export interface PodState {
  /** A word (`Error (3)`), or a sentence. */
  readonly reason: string;
  readonly phase: string;
  readonly drift: string;
}

const OTHER_VERSION: ReadonlySet<string> = new Set(["Stale", "Rejected", "Blocked", "Orphaned"]);

/** `OOMKilled (137)`, `Rejected`, `Running`; and a version that is not the declared one. */
export function statusWord({ reason, phase, drift }: PodState): string {
  if (/^stopped\b/.test(reason)) return drift === "Current" ? "Stopped" : "Stopping";
  const isWord = /^\S+( \([^)]*\))?$/.test(reason);
  if (reason !== "" && !isWord) {
    return drift === "Current" || drift === "Unknown" ? phase || "Unknown" : drift;
  }
  const word = reason || phase || "Unknown";
  return OTHER_VERSION.has(drift) && word !== drift ? `${word} (${drift})` : word;
}

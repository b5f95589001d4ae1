/** What a person must know of a trial when looking at the node. */
import type { TrialView } from "../../../api/contract/mod.ts";
import { formatDuration } from "../../../core/mod.ts";
import { oneLine, type Style, wrapText } from "../../../text/mod.ts";

/** For how long a trial that went back is reported, in milliseconds. */
const NEWS_MS = 3_600_000;

/** The running trial, or one that went back recently; no lines if there is neither. */
export function trialLines(
  { running, last }: TrialView,
  { nowMs, columns, style }: {
    readonly nowMs: number;
    readonly columns?: number | undefined;
    readonly style: Style;
  },
): readonly string[] {
  const fit = (sign: string, look: "dim" | "red", text: string) =>
    wrapText(oneLine(text), columns, 2, 2)
      .map((line, at) => at === 0 ? `${style(look, sign)} ${line}` : `  ${line}`);
  if (running !== undefined) {
    const { backTo, goingBack, confirm, startedMs, timeoutMs } = running;
    if (goingBack !== undefined) {
      return fit("!", "red", `${named(running)} goes back to ${backTo}: ${goingBack}`);
    }
    const leftMs = Math.max(0, startedMs + timeoutMs - nowMs);
    const left = formatDuration(Math.round(leftMs / 1000) * 1000);
    const unless = confirm === "manual" ? '"podstead confirm" keeps it' : "its pods stay ready";
    return fit(
      "~",
      "dim",
      `${named(running)} is on trial: back to revision ${backTo} within ${left} unless ${unless}`,
    );
  }
  if (last === undefined || last.result === "kept") return [];
  const agoMs = nowMs - Date.parse(last.at);
  if (agoMs > NEWS_MS) return [];
  const ago = formatDuration(Math.max(1, Math.round(agoMs / 1000)) * 1000);
  const what = last.result === "reverted" ? "went back" : "could not go back";
  const why = last.cause === undefined ? "" : `: ${last.cause}`;
  return fit(
    "!",
    "red",
    `${named(last)} ${what} to revision ${last.backTo} ${ago} ago${why}`,
  );
}

/** What is tried: a change of which nothing can be served yet has no revision of its own. */
function named({ revision, backTo }: { readonly revision: number; readonly backTo: number }) {
  return revision === backTo ? "The change on trial" : `Revision ${revision}`;
}

import { ConfigError, errorText, PodsteadError } from "../../core/mod.ts";
import { formatProblem, oneLine } from "../../text/mod.ts";

/**
 * What a person reads about anything thrown: what is wrong, then the next step.
 * What it quotes may come from anywhere, so a terminal must obey nothing in it.
 */
export function errorReport(thrown: unknown): string {
  return reportOf(thrown).split("\n").map(withoutControls).join("\n");
}

/** The problems of files that an error carries, one text each, for a terminal; none for most errors. */
export function problemReports(thrown: unknown): readonly string[] {
  if (!(thrown instanceof ConfigError)) return [];
  return thrown.problems.map((problem) =>
    formatProblem(problem, { color: false }).split("\n").map(withoutControls).join("\n")
  );
}

/** Tabs stay: a caret below a quoted line depends on them. */
function withoutControls(line: string): string {
  return line.split("\t").map(oneLine).join("\t");
}

function reportOf(thrown: unknown): string {
  if (thrown instanceof ConfigError && thrown.problems.length > 0) {
    const problems = thrown.problems.map((problem) => formatProblem(problem, { color: false }));
    return [...problems, `error: ${thrown.message}`, ...hintLines(thrown)].join("\n");
  }
  if (thrown instanceof PodsteadError) {
    return [`error: ${thrown.message}`, ...hintLines(thrown)].join("\n");
  }
  return `error: ${errorText(thrown)}`;
}

function hintLines(error: PodsteadError): readonly string[] {
  return error.hint === undefined ? [] : [`  ${error.hint}`];
}

import { ConfigError, errorText, PodsteadError } from "../../core/mod.ts";
import { formatProblem } from "../../text/mod.ts";

/** What a person reads about anything thrown: what is wrong, then the next step. */
export function errorReport(thrown: unknown): string {
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

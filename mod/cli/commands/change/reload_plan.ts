import type { PodOutcome, ReloadOutcome } from "../../../api/contract/mod.ts";
import { formatIssue } from "../../../core/mod.ts";
import { formatProblem, type Style } from "../../../text/mod.ts";
import { objectLines } from "./object_lines.ts";
import { wait } from "./reload_report.ts";

/** Fields that are named for a pod; a count stands for the rest. */
const MAX_FIELDS = 4;

/** What a person reads about a reload that was only tried: what would become of each pod. */
export function reloadPlanReport(outcome: ReloadOutcome, style: Style): string {
  const good = outcome.result === "applied" || outcome.result === "unchanged";
  const lines = [`dry run, nothing was changed: ${style(good ? "green" : "red", outcome.result)}`];
  for (const pod of outcome.pods) lines.push(...podLines(pod, style));
  lines.push(...objectLines(outcome, style));
  for (const setting of outcome.needRestart) {
    lines.push(
      `  ${style("yellow", "!")} ${setting} would take effect after a restart of podstead`,
    );
  }
  for (const problem of outcome.problems) lines.push("", formatProblem(problem, { color: false }));
  return `${lines.join("\n")}\n`;
}

function podLines(pod: PodOutcome, style: Style): readonly string[] {
  const name = `${pod.namespace}/${pod.name}`;
  const line = (sign: string, what: string) => `  ${sign} ${name}: ${what}`;
  if (pod.state === "Stopped") {
    return pod.change === "removed"
      ? [line(style("red", "-"), `stop: ${pod.reason}`)]
      : [line(" ", `not served: ${pod.reason}`)];
  }
  switch (pod.change) {
    case "added":
      return [line(style("green", "+"), `${pod.resumed ? "start" : "add"}${wait(pod, ", ")}`)];
    case "removed":
      return [
        line(style("red", "-"), pod.reason === undefined ? "remove" : `remove: ${pod.reason}`),
      ];
    case "changed":
      return [line(style("yellow", "~"), replacement(pod))];
    case "unchanged":
    case "none":
      break;
  }
  if (pod.state === "Replacing") {
    return [line(style("yellow", "~"), `${replacement(pod)}; first, ${pod.reason}`)];
  }
  if (pod.state === "Served" || pod.state === undefined) return [line(" ", "unchanged")];
  const stays = pod.servingRevision === undefined
    ? "not served"
    : `revision ${pod.servingRevision} stays`;
  const reason = pod.reason === undefined ? "" : `: ${pod.reason}`;
  return [
    line(style("red", "!"), `${pod.state}, ${stays}${reason}`),
    ...pod.errors.map((issue) =>
      `      ${pod.source.file}:${issue.line}:${issue.column}: ${formatIssue(issue)}`
    ),
  ];
}

function replacement({ method, methodReason, fields = [] }: PodOutcome): string {
  const how = method === "in-place"
    ? "change in place"
    : method === undefined
    ? "replace"
    : `replace (${method})`;
  const shown = fields.slice(0, MAX_FIELDS).join(", ");
  const more = fields.length > MAX_FIELDS ? ` and ${fields.length - MAX_FIELDS} more` : "";
  const instead = method === "quick" ? "not in place" : "not quick";
  const why = methodReason === undefined ? "" : ` (${instead}: ${methodReason})`;
  return `${how}: ${shown}${more}${why}`;
}

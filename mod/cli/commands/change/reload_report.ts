import type { PodOutcome, ReloadOutcome } from "../../../api/contract/mod.ts";
import { formatBytes, formatIssue } from "../../../core/mod.ts";
import { joinWarnings } from "../../../pods/mod.ts";
import { formatProblem, type Style } from "../../../text/mod.ts";
import { objectLines } from "./object_lines.ts";

/** What a person reads about a reload: the result, each pod that changed or is refused, why. */
export function reloadReport(outcome: ReloadOutcome, style: Style): string {
  const good = outcome.result === "applied" || outcome.result === "unchanged";
  const { served } = outcome;
  const lines = [
    `${style(good ? "green" : "red", outcome.result)}: revision ${outcome.revision}, ${
      counted(served.pods, "pod")
    } served (${formatBytes(served.bytes)}), ${outcome.durationMs} ms`,
  ];
  const warnings = joinWarnings(outcome.pods.map((pod) => pod.warnings));
  for (const [at, pod] of outcome.pods.entries()) {
    lines.push(...podLines({ ...pod, warnings: warnings[at] ?? [] }, style));
  }
  lines.push(...objectLines(outcome, style));
  if (outcome.pods.some(({ reasonCode }) => reasonCode === "source-unhealthy")) {
    lines.push(
      "  Kept pods stay until their source is fixed; if their removal is meant:" +
        " podstead reload --allow-removals",
    );
  }
  for (const setting of outcome.needRestart) {
    lines.push(`  ${style("yellow", "!")} ${setting} takes effect after a restart of podstead`);
  }
  for (const problem of outcome.problems) lines.push("", formatProblem(problem, { color: false }));
  return `${lines.join("\n")}\n`;
}

const SIGNS = { added: "+", changed: "~", removed: "-", unchanged: " ", none: " " } as const;

function podLines(pod: PodOutcome, style: Style): readonly string[] {
  const name = `${pod.namespace}/${pod.name}`;
  if (pod.state === "Served" || pod.state === undefined) {
    const warnings = pod.warnings.flatMap((issue) =>
      issueLines(pod, issue, style("yellow", "warning"))
    );
    return pod.change === "unchanged" && warnings.length === 0
      ? []
      : [`  ${SIGNS[pod.change]} ${name}${wait(pod, ": ")}${gone(pod)}`, ...warnings];
  }
  if (pod.state === "Stopped") {
    return [`  ${SIGNS[pod.change]} ${name}: not served: ${pod.reason}`];
  }
  if (pod.state === "Replacing") {
    return [
      `  ${
        style("yellow", "~")
      } ${name}: waits, serving revision ${pod.servingRevision}: ${pod.reason}`,
    ];
  }
  const serving = pod.servingRevision === undefined
    ? "not served"
    : `serving revision ${pod.servingRevision}`;
  return [
    `  ${style("red", "!")} ${name}: ${pod.state}, ${serving}${
      pod.reason === undefined ? "" : `: ${pod.reason}`
    }`,
    ...pod.errors.flatMap((issue) => issueLines(pod, issue, style("red", "error"))),
  ];
}

/** Which source has a removed pod no more. */
function gone({ change, reason }: PodOutcome): string {
  return change === "removed" && reason !== undefined ? `: ${reason}` : "";
}

/** For whom a new pod waits, after `joint`; empty for one that does not. */
export function wait({ waitsFor = [] }: PodOutcome, joint: string): string {
  const [first, ...others] = waitsFor;
  if (first === undefined) return "";
  const who = others.length === 0
    ? `${first} is`
    : `${[first, ...others.slice(0, -1)].join(", ")} and ${others.at(-1)} are`;
  return `${joint}waits until ${who} ready`;
}

function issueLines(
  pod: PodOutcome,
  issue: PodOutcome["errors"][number],
  word: string,
): readonly string[] {
  const place = `${pod.source.file}:${issue.line}:${issue.column}`;
  return [
    `      ${place}: ${word}: ${formatIssue(issue)}`,
    ...(issue.hint === undefined ? [] : [`        hint: ${issue.hint}`]),
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

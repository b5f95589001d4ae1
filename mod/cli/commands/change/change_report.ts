/** What a change does, in the words that people know from kubectl: one line a pod. */
import type { ChangeOutcome, PodOutcome } from "../../../api/contract/mod.ts";
import { formatIssue } from "../../../core/mod.ts";
import { formatProblem, oneLine, type Style } from "../../../text/mod.ts";

import { changedObjectLines } from "./object_lines.ts";

/** Fields that are named for a pod; a count stands for the rest. */
const MAX_FIELDS = 3;

/** The pods that a change touches: added, changed, removed, refused, or stopped in a changed file. */
export function touchedPods(
  { reload, files }: Pick<ChangeOutcome, "reload" | "files">,
): readonly PodOutcome[] {
  const changed = new Set(files.map(({ path }) => path));
  return reload.pods.filter(({ change, state, source }) =>
    change === "added" || change === "changed" || change === "removed" ||
    (state === "Stopped" ? changed.has(source.file) : state !== undefined && state !== "Served")
  );
}

/** The pods that a change restarts or ends. */
export function interruptedPods(
  outcome: Pick<ChangeOutcome, "reload" | "files">,
): readonly string[] {
  return touchedPods(outcome)
    .filter((pod) =>
      pod.change === "removed" ||
      (pod.change === "changed" || pod.state === "Replacing") && !isTakenIn(pod)
    )
    .map(nameOf);
}

/** Whether the kubelet takes the change in and restarts nothing: labels and annotations. */
function isTakenIn({ method, fields = [] }: PodOutcome): boolean {
  return method === "in-place" && fields.length > 0 &&
    fields.every((field) => /^metadata\.(labels|annotations)\b/.test(field));
}

/** The lines of a change; for a dry run what would become of each pod. */
export function changeReport(outcome: ChangeOutcome, style: Style): string {
  const lines = [
    ...touchedPods(outcome).flatMap((pod) => podLines(pod, style)),
    ...changedObjectLines(outcome.reload, style),
  ];
  if (outcome.result === "unchanged") lines.push("nothing changes");
  for (const { path, before, after } of outcome.result === "refused" ? [] : outcome.files) {
    const what = after === undefined ? "deleted" : before === undefined ? "created" : "changed";
    lines.push(style("dim", `file ${path} ${what}`));
  }
  if (outcome.result === "refused" || outcome.reload.result === "partial") {
    for (const problem of outcome.reload.problems.filter(({ severity }) => severity === "error")) {
      lines.push("", formatProblem(problem, { color: false }));
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function podLines(pod: PodOutcome, style: Style): readonly string[] {
  const line = (colour: "green" | "red" | "yellow", word: string, more: string) =>
    `pod/${nameOf(pod)} ${style(colour, word)}${more}`;
  if (pod.state === "Rejected") {
    return [
      line("red", "refused", ""),
      ...pod.errors.map((issue) =>
        `  ${pod.source.file}:${issue.line}:${issue.column}: ${formatIssue(issue)}`
      ),
    ];
  }
  switch (pod.change) {
    case "added":
      return [line("green", pod.resumed ? "started" : "created", "")];
    case "removed":
      return [line("red", pod.state === "Stopped" ? "stopped" : "removed", "")];
    case "changed":
      return [line("yellow", "changed", cost(pod))];
    case "unchanged":
    case "none": {
      const reason = pod.reason === undefined ? "" : `: ${pod.reason}`;
      if (pod.state === "Replacing") return [line("yellow", "changed", cost(pod) + reason)];
      if (pod.state === "Stopped") return [line("yellow", "stays stopped", reason)];
      return [line("yellow", pod.state ?? "unchanged", reason)];
    }
  }
}

function cost({ method, methodReason, fields = [] }: PodOutcome): string {
  const shown = fields.slice(0, MAX_FIELDS).join(", ");
  const more = fields.length > MAX_FIELDS ? ` and ${fields.length - MAX_FIELDS} more` : "";
  const how = method === undefined ? "" : `${method}${shown === "" ? "" : ": "}`;
  const why = methodReason === undefined ? "" : `; ${methodReason}`;
  const text = `${how}${shown}${more}${why}`;
  return text === "" ? "" : ` (${text})`;
}

function nameOf({ namespace, name }: PodOutcome): string {
  return oneLine(namespace === "default" ? name : `${namespace}/${name}`);
}

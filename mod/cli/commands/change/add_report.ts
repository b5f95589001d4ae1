/** What `add` tells: what comes of the objects, what is left out, what is refused and where. */
import type { ChangeOutcome, PodOutcome, ReportedPodIssue } from "../../../api/contract/mod.ts";
import { parsePodFile } from "../../../config/mod.ts";
import type { Path, Problem } from "../../../core/mod.ts";
import { formatKey, objectKey, podKey } from "../../../pods/mod.ts";
import { oneLine, type Style } from "../../../text/mod.ts";
import type { ConvertedPod, NotKept } from "../../../workloads/mod.ts";
import type { Additions } from "./add_input.ts";

/** What becomes what, and what cannot be kept. */
export function additionReport({ pods, objects, notKept }: Additions, style: Style): string {
  const lines = [
    ...pods.map((pod) =>
      `${oneLine(pod.from)}: ${style("green", `pod ${oneLine(formatKey(pod))}`)}`
    ),
    ...objects.map(({ kind, namespace, name }) => oneLine(`${kind} ${namespace}/${name}`)),
  ];
  if (notKept.length > 0) {
    lines.push("", style("bold", "Not kept:"));
    for (const one of notKept) {
      const what = `${one.of}${one.field === "" ? "" : `, ${one.field}`}`;
      lines.push(oneLine(`  ${placeOf(one)}: ${what}: ${one.why}`));
      if (one.hint !== undefined) lines.push(hintLine(one.hint, style));
    }
  }
  return `${lines.join("\n")}\n\n`;
}

/** What the kubelet takes but a person may regret, of the pods that are added. */
export function warningReport(planned: ChangeOutcome, { pods }: Additions, style: Style): string {
  const added = new Set(pods.map(formatKey));
  const lines = planned.reload.pods.filter((pod) => added.has(formatKey(pod))).flatMap(
    ({ source: { file }, warnings }) =>
      warnings.flatMap(({ line, column, field, detail, hint }) => [
        oneLine(`  ${file}:${line}:${column}: ${field}: ${detail}`),
        ...(hint === undefined ? [] : [hintLine(hint, style)]),
      ]),
  );
  return lines.length === 0 ? "" : `\n${style("bold", "Warnings:")}\n${lines.join("\n")}\n\n`;
}

function hintLine(hint: string, style: Style): string {
  return `      ${style("cyan", "hint:")} ${oneLine(hint)}`;
}

function placeOf({ file, position }: NotKept): string {
  return `${nameOf(file)}:${position.line}:${position.column}`;
}

function nameOf(file: string): string {
  return file === "-" ? "<stdin>" : file;
}

/** The same as data. */
export function summaryOf({ pods, objects, notKept }: Additions): object {
  return {
    added: [
      ...pods.map(({ from, namespace, name }) => ({ from, kind: "Pod", namespace, name })),
      ...objects.map(({ kind, namespace, name }) => ({
        from: `${kind} ${namespace}/${name}`,
        kind,
        namespace,
        name,
      })),
    ],
    notKept: notKept.map(({ position: { line, column }, ...one }) => ({ ...one, line, column })),
  };
}

/** The outcome with what is wrong with pods at the places where a person wrote it. */
export function atOrigin(outcome: ChangeOutcome, additions: Additions): ChangeOutcome {
  const { pods } = additions;
  const origins = new Map(pods.map((pod) => [formatKey(pod), pod]));
  const placed = outcome.reload.pods.map((pod): PodOutcome => {
    const origin = origins.get(formatKey(pod));
    if (origin === undefined || pod.errors.length + pod.warnings.length === 0) return pod;
    return {
      ...pod,
      source: {
        file: nameOf(origin.file),
        line: origin.placeOf([]).line,
      },
      errors: pod.errors.map((issue) => issueAt(issue, origin)),
      warnings: pod.warnings.map((issue) => issueAt(issue, origin)),
    };
  });
  const problems = outcome.reload.problems.map((one) => problemAt(one, outcome, additions));
  return { ...outcome, reload: { ...outcome.reload, pods: placed, problems } };
}

/** A problem of a ConfigMap or Secret in a file that the change makes. */
function problemAt(
  problem: Problem,
  { files }: ChangeOutcome,
  { objects }: Additions,
): Problem {
  const { file, position, path, hint, sourceLine: _, ...rest } = problem;
  const text = files.find((one) => one.path === file)?.after;
  if (text === undefined || position === undefined) return problem;
  const entry = parsePodFile(text, file).objects.findLast(({ entry: { source } }) =>
    source.position.line <= position.line
  );
  const key = entry && podKey(entry.entry.pod);
  if (entry === undefined || key === undefined) return problem;
  const wanted = objectKey({ kind: entry.kind, ...key });
  const origin = objects.find((one) => objectKey(one) === wanted);
  if (origin === undefined) return problem;
  const at = origin.placeOf(path);
  return {
    ...rest,
    path,
    file: origin.file,
    position: at,
    ...(origin.kind === "Secret" ? {} : { sourceLine: origin.lineText(at.line) }),
    ...(hint === undefined ? {} : { hint: hint.replaceAll(file, origin.file) }),
  };
}

function issueAt(issue: ReportedPodIssue, origin: ConvertedPod): ReportedPodIssue {
  return { ...issue, ...origin.placeOf(pathOf(issue.field)) };
}

/** A field in the kubelet's notation as a path: `spec.containers[0].ports[1].hostPort`. */
function pathOf(field: string): Path {
  return Array.from(field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g), ([whole, bracketed]) => {
    if (bracketed === undefined) return whole;
    return /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed;
  });
}

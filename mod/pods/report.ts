/** What `podstead validate` says: as data for JSON, as problems for people, as CI annotations. */
import { findTemplateBlock, renderHint } from "../core/mod.ts";
import type { Position, Problem, Severity } from "../core/mod.ts";
import type { PodEntry } from "./entry.ts";
import { podId, podKey } from "./identity.ts";
import { isWarning } from "./issue.ts";
import type { IssueType, PodIssue } from "./issue.ts";
import type { Verdict } from "./judge.ts";
import { nextStep } from "./next_step.ts";

/** One issue of a report, with its place in the file. */
export interface ReportedPodIssue {
  /** The kubelet's notation; empty for a whole file or pod. */
  readonly field: string;
  readonly type: IssueType;
  readonly detail: string;
  /** The next step; absent in what an older podstead has stored. */
  readonly hint?: string;
  /** The name of a warning's rule, such as `image-latest`, or of what is wrong with a file. */
  readonly rule?: string;
  /** What it is about, where one line may stand for several: images. */
  readonly subjects?: readonly string[];
  readonly line: number;
  readonly column: number;
}

/** One pod of a report, or a file that could not be read as pods. */
export interface PodReport {
  /** The file as the user named it; `-` for standard input. */
  readonly source: string;
  readonly document: number;
  readonly index: number;
  readonly line: number;
  readonly column: number;
  /** `<namespace>-<name>`; null if the pod has no name, or the file no pod. */
  readonly id: string | null;
  /** Absent if `id` is null, and in what an older podstead has stored. */
  readonly metadata?: { readonly name: string; readonly namespace: string; readonly id: string };
  readonly valid: boolean;
  readonly errors: readonly ReportedPodIssue[];
  readonly warnings: readonly ReportedPodIssue[];
}

/** The whole report, as `-o json` prints it. */
export interface ValidationReport {
  readonly apiVersion: "podstead.dev/v1";
  /** Whether every pod is valid; true for none. */
  readonly valid: boolean;
  readonly pods: readonly PodReport[];
}

/** The report of all pods. */
export function validationReport(pods: readonly PodReport[]): ValidationReport {
  return { apiVersion: "podstead.dev/v1", valid: pods.every((pod) => pod.valid), pods };
}

/** The report of one pod. */
export function podReport(entry: PodEntry, verdict: Verdict): PodReport {
  const { file, document, index, position } = entry.source;
  const key = podKey(entry.pod);
  return {
    source: file,
    document,
    index,
    line: position.line,
    column: position.column,
    id: key === undefined ? null : podId(key),
    ...(key === undefined ? {} : {
      metadata: { name: key.name, namespace: key.namespace, id: `${key.namespace}/${key.name}` },
    }),
    valid: verdict.valid,
    errors: verdict.errors.map((issue) => reportIssue(entry, issue)),
    warnings: verdict.warnings.map((issue) => reportIssue(entry, issue)),
  };
}

/** An issue with its place in the file, and the value it is about in its detail. */
export function reportIssue(entry: PodEntry, issue: PodIssue): ReportedPodIssue {
  const { line, column } = positionOfIssue(entry, issue);
  const { type, rule, subjects } = issue;
  const more = {
    hint: hintFor(entry, issue, { line, column }),
    ...(rule === undefined ? {} : { rule }),
    ...(subjects === undefined ? {} : { subjects }),
    line,
    column,
  };
  // The kubelet's decoder names no field: it refuses the pod before it has any.
  return type === "Decode"
    ? { field: "", type, detail: issueText(issue).replace(": Decode", ""), ...more }
    : { field: issue.field, type, detail: fullDetail(issue), ...more };
}

/** The next step; for an error in whose line a template's expression stands, to render it. */
function hintFor(entry: PodEntry, issue: PodIssue, { line }: Position): string {
  const mark = isWarning(issue.type) ? undefined : findTemplateBlock(entry.lineText(line));
  return mark === undefined ? nextStep(issue) : renderHint(mark);
}

/** Of an unknown field the key is wrong, of any other the value. */
function positionOfIssue(entry: PodEntry, { type, path }: PodIssue): Position {
  return entry.positionOf(path, type === "Unknown field" ? "key" : "value");
}

/** The report of a file: what is wrong with its text or its structure, whatever its pods are. */
export function fileReport(file: string, problems: readonly Problem[]): PodReport {
  const place = (problem: Problem): ReportedPodIssue => ({
    field: "",
    type: "Decode",
    detail: problem.wanted === undefined
      ? problem.message
      : `${problem.message}; wanted: ${problem.wanted}`,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    rule: problem.code,
    ...(problem.position ?? START),
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  return {
    source: file,
    document: 0,
    index: 0,
    ...((errors[0] ?? problems[0])?.position ?? START),
    id: null,
    valid: errors.length === 0,
    errors: errors.map(place),
    warnings: problems.filter(({ severity }) => severity === "warning").map(place),
  };
}

const START: Position = { line: 1, column: 1 };

/** The longest value that is worth quoting in a line of text. */
const MAX_QUOTED = 60;

/** The detail with the value it is about, as the kubelet writes it. */
function fullDetail({ badValue, detail }: PodIssue): string {
  if (badValue === undefined || badValue === "") return detail;
  const text = String(badValue);
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED - 1)}…` : text;
  const quoted = typeof badValue === "string" ? JSON.stringify(short) : short;
  return detail === "" ? quoted : `${quoted}: ${detail}`;
}

/** `spec.containers[0].image: Required value`, with the detail where there is one. */
export function issueText(issue: PodIssue): string {
  return [issue.field, issue.type, fullDetail(issue)].filter((part) => part !== "").join(": ");
}

/** A verdict as problems, for `formatProblem`: source line and caret at the very field. */
export function verdictProblems(entry: PodEntry, verdict: Verdict): readonly Problem[] {
  const convert = (severity: Severity) => (issue: PodIssue): Problem => {
    const position = positionOfIssue(entry, issue);
    return {
      severity,
      code: issue.rule ?? issueCode(issue.type),
      file: entry.source.file,
      position,
      sourceLine: entry.lineText(position.line),
      path: issue.path,
      message: issueText(issue),
      hint: hintFor(entry, issue, position),
    };
  };
  return [...verdict.errors.map(convert("error")), ...verdict.warnings.map(convert("warning"))];
}

/** `pod-required-value` of `Required value`. */
function issueCode(type: IssueType): string {
  const words = type.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase().replaceAll(" ", "-");
  return `pod-${words.replace("apireference", "api-reference")}`;
}

/**
 * The commands, of pods and of files, that make GitHub show each issue at its line, one a line.
 *
 * Source: GitHub's documentation of workflow commands, for the form and what must be escaped.
 */
export function githubAnnotations(report: Pick<ValidationReport, "pods">): string {
  const lines = report.pods.flatMap((pod) => [
    ...pod.errors.map((issue) => annotation("error", pod, issue)),
    ...pod.warnings.map((issue) => annotation("warning", pod, issue)),
  ]);
  return lines.map((line) => `${line}\n`).join("");
}

function annotation(severity: Severity, pod: PodReport, issue: ReportedPodIssue): string {
  const properties = [
    `file=${escapeProperty(pod.source)}`,
    `line=${issue.line}`,
    `col=${issue.column}`,
    `title=${escapeProperty(pod.id === null ? "podstead" : `pod ${pod.id}`)}`,
  ];
  // What is only noteworthy about a file did decode.
  const type = severity === "warning" && issue.type === "Decode" ? "" : issue.type;
  const message = [issue.field, type, issue.detail].filter((part) => part !== "").join(": ");
  return `::${severity} ${properties.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

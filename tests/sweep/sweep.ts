/** Runs `podstead validate` over many files and counts what it says. */
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { cli } from "../../mod/cli/mod.ts";
import type { PodReport, ReportedPodIssue, ValidationReport } from "../../mod/pods/mod.ts";
import { textWorld } from "../support/world.ts";

/** The longest that one file may take. */
export const MAX_FILE_MS = 1000;

/** What a sweep found. */
export interface Sweep {
  readonly files: number;
  /** `valid`, `refused` and `unreadable` of pods and files. */
  readonly verdicts: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  readonly warnings: ReadonlyMap<string, number>;
  /** Files with one message at least that says that they are templates. */
  readonly templates: readonly string[];
  readonly slowest: { readonly file: string; readonly ms: number };
  /** Crashes, slow files and messages without a next step: each fails the sweep. */
  readonly faults: readonly string[];
}

/** Loads what every run needs, or the first file pays for it. */
async function warmUp(): Promise<void> {
  await cli(["validate", "-"], textWorld({ stdin: "kind: Pod" }));
}

/** Runs over every pod file below a folder, each with a run of its own. */
export async function sweep(folder: string, maxFileMs: number = MAX_FILE_MS): Promise<Sweep> {
  await warmUp();
  const verdicts = new Map<string, number>();
  const errors = new Map<string, number>();
  const warnings = new Map<string, number>();
  const templates: string[] = [];
  const faults: string[] = [];
  let slowest = { file: "", ms: 0 };
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of files) {
    const file = relative(folder, path);
    const startMs = performance.now();
    const report = await validate(path).catch((error: unknown) => String(error));
    const ms = performance.now() - startMs;
    if (ms > slowest.ms) slowest = { file, ms };
    if (ms > maxFileMs) faults.push(`${file}: took ${Math.round(ms)} ms`);
    if (typeof report === "string") {
      faults.push(`${file}: crashed: ${report}`);
      continue;
    }
    for (const pod of report.pods) {
      count(verdicts, verdictOf(pod));
      for (const issue of pod.errors) count(errors, nameOf(issue));
      for (const issue of pod.warnings) count(warnings, nameOf(issue));
      for (const issue of [...pod.errors, ...pod.warnings]) {
        if (!hasNextStep(issue)) {
          faults.push(`${file}:${issue.line}: no next step: ${issue.detail}`);
        }
      }
    }
    if (report.pods.some(saysTemplate)) templates.push(file);
  }
  return { files: files.length, verdicts, errors, warnings, templates, slowest, faults };
}

/** @throws Error for anything but a report, a stack trace on stderr included */
async function validate(path: string): Promise<ValidationReport> {
  const world = textWorld({});
  const options = ["--kubelet-version", "1.36", "--node-name", "node-1", "-o", "json"];
  const code = await cli(["validate", ...options, path], world);
  const { stdout, stderr } = world.written;
  if (code !== 0 && code !== 78) throw new Error(`exit code ${code}: ${stderr}`);
  if (/^\s+at /m.test(stderr)) throw new Error(stderr);
  const report: ValidationReport = JSON.parse(stdout);
  const internal = report.pods.flatMap(({ errors }) => errors)
    .find(({ type }) => type === "Internal error");
  if (internal !== undefined) throw new Error(internal.detail);
  return report;
}

function verdictOf({ valid, id }: PodReport): string {
  return valid ? "valid" : id === null ? "unreadable" : "refused";
}

function saysTemplate({ errors, warnings }: PodReport): boolean {
  return [...errors, ...warnings].some(({ detail, hint = "" }) =>
    /not rendered|[Rr]ender the template|if this is a template/.test(`${detail} ${hint}`)
  );
}

function hasNextStep({ hint, detail }: ReportedPodIssue): boolean {
  return (hint ?? "") !== "" || detail.includes("; wanted: ");
}

/** What is counted as one message: its rule or type, and its text without names and numbers. */
function nameOf({ rule, type, detail }: ReportedPodIssue): string {
  if (rule !== undefined && type !== "Decode") return rule;
  const text = detail.replace(/"[^"]*"|'[^']*'/g, "…").replace(/\d+/g, "N")
    .replace(/^[\w.[\]/]+ must/, "… must").replace(/\S*\{\{.*?(?=:|$)/, "…");
  return `${rule ?? type}: ${text.slice(0, 90)}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The report of a sweep, for people. */
export function sweepReport(found: Sweep): string {
  const table = (title: string, counts: ReadonlyMap<string, number>) => [
    "",
    title,
    ...[...counts].sort(([, left], [, right]) => right - left)
      .map(([name, number]) => `${String(number).padStart(7)}  ${name}`),
  ];
  const { slowest } = found;
  return [
    `${found.files} files, ${found.templates.length} of them told to be templates`,
    ...table("VERDICTS", found.verdicts),
    ...table("ERRORS", found.errors),
    ...table("WARNINGS", found.warnings),
    "",
    `slowest: ${slowest.file} (${Math.round(slowest.ms)} ms)`,
    ...found.faults.slice(0, 50).map((fault) => `FAULT ${fault}`),
    ...(found.faults.length > 50 ? [`and ${found.faults.length - 50} more`] : []),
    "",
  ].join("\n");
}

import { loadConfig, parsePodFile } from "../config/mod.ts";
import { formatProblem, type Problem } from "../core/mod.ts";
import { runningKubeletVersion } from "../kubelet/mod.ts";
import { defaultNodeAddress, defaultNodeName } from "../os/mod.ts";
import {
  declarePods,
  githubAnnotations,
  judge,
  judgeAsNode,
  type JudgeOptions,
  type PodEntry,
  type PodReport,
  podReport,
  undecodableReport,
  validationReport,
  type Verdict,
  verdictProblems,
} from "../pods/mod.ts";
import type { CliContext } from "./context.ts";
import { DEFAULT_CONFIG_PATH } from "./globals.ts";
import { formatJson } from "./output/mod.ts";
import { readPodFiles } from "./pod_files.ts";

/** What `podstead validate` was told. */
export interface ValidateOptions {
  /** Files, directories, `-`; none for the node's own config. */
  readonly paths: readonly string[];
  readonly output: "text" | "json" | "github";
  readonly nodeName?: string;
  readonly kubeletVersion?: string;
  readonly asNode: boolean;
  readonly warnings: boolean;
  readonly color: boolean;
}

/** What is to be judged: pods that could be read, and what is wrong with the rest. */
interface Input {
  readonly entries: readonly PodEntry[];
  readonly problems: readonly Problem[];
  /** Whether the pods are one node's set, in which names must not clash. */
  readonly isSet: boolean;
}

/** One judged pod, or one file's problems. */
interface Finding {
  readonly report: PodReport;
  readonly problems: readonly Problem[];
}

/**
 * Judges everything and prints the report.
 *
 * @returns whether every pod would be taken
 */
export async function validatePaths(
  context: CliContext,
  options: ValidateOptions,
): Promise<boolean> {
  const judging: JudgeOptions = {
    nodeName: options.nodeName ?? defaultNodeName(),
    kubeletVersion: options.kubeletVersion ?? await runningKubeletVersion(),
  };
  const findings: Finding[] = [];
  for await (const input of inputs(context, options)) findings.push(...judgeInput(input, judging));
  const shown = options.warnings ? findings : findings.map(withoutWarnings);
  const report = validationReport(shown.map((finding) => finding.report));
  const { stdout } = context.world;
  if (options.output === "json") stdout.write(formatJson(report));
  else if (options.output === "github") stdout.write(githubAnnotations(report));
  else stdout.write(textReport(shown, options.color));
  return report.valid;
}

async function* inputs(context: CliContext, options: ValidateOptions): AsyncGenerator<Input> {
  if (options.paths.length === 0) {
    const path = context.globals.config ?? DEFAULT_CONFIG_PATH;
    const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
    const { files, problems } = await loadConfig(path, host);
    yield { entries: files.flatMap((file) => file.entries), problems, isSet: true };
    return;
  }
  const together: Input[] = [];
  for await (const file of readPodFiles(options.paths, context.world.readStdin)) {
    const { entries, problems, hasNodeConfig } = "problem" in file
      ? { entries: [], problems: [file.problem], hasNodeConfig: false }
      : parsePodFile(file.text, file.path);
    const input = { entries, problems, isSet: hasNodeConfig };
    if (options.asNode) together.push(input);
    else yield input;
  }
  if (!options.asNode) return;
  yield {
    entries: together.flatMap((input) => input.entries),
    problems: together.flatMap((input) => input.problems),
    isSet: true,
  };
}

function judgeInput(input: Input, options: JudgeOptions): readonly Finding[] {
  const clashes = input.isSet ? declarePods(input.entries).problems : [];
  const verdicts: readonly Verdict[] = input.isSet
    ? judgeAsNode(input.entries.map(({ pod }) => pod), options)
    : input.entries.map(({ pod }) => judge(pod, options));
  const pods = input.entries.flatMap((entry, at): readonly Finding[] => {
    const verdict = verdicts[at];
    if (verdict === undefined) return [];
    return [{ report: podReport(entry, verdict), problems: verdictProblems(entry, verdict) }];
  });
  const byFile = Map.groupBy([...input.problems, ...clashes], ({ file }) => file);
  const files = [...byFile].flatMap(([file, problems]): readonly Finding[] =>
    problems.some(({ severity }) => severity === "error")
      ? [{ report: undecodableReport(file, problems), problems }]
      : []
  );
  return [...files, ...pods];
}

function withoutWarnings({ report, problems }: Finding): Finding {
  return {
    report: { ...report, warnings: [] },
    problems: problems.filter(({ severity }) => severity === "error"),
  };
}

function textReport(findings: readonly Finding[], color: boolean): string {
  const problems = findings.flatMap((finding) => finding.problems);
  const refused = findings.filter(({ report }) => !report.valid).length;
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const summary = [
    counted(findings.length, "pod"),
    refused === 0 ? "all valid" : `${refused} refused`,
    ...(warnings === 0 ? [] : [counted(warnings, "warning")]),
  ];
  return [
    ...problems.map((problem) => `${formatProblem(problem, { color })}\n`),
    `${summary.join(", ")}\n`,
  ].join("\n");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

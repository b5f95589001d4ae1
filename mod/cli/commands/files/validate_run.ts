import { progressLine } from "../../shell/progress.ts";
import { existsSync } from "node:fs";
import {
  loadConfig,
  type LoadedConfig,
  type ParsedFile,
  parsePodFile,
  patientFs,
  settingsIn,
  substituteParsed,
} from "../../../config/mod.ts";
import { controlPlaneEntries, controlPlaneSettingsProblems } from "../../../controlplane/mod.ts";
import {
  judgeResolved,
  objectSource,
  type ResolveOptions,
  sealedInEntries,
  type Unseal,
} from "../../../materialize/mod.ts";
import { formatProblem } from "../../../text/mod.ts";
import { isJsonObject, type JsonValue, type Problem, UsageError } from "../../../core/mod.ts";
import type { FeatureGates } from "../../../kubelet/mod.ts";
import { defaultNodeAddress, defaultNodeName } from "../../../os/mod.ts";
import {
  declareObjects,
  declarePods,
  fileReport,
  gateProblems,
  gateProblemText,
  githubAnnotations,
  isNewerThanKnown,
  joinWarnings,
  judge,
  judgeAsNode,
  type JudgeOptions,
  minorOf,
  NEWEST_MINOR,
  type ObjectEntry,
  OLDEST_MINOR,
  type PodEntry,
  type PodReport,
  podReport,
  validationReport,
  type Verdict,
  verdictProblems,
} from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { agentEnvironment } from "../../shell/agent.ts";
import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { judgedByNode, type Judging } from "../../shell/judged_by.ts";
import { judgedByText } from "../../output/assumed_gates.ts";
import { documentOf, formatJson } from "../../output/mod.ts";
import { readPodFiles } from "./pod_files.ts";

/** Options of `podstead validate`. */
export interface ValidateOptions {
  /** Files, directories, `-`; none for the node's own config. */
  readonly paths: readonly string[];
  readonly output: "text" | "json" | "github";
  readonly nodeName?: string;
  readonly kubeletVersion?: string;
  readonly featureGates?: FeatureGates;
  readonly verbose: boolean;
  readonly asNode: boolean;
  readonly warnings: boolean;
  readonly color: boolean;
}

/** What is judged: pods that could be read, and what is wrong with the rest. */
interface Input {
  readonly entries: readonly PodEntry[];
  readonly objects: readonly ObjectEntry[];
  readonly problems: readonly Problem[];
  /** Whether the pods are one node's set, in which names must not clash. */
  readonly isSet: boolean;
  /** Whether the node's config wants each value of a Secret sealed. */
  readonly sealedOnly?: boolean;
  /** Opens sealed values; absent if they cannot be looked into. */
  readonly unseal?: Unseal;
}

/** One judged pod, or what is wrong with one file. */
interface Finding {
  readonly subject: "pod" | "file";
  readonly report: PodReport;
  readonly problems: readonly Problem[];
}

/**
 * Judges everything and prints the report.
 *
 * @returns whether every pod would be taken
 * @throws {UsageError} for feature gates that the kubelet does not have
 */
export async function validatePaths(
  context: CliContext,
  options: ValidateOptions,
): Promise<boolean> {
  const { by, unknownFields } = await judgingOf(context, options);
  const foreign = unknownVersion(by.version);
  if (foreign !== undefined) context.world.stderr.write(`${foreign}\n`);
  if (options.verbose) context.world.stderr.write(judgedByText(by));
  const judging: JudgeOptions = {
    nodeName: options.nodeName ?? defaultNodeName(),
    kubeletVersion: by.version,
    featureGates: by.gates,
    standAlone: by.standAlone,
    unknownFields,
  };
  const judged: JudgedInput[] = [];
  const progress = progressLine(context.world);
  let pods = 0;
  const onPod = () => progress.show(`Judging pods: ${++pods} so far`);
  try {
    for await (const input of inputs(context, options)) {
      judged.push(judgeInput(input, judging, onPod));
    }
  } finally {
    progress.clear();
  }
  // As data each pod has its own copy.
  const findings = toFindings(options.output === "json" ? judged : joined(judged));
  const shown = options.warnings ? findings : findings.map(withoutWarnings);
  // A file that has only warnings is no entry of the report.
  const report = validationReport(
    shown.filter(({ subject, report }) => subject === "pod" || !report.valid)
      .map(({ report }) => report),
  );
  const { stdout } = context.world;
  if (options.output === "json") {
    stdout.write(formatJson(documentOf("ValidationReport", report)));
  } else if (options.output === "github") {
    stdout.write(githubAnnotations({ pods: shown.map(({ report }) => report) }));
  } else stdout.write(textReport(shown, options.color));
  return report.valid;
}

/** The kubelet to judge for: the one that was named, or this node's. */
async function judgingOf(
  context: CliContext,
  { kubeletVersion, featureGates = {} }: ValidateOptions,
): Promise<Judging> {
  const judging: Judging = kubeletVersion === undefined
    ? await judgedByNode(context, { gates: featureGates })
    : {
      by: { version: kubeletVersion, gates: featureGates, from: "given" },
      unknownFields: "refuse",
    };
  const minor = minorOf(judging.by.version ?? "") ?? NEWEST_MINOR;
  for (const problem of gateProblems(minor, featureGates)) {
    const text = gateProblemText(problem, minor);
    // Kubelets have hundreds of gates, and most have nothing to do with pods.
    if (problem.kind !== "unknown" || problem.near !== undefined) {
      throw new UsageError(`--feature-gates: ${text}`);
    }
    context.world.stderr.write(`--feature-gates: ${text}; ignored\n`);
  }
  return judging;
}

/** Words about a kubelet whose rules are not known; undefined for any other. */
function unknownVersion(version: string | undefined): string | undefined {
  const minor = minorOf(version ?? "");
  if (minor === undefined) return undefined;
  const nearest = Math.min(Math.max(minor, OLDEST_MINOR), NEWEST_MINOR);
  if (nearest === minor) return undefined;
  const unknown = isNewerThanKnown(version) ? ", and refusing what may be a new field" : "";
  return `The rules of kubelet 1.${minor} are not known; judging by those of 1.${nearest}${unknown}`;
}

async function* inputs(context: CliContext, options: ValidateOptions): AsyncGenerator<Input> {
  if (options.paths.length === 0) {
    const path = context.globals.config ?? DEFAULT_CONFIG_PATH;
    const loaded = await loadConfig(path, { ...hostFacts(), env: agentEnvironment(context) });
    const own = controlPlaneOf(loaded, path);
    yield {
      entries: [...loaded.files.flatMap((file) => file.entries), ...own.entries],
      objects: loaded.objects,
      problems: [...loaded.problems, ...own.problems],
      isSet: true,
      sealedOnly: loaded.settings?.secrets === "sealed-only",
      ...await unsealing(context, loaded),
    };
    return;
  }
  const together: Input[] = [];
  for await (const file of readPodFiles(options.paths, context.world.readStdin)) {
    const { entries, objects, problems, hasNodeConfig } = "problem" in file
      ? { entries: [], objects: [], problems: [file.problem], hasNodeConfig: false }
      : await substituted(parsePodFile(file.text, file.path), context);
    // Standard input has no path to be loaded from; the pods in it are still judged.
    const own = hasNodeConfig && existsSync(file.path)
      ? controlPlaneOf(await loadConfig(file.path, hostFacts()), file.path)
      : { entries: [], problems: [] };
    const input = {
      entries: [...entries, ...own.entries],
      objects,
      problems: [...problems, ...own.problems],
      isSet: hasNodeConfig,
    };
    if (options.asNode) together.push(input);
    else yield input;
  }
  if (!options.asNode) return;
  yield {
    entries: together.flatMap((input) => input.entries),
    objects: together.flatMap((input) => input.objects),
    problems: together.flatMap((input) => input.problems),
    isSet: true,
  };
}

/** A file as the node will have it: its own settings count, else those of the node's config. */
async function substituted(parsed: ParsedFile, context: CliContext): Promise<ParsedFile> {
  const host = hostFacts();
  const settings = parsed.hasNodeConfig ? settingsIn(parsed, host) : await nodeSettings(context);
  if (!settings?.substitute) return parsed;
  const sources = { ...settings, env: agentEnvironment(context), fs: patientFs() };
  const { parsed: own, problems } = await substituteParsed(parsed, sources);
  return { ...own, problems: [...own.problems, ...problems] };
}

/** Undefined if the node has no config, or one that cannot be used. */
async function nodeSettings({ globals }: CliContext) {
  const path = globals.config ?? DEFAULT_CONFIG_PATH;
  return existsSync(path) ? (await loadConfig(path, hostFacts())).settings : undefined;
}

/**
 * Opens the sealed values of a config, as the agent would. Another user than root cannot read the
 * identity, so then they are not looked into.
 */
async function unsealing(
  { world }: CliContext,
  { settings, objects }: LoadedConfig,
): Promise<{ readonly unseal?: Unseal }> {
  const values = sealedInEntries(objects);
  if (values.length === 0 || world.uid !== 0) return {};
  const { Unsealer } = await import("../../../secrets/mod.ts");
  const unsealer = new Unsealer();
  await unsealer.prepare(values, { file: settings?.identityFile ?? null });
  return { unseal: (sealed) => unsealer.check(sealed) };
}

function hostFacts() {
  return { hostname: defaultNodeName(), address: defaultNodeAddress() };
}

/** The control plane that a config asks for: its pods, and what is wrong with its settings. */
function controlPlaneOf(
  { settings, placeOf }: LoadedConfig,
  file: string,
): Pick<Input, "entries" | "problems"> {
  if (settings === undefined) return { entries: [], problems: [] };
  const source = { config: settings.controlPlane, node: settings.node, file, placeOf };
  return { entries: controlPlaneEntries(source), problems: controlPlaneSettingsProblems(source) };
}

/** A judged input: what is wrong with its files, and the verdict on each of its pods. */
interface JudgedInput {
  readonly problems: readonly Problem[];
  readonly pods: readonly { readonly entry: PodEntry; readonly verdict: Verdict }[];
}

function judgeInput(input: Input, options: JudgeOptions, onPod: () => void): JudgedInput {
  const clashes = input.isSet ? declarePods(input.entries).problems : [];
  const objects = declareObjects(input.objects, new Map(), {
    sealedOnly: input.sealedOnly ?? false,
  });
  const judgeAll = (pods: readonly JsonValue[]): readonly Verdict[] =>
    input.isSet ? judgeAsNode(pods, options) : pods.map((pod) => {
      onPod();
      return judge(pod, options);
    });
  const verdicts = judgeAnyResolved(input.entries.map(({ pod }) => pod), {
    objects: objectSource(objects.objects.map(({ object }) => object)),
    nodeName: options.nodeName,
    volumesDirectory: VOLUMES_DIRECTORY,
    ...(input.unseal === undefined ? {} : { unseal: input.unseal }),
  }, judgeAll);
  const pods = input.entries.flatMap((entry, at) => {
    const verdict = verdicts[at];
    return verdict === undefined ? [] : [{ entry, verdict }];
  });
  return { problems: [...input.problems, ...objects.problems, ...clashes], pods };
}

/** Where the files of volumes would be; which directory it is does not matter to the verdict. */
const VOLUMES_DIRECTORY = "/run/podstead/volumes";

/** `judgeResolved` for documents that may be anything. */
function judgeAnyResolved(
  pods: readonly JsonValue[],
  options: ResolveOptions,
  judgeAll: (pods: readonly JsonValue[]) => readonly Verdict[],
): readonly Verdict[] {
  const others = judgeAll(pods.filter((pod) => !isJsonObject(pod))).values();
  const resolved = judgeResolved(pods.filter((pod) => isJsonObject(pod)), options, judgeAll)
    .values();
  return pods.flatMap((pod): readonly Verdict[] => {
    const { value } = isJsonObject(pod) ? resolved.next() : others.next();
    if (value === undefined) return [];
    const { errors, warnings } = value;
    return [{ valid: errors.length === 0, errors, warnings }];
  });
}

/** Warnings that a whole run gives once. */
function joined(inputs: readonly JudgedInput[]): readonly JudgedInput[] {
  const warnings = joinWarnings(
    inputs.flatMap(({ pods }) => pods.map(({ verdict }) => verdict.warnings)),
  );
  let next = 0;
  return inputs.map(({ problems, pods }) => ({
    problems,
    pods: pods.map(({ entry, verdict }) => ({
      entry,
      verdict: { ...verdict, warnings: warnings[next++] ?? [] },
    })),
  }));
}

function toFindings(inputs: readonly JudgedInput[]): readonly Finding[] {
  return inputs.flatMap(({ problems, pods }) => {
    const byFile = Map.groupBy(problems, ({ file }) => file);
    return [
      ...[...byFile].map(([file, ofFile]): Finding => ({
        subject: "file",
        report: fileReport(file, ofFile),
        problems: ofFile,
      })),
      ...pods.map(({ entry, verdict }): Finding => ({
        subject: "pod",
        report: podReport(entry, verdict),
        problems: verdictProblems(entry, verdict),
      })),
    ];
  });
}

function withoutWarnings({ subject, report, problems }: Finding): Finding {
  return {
    subject,
    report: { ...report, warnings: [] },
    problems: problems.filter(({ severity }) => severity === "error"),
  };
}

function textReport(findings: readonly Finding[], color: boolean): string {
  const problems = findings.flatMap((finding) => finding.problems);
  const pods = findings.filter(({ subject }) => subject === "pod");
  const refused = pods.filter(({ report }) => !report.valid).length;
  const badFiles =
    findings.filter(({ subject, report }) => subject === "file" && !report.valid).length;
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const summary = [
    counted(pods.length, "pod"),
    ...(refused > 0 ? [`${refused} refused`] : badFiles === 0 ? ["all valid"] : []),
    ...(badFiles === 0 ? [] : [`${counted(badFiles, "file")} with errors`]),
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

/** Sorts the documents of one file: node config, pods, control plane documents, others. */
import type { ControlPlaneDocument } from "../controlplane/mod.ts";
import { allAtOnce, getOwn, isJsonObject, nearest } from "../core/mod.ts";
import type { JsonObject, JsonValue, Path, Position, Problem, Steps } from "../core/mod.ts";
import type { ObjectEntry, PodEntry, PodListName } from "../pods/mod.ts";
import { documentsOf, holdsSecret, isQuotable, type ScannedYaml, scanYaml } from "../yaml/mod.ts";
import { byPosition, checkSettings, describeValue, placeAt, problemAt } from "./check_settings.ts";
import type { CheckedText, Place } from "./check_settings.ts";
import { controlPlaneDocumentSchemas } from "./schema/control_plane/documents.ts";
import {
  ACCEPTED,
  ACCEPTED_KINDS,
  kindHint,
  podEntry,
  takeList,
  takeStaticPodConfig,
} from "./pod_documents.ts";
import { type StopEntry, STOPPED_PODS_KIND, takeStoppedPods } from "./stopped_pods.ts";
import { nodeConfigSchema } from "./schema/node_config.ts";
import type { NodeConfig } from "./schema/node_config.ts";

/**
 * What a file is read as: `main` may hold the node config, `include` must not,
 * `any` is a file on the command line, which may be either.
 */
export type FileRole = "main" | "include" | "any";

/** A Talos 1.14 control plane document and where it stands. */
export interface PlacedDocument {
  readonly document: ControlPlaneDocument;
  readonly file: string;
  readonly position: Position;
  readonly sourceLine: string;
  /** Where the key at a path of it stands. */
  readonly placeOf: (path: Path) => Place;
}

/** What one text holds. */
export interface ParsedFile {
  /** The checked node config; undefined if there is none or it has an error. */
  readonly nodeConfig: NodeConfig | undefined;
  /** Where the key at a path of the node config stands; undefined if there is none. */
  readonly placeOf: (path: Path) => Place | undefined;
  /** True if every document of the file could be read; false after a syntax error. */
  readonly complete: boolean;
  /** True if the file has a node config, even one with errors. */
  readonly hasNodeConfig: boolean;
  /** True if there is no document: nothing, or nothing but comments. */
  readonly isEmpty: boolean;
  /** True if there are documents, and each is one of Talos's that podstead ignores. */
  readonly isIgnored: boolean;
  readonly entries: readonly PodEntry[];
  /** The ConfigMaps and Secrets that it has. */
  readonly objects: readonly ObjectEntry[];
  /** The pods that it stops. */
  readonly stops: readonly StopEntry[];
  /** Lists that are absent or null: unlike "[]" they do not say that they are empty. */
  readonly missingLists: ReadonlySet<PodListName>;
  readonly controlPlaneDocuments: readonly PlacedDocument[];
  readonly problems: readonly Problem[];
  /** The text, if anything is wrong with it and it is not too long to be searched for names. */
  readonly brokenText?: string;
}

/** Reads one text and reports everything that is wrong with it, except what is wrong in a pod. */
export function parseConfigText(text: string, file: string, role: FileRole): ParsedFile {
  return allAtOnce(sortSteps(scanYaml(text, file), file, role));
}

/** The same of a text that was read as YAML, in steps. */
export function* sortSteps(yaml: ScannedYaml, file: string, role: FileRole): Steps<ParsedFile> {
  const { text } = yaml;
  const parsed = documentsOf(yaml);
  const result = new FileBuilder(parsed.problems.length === 0);
  result.problems.push(...parsed.problems);
  for (const document of parsed.documents) {
    yield;
    if (document.value === null) continue;
    takeDocument(result, { file, document, lineText: parsed.lineText }, role);
  }
  if (!result.hasPodsList) result.missingLists.add("machine.pods");
  const documents = parsed.documents.filter(({ value }) => value !== null).length;
  const ignored = result.problems.filter(({ code }) => code === "ignored-document").length;
  result.isIgnored = ignored > 0 && ignored === documents;
  hideLines(result.problems, text);
  result.problems.sort(byPosition);
  limitProblems(result.problems, file);
  const isWrong = result.problems.some(({ severity }) => severity === "error");
  if (isWrong && text.length <= MAX_SEARCHED_CHARS) result.brokenText = text;
  result.isEmpty = parsed.problems.length === 0 &&
    parsed.documents.every((document) => document.value === null);
  if (role === "main" && result.isEmpty) result.problems.push(emptyFile(text, file));
  // A file with everything commented out is intended; one without even a comment is being written.
  if (role === "include" && text.trim() === "") {
    result.problems.push({
      ...emptyFile(text, file),
      wanted: `an object of kind ${ACCEPTED}`,
      hint: "Is it still being written? To remove its pods, delete the file",
    });
  }
  return result;
}

/** Reads a file of pods, or a node config, on its own: for `podstead validate FILE`. */
export function parsePodFile(text: string, file: string): ParsedFile {
  const parsed = parseConfigText(text, file, "any");
  return parsed.isEmpty ? { ...parsed, problems: [emptyFile(text, file)] } : parsed;
}

/** Problems of what may be a Secret, or a part of one that was cut off by a `---`. */
const UNSURE = [
  ...["missing-kind", "unknown-kind", "invalid-document"],
  ...["missing-api-version", "unknown-api-version"],
];

/** Takes out what those problems quote. */
function hideLines(problems: Problem[], text: string): void {
  if (!problems.some(({ code }) => UNSURE.includes(code))) return;
  const hasSecret = holdsSecret(text);
  for (const [at, { sourceLine = "", ...rest }] of problems.entries()) {
    if (!UNSURE.includes(rest.code) || isQuotable(sourceLine, hasSecret)) continue;
    const message = rest.code === "invalid-document" ? "The document is no mapping" : rest.message;
    problems[at] = { ...rest, message };
  }
}

/** How long a text may be that is searched for each absent pod, in characters: some 0.1 ms. */
const MAX_SEARCHED_CHARS = 256 * 1024;

/** How many errors, and how many warnings, of one file are shown: more are not read. */
const MAX_TOLD = 100;

/** Takes out all but the first of very many. */
function limitProblems(problems: Problem[], file: string): void {
  for (const severity of ["error", "warning"] as const) {
    const all = problems.filter((problem) => problem.severity === severity);
    if (all.length <= MAX_TOLD + 1) continue;
    const untold = new Set(all.slice(MAX_TOLD));
    const told = problems.filter((one) => !untold.has(one));
    problems.length = 0;
    for (const problem of told) problems.push(problem);
    problems.push({
      severity,
      code: "too-many-problems",
      file,
      path: [],
      message: `${untold.size} more ${severity}s of this file are not shown`,
    });
  }
}

/** A file without any document: cut while it was written, or all commented out. */
function emptyFile(text: string, file: string): Problem {
  const blank = text.trim() === "";
  return {
    severity: "error",
    code: "empty-file",
    file,
    path: [],
    message: blank ? "The file is empty" : "The file holds nothing but comments",
    wanted: "a node config or a Pod",
    hint: blank
      ? 'Is it still being written? A config that sets nothing is written as "machine: {}"'
      : 'A config that sets nothing is written as "machine: {}"',
  };
}

class FileBuilder implements ParsedFile {
  readonly complete: boolean;
  isEmpty = false;
  isIgnored = false;
  nodeConfig: NodeConfig | undefined;
  nodeConfigText: CheckedText | undefined;
  readonly entries: PodEntry[] = [];
  readonly objects: ObjectEntry[] = [];
  readonly stops: StopEntry[] = [];
  readonly missingLists = new Set<PodListName>();
  hasPodsList = false;
  readonly controlPlaneDocuments: PlacedDocument[] = [];
  readonly problems: Problem[] = [];
  brokenText?: string;
  readonly placeOf = (path: Path): Place | undefined =>
    this.nodeConfigText && placeAt(this.nodeConfigText, path, "key");

  constructor(complete: boolean) {
    this.complete = complete;
  }

  get hasNodeConfig(): boolean {
    return this.nodeConfigText !== undefined;
  }
}

function takeDocument(result: FileBuilder, text: CheckedText, role: FileRole): void {
  const { value } = text.document;
  if (!isJsonObject(value)) {
    result.problems.push(problemAt(text, [], {
      code: "invalid-document",
      message: `The document is ${describeValue(value)}`,
      wanted: role === "include" ? `an object of kind ${ACCEPTED}` : "a node config or a Pod",
      ...(Array.isArray(value)
        ? {
          hint: 'Put the list under "kind: PodList" and "items:", or under "machine:" and "pods:"',
        }
        : {}),
    }));
    return;
  }
  const kind = typeMember(value, "kind");
  if (kind === undefined || kind === null) return takeWithoutKind(result, text, value, role);
  if (
    kind === "Pod" || kind === "PodList" || kind === "List" || kind === "ConfigMap" ||
    kind === "Secret"
  ) {
    if (!checkApiVersion(result, text, value, kind)) return;
  }
  switch (kind) {
    case "Pod":
      result.entries.push(podEntry(text, [], 0));
      return;
    case "ConfigMap":
    case "Secret":
      result.objects.push({ kind, entry: podEntry(text, [], 0) });
      return;
    case "PodList":
    case "List":
      return takeList(result, text, value, kind);
    case "KubeStaticPodConfig":
      return takeStaticPodConfig(result, text, value);
    case STOPPED_PODS_KIND:
      return takeStoppedPods(result, text);
    default:
      return takeOther(result, text, value, kind);
  }
}

/**
 * `kind` or `apiVersion` of a document, in any case, as the kubelet finds them
 * there and nowhere else; Talos itself writes `apiversion`.
 */
function typeMember(value: JsonObject, name: "kind" | "apiVersion"): JsonValue | undefined {
  const key = Object.hasOwn(value, name)
    ? name
    : Object.keys(value).find((other) => other.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : getOwn(value, key);
}

/** Without the right version a document is no core object, whatever its kind says. */
function checkApiVersion(
  result: FileBuilder,
  text: CheckedText,
  value: JsonObject,
  kind: string,
): boolean {
  const version = typeMember(value, "apiVersion");
  // "/v1" is the same to the kubelet: no group, version v1 (apimachinery: ParseGroupVersion).
  if (version === "v1" || version === "/v1") return true;
  const isMissing = version === undefined || version === null;
  result.problems.push(problemAt(text, isMissing ? ["kind"] : ["apiVersion"], {
    code: isMissing ? "missing-api-version" : "unknown-api-version",
    message: isMissing
      ? `The ${kind} has no "apiVersion"`
      : `There is no ${kind} of apiVersion ${describeValue(version)}`,
    wanted: '"apiVersion: v1"',
  }, isMissing ? "key" : "value"));
  return false;
}

function takeWithoutKind(
  result: FileBuilder,
  text: CheckedText,
  value: JsonObject,
  role: FileRole,
): void {
  const keys = Object.keys(value);
  const nodeKeys = ["machine", "cluster", "agent"];
  const looksLikeNode = keys.some((key) => nodeKeys.includes(key));
  const looksLikePod = !looksLikeNode && (keys.includes("spec") || keys.includes("metadata"));
  if (looksLikePod || (role === "include" && !looksLikeNode)) {
    result.problems.push(problemAt(text, [], {
      code: "missing-kind",
      message: 'The document has no "kind"',
      wanted: `"kind: " with ${ACCEPTED}`,
      ...(looksLikePod
        ? { hint: 'For a pod, begin it with "apiVersion: v1" and "kind: Pod"' }
        : {}),
    }));
    return;
  }
  if (role === "include") {
    const key = keys.find((name) => nodeKeys.includes(name)) ?? "machine";
    result.problems.push(problemAt(text, [key], {
      code: "settings-in-include",
      message: `"${key}" cannot stand in an included file`,
      wanted: `objects of kind ${ACCEPTED}`,
      hint: "Settings belong into the main config file",
    }, "key"));
    return;
  }
  const first = result.nodeConfigText;
  if (first !== undefined) {
    // It cannot be known which of the two is meant.
    result.nodeConfig = undefined;
    result.problems.push(problemAt(text, [], {
      code: "second-node-config",
      message: 'A second document without "kind"; a file has one node config',
      wanted: `an object of kind ${ACCEPTED}`,
      hint: "Join it with the first, or give it its kind",
      related: { file: first.file, position: first.document.start },
    }));
    return;
  }
  result.nodeConfigText = text;
  const checked = checkSettings(nodeConfigSchema, text);
  result.nodeConfig = checked.output;
  result.problems.push(...checked.problems);
  const machine = getOwn(value, "machine");
  const pods = isJsonObject(machine) ? getOwn(machine, "pods") : undefined;
  if (Array.isArray(pods)) {
    result.hasPodsList = true;
    pods.forEach((_, index) =>
      result.entries.push(podEntry(text, ["machine", "pods", index], index, "machine.pods"))
    );
  }
}

function takeOther(
  result: FileBuilder,
  text: CheckedText,
  value: JsonObject,
  kind: JsonValue,
): void {
  if (typeof kind === "string" && Object.hasOwn(controlPlaneDocumentSchemas, kind)) {
    // The check above is what makes the name one of the schemas' keys.
    const name = kind as keyof typeof controlPlaneDocumentSchemas;
    const checked = checkSettings(controlPlaneDocumentSchemas[name], text);
    if (checked.output !== undefined) {
      const position = text.document.start;
      result.controlPlaneDocuments.push({
        document: checked.output,
        file: text.file,
        position,
        sourceLine: text.lineText(position.line),
        placeOf: (path) => placeAt(text, path, "key"),
      });
    }
    result.problems.push(...checked.problems);
    return;
  }
  const near = typeof kind === "string" ? nearest(kind, ACCEPTED_KINDS) : undefined;
  // Talos's own documents have none of the keys of a pod.
  const mayBePod = ["metadata", "spec", "pod"].some((key) => Object.hasOwn(value, key));
  if (
    getOwn(value, "apiVersion") === "v1alpha1" && typeof kind === "string" &&
    near === undefined && !mayBePod
  ) {
    result.problems.push({
      ...problemAt(text, ["kind"], {
        code: "ignored-document",
        message: `Talos documents that podstead does not manage are ignored: ${kind}`,
      }),
      severity: "warning",
    });
    return;
  }
  result.problems.push(problemAt(text, ["kind"], {
    code: "unknown-kind",
    message: `Objects of kind ${describeValue(kind)} are not accepted`,
    wanted: ACCEPTED,
    ...kindHint(kind),
  }));
}

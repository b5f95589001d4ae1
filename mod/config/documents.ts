/** Sorts the documents of one file: node config, pods, control plane documents, others. */
import type { ControlPlaneDocument } from "../controlplane/mod.ts";
import { getOwn, isJsonObject, nearest } from "../core/mod.ts";
import type { JsonObject, JsonValue, Path, Position, Problem } from "../core/mod.ts";
import type { PodEntry } from "../pods/mod.ts";
import { parseYaml } from "../yaml/mod.ts";
import { byPosition, checkSettings, describeValue, problemAt } from "./check_settings.ts";
import type { CheckedText } from "./check_settings.ts";
import { controlPlaneDocumentSchemas } from "./schema/cluster.ts";
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
}

/** What one text holds. */
export interface ParsedFile {
  /** The checked node config; undefined where there is none or it has an error. */
  readonly nodeConfig: NodeConfig | undefined;
  /** True where every document of the file could be read; false after a syntax error. */
  readonly complete: boolean;
  /** True where the file has a node config, even one with errors. */
  readonly hasNodeConfig: boolean;
  readonly entries: readonly PodEntry[];
  readonly controlPlaneDocuments: readonly PlacedDocument[];
  readonly problems: readonly Problem[];
}

const POD_KINDS = ["Pod", "PodList", "List", "KubeStaticPodConfig"] as const;
const ACCEPTED_KINDS = [...POD_KINDS, ...Object.keys(controlPlaneDocumentSchemas)];
const ACCEPTED = "Pod, PodList, List (of Pods) or KubeStaticPodConfig";
// Objects that hold a pod template: what people most often paste by mistake.
const TEMPLATE_KINDS = new Set([
  "Deployment",
  "DaemonSet",
  "StatefulSet",
  "ReplicaSet",
  "ReplicationController",
  "Job",
  "CronJob",
]);

/** Reads one text and reports everything that is wrong with it, except what is wrong in a pod. */
export function parseConfigText(text: string, file: string, role: FileRole): ParsedFile {
  const parsed = parseYaml(text, file);
  const result = new FileBuilder(parsed.problems.length === 0);
  result.problems.push(...parsed.problems);
  for (const document of parsed.documents) {
    if (document.value === null) continue;
    takeDocument(result, { file, document, lineText: parsed.lineText }, role);
  }
  result.problems.sort(byPosition);
  const nothing = parsed.problems.length === 0 &&
    parsed.documents.every((document) => document.value === null);
  if (role === "main" && nothing) result.problems.push(emptyFile(text, file));
  // All commented out is a wish; not even a comment is a file that is just being written.
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
  const empty = parsed.problems.length === 0 && parsed.entries.length === 0 &&
    !parsed.hasNodeConfig && parsed.controlPlaneDocuments.length === 0;
  if (!empty) return parsed;
  return { ...parsed, hasNodeConfig: false, problems: [emptyFile(text, file)] };
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
  nodeConfig: NodeConfig | undefined;
  nodeConfigText: CheckedText | undefined;
  readonly entries: PodEntry[] = [];
  readonly controlPlaneDocuments: PlacedDocument[] = [];
  readonly problems: Problem[] = [];

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
  const kind = getOwn(value, "kind");
  if (kind === undefined || kind === null) return takeWithoutKind(result, text, value, role);
  switch (kind) {
    case "Pod":
      result.entries.push(podEntry(text, [], 0));
      return;
    case "PodList":
    case "List":
      return takeList(result, text, value, kind);
    case "KubeStaticPodConfig":
      return takeStaticPodConfig(result, text, value);
    default:
      return takeOther(result, text, value, kind);
  }
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
    // Which of the two is meant nobody can know.
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
    pods.forEach((_, index) =>
      result.entries.push(podEntry(text, ["machine", "pods", index], index))
    );
  }
}

function takeList(
  result: FileBuilder,
  text: CheckedText,
  value: JsonObject,
  kind: "PodList" | "List",
): void {
  const items = getOwn(value, "items") ?? [];
  if (!Array.isArray(items)) {
    result.problems.push(problemAt(text, ["items"], {
      code: "invalid-value",
      message: `"items" of the ${kind} cannot be ${describeValue(items)}`,
      wanted: "a list of Pods",
    }));
    return;
  }
  items.forEach((item: JsonValue, index) => {
    const itemKind = isJsonObject(item) ? getOwn(item, "kind") : undefined;
    // The items of a PodList need no kind, and the kubelet ignores what they have.
    if (kind === "List" && itemKind !== "Pod") {
      result.problems.push(problemAt(text, ["items", index], {
        code: "unknown-kind",
        message: itemKind === undefined
          ? `Item ${index} of the List has no kind`
          : `Item ${index} of the List is of kind ${describeValue(itemKind)}`,
        wanted: "kind Pod",
        ...kindHint(itemKind),
      }));
      return;
    }
    result.entries.push(podEntry(text, ["items", index], index));
  });
}

function takeStaticPodConfig(result: FileBuilder, text: CheckedText, value: JsonObject): void {
  const wrong = (key: "apiVersion" | "name" | "pod", wanted: string) => {
    const current = getOwn(value, key);
    const what = current === undefined ? "is missing" : `cannot be ${describeValue(current)}`;
    result.problems.push(problemAt(text, [key], {
      code: current === undefined ? "missing-key" : "invalid-value",
      message: `"${key}" of the KubeStaticPodConfig ${what}`,
      wanted,
    }, current === undefined ? "key" : "value"));
  };
  const { apiVersion, name, pod } = {
    apiVersion: getOwn(value, "apiVersion"),
    name: getOwn(value, "name"),
    pod: getOwn(value, "pod"),
  };
  if (apiVersion !== "v1alpha1") wrong("apiVersion", "v1alpha1");
  // Source: Talos's rule for the name of this document, a DNS subdomain.
  const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  if (
    typeof name !== "string" || name.length > 253 ||
    !new RegExp(`^${label}(\\.${label})*$`).test(name)
  ) {
    wrong("name", 'lower-case letters, digits, "-" and ".", at most 253');
  }
  for (const key of Object.keys(value)) {
    if (["apiVersion", "kind", "name", "pod"].includes(key)) continue;
    const near = nearest(key, ["name", "pod", "apiVersion"]);
    result.problems.push(problemAt(text, [key], {
      code: "unknown-key",
      message: `Unknown key "${key}" in the KubeStaticPodConfig`,
      wanted: "one of apiVersion, kind, name, pod",
      ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
    }, "key"));
  }
  if (!isJsonObject(pod) || Object.keys(pod).length === 0) {
    wrong("pod", "a Pod");
    return;
  }
  result.entries.push(podEntry(text, ["pod"], 0));
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
      });
    }
    result.problems.push(...checked.problems);
    return;
  }
  const near = typeof kind === "string" ? nearest(kind, ACCEPTED_KINDS) : undefined;
  if (
    getOwn(value, "apiVersion") === "v1alpha1" && typeof kind === "string" && near === undefined
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

function kindHint(kind: JsonValue | undefined): { hint: string } | Record<never, never> {
  if (typeof kind !== "string") return {};
  if (TEMPLATE_KINDS.has(kind)) {
    return { hint: "The kubelet runs pods only: make a Pod of what stands in spec.template" };
  }
  const near = nearest(kind, ACCEPTED_KINDS);
  return near === undefined
    ? { hint: "Other objects need an API server; a node without one runs pods only" }
    : { hint: `Did you mean "${near}"?` };
}

function podEntry(text: CheckedText, base: Path, index: number): PodEntry {
  const { document, file } = text;
  let pod: JsonValue = document.value;
  for (const segment of base) pod = (pod as JsonObject)[segment] ?? null;
  return {
    source: {
      file,
      document: document.index,
      index,
      position: document.positionOf(base),
    },
    pod,
    positionOf: (path) => document.positionOf([...base, ...path]),
    lineText: text.lineText,
  };
}

/** Joins the warnings about ignored documents into one for each file. */
export function joinIgnored(problems: readonly Problem[]): readonly Problem[] {
  const joined: Problem[] = [];
  const places = new Map<string, number>();
  for (const problem of problems) {
    const at = problem.code === "ignored-document" ? places.get(problem.file) : undefined;
    const earlier = at === undefined ? undefined : joined[at];
    if (at === undefined || earlier === undefined) {
      if (problem.code === "ignored-document") places.set(problem.file, joined.length);
      joined.push(problem);
      continue;
    }
    const kind = problem.message.split(": ").at(-1) ?? "";
    const kinds = (earlier.message.split(": ").at(-1) ?? "").split(", ");
    if (!kinds.includes(kind)) joined[at] = { ...earlier, message: `${earlier.message}, ${kind}` };
  }
  return joined;
}

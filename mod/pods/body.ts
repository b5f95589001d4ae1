/**
 * The kubelet's verdict on a whole body of its manifest URL, which stands or
 * falls as one.
 *
 * Source: kubernetes 1.36 pkg/kubelet/config/common.go, `tryDecodeSinglePod` and
 * `tryDecodePodList`; k8s.io/apimachinery pkg/runtime/serializer.
 */
import { formatPath, isJsonObject } from "../core/mod.ts";
import type { JsonObject, JsonValue, Path } from "../core/mod.ts";
import { decodeText, parseYaml } from "../yaml/mod.ts";
import type { DecodedText, YamlDocument } from "../yaml/mod.ts";
import { undecodable } from "./issue.ts";
import type { PodIssue } from "./issue.ts";
import { judgeDecoded, kubeletRules } from "./judge.ts";
import type { JudgeOptions } from "./judge.ts";
import { DecodeReport, Pod, PodList, readKind } from "./types/mod.ts";

/** What the kubelet makes of a body. */
export interface BodyVerdict {
  /** Whether it takes the body. */
  readonly valid: boolean;
  /** What the body was read as; `none` where it is neither. */
  readonly mode: "pod" | "list" | "none";
  /** Of the first pod that is refused; the kubelet looks no further. */
  readonly errors: readonly PodIssue[];
  /** The pods as the kubelet would hold them; empty for a refused body. */
  readonly pods: readonly Pod[];
}

/** Judges a body by its bytes. Never throws. */
export function judgeBody(bytes: Uint8Array, options: JudgeOptions): BodyVerdict {
  const decoded = decodeBody(bytes);
  return decoded.ok ? judgeText(decoded.text, options) : undecodableBody(decoded.problem.message);
}

/** In JSON, Go puts U+FFFD where bytes are no UTF-8; in YAML it refuses them. */
function decodeBody(bytes: Uint8Array): DecodedText {
  const isJson = /^[ \t\r\n]*\{[^\0]/.test(String.fromCharCode(...bytes.subarray(0, 256)));
  if (!isJson) return decodeText(bytes, "-");
  return { ok: true, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
}

function judgeText(
  text: string,
  options: JudgeOptions,
  variants: readonly string[] = withEarlierDuplicates(text),
): BodyVerdict {
  const { documents, problems } = parseYaml(text, "-", { duplicateKeys: "last" });
  // What comes after the first document is not even read.
  const document = documents.find(({ index }) => index === 0);
  if (document === undefined) {
    return undecodableBody(problems[0]?.message ?? "the body has no document");
  }
  for (const variant of variants) {
    const verdict = judgeText(variant, options, []);
    if (verdict.mode === "none") return verdict;
  }
  const literals = /^\s*\{/.test(text) ? literalsOf(text, document) : undefined;
  return judgeDocument(document.value, options, literals);
}

/**
 * Go decodes every value of a key that stands twice in a JSON object, so one that
 * does not fit is an error although the last one counts: for each later key, the
 * text that does not name it.
 */
function withEarlierDuplicates(text: string): readonly string[] {
  if (!/^\s*\{/.test(text)) return [];
  const lines = text.split("\n");
  const duplicates = parseYaml(text, "-").problems.filter(({ code }) => code === "duplicate-key");
  return duplicates.flatMap(({ position }) => {
    if (position === undefined) return [];
    const before = lines.slice(0, position.line - 1).join("\n").length;
    const offset = before + (position.line > 1 ? 1 : 0) + position.column;
    return [`${text.slice(0, offset)}~${text.slice(offset)}`];
  });
}

/** Whether the number at a path is written as a whole one. */
type IsWhole = (path: Path) => boolean;

/** In JSON, Go takes no `1.0` and no `1e3` for an integer. */
function literalsOf(text: string, document: YamlDocument): IsWhole {
  const lines = text.split("\n");
  return (path) => {
    const { line, column } = document.positionOf(path);
    return !/^-?\d+[.eE]/.test((lines[line - 1] ?? "").slice(column - 1));
  };
}

/** Judges a body that has been parsed. */
export function judgeDocument(
  value: JsonValue,
  options: JudgeOptions,
  isWhole?: IsWhole,
): BodyVerdict {
  if (!isJsonObject(value)) return undecodableBody("must be a mapping");
  const kind = foldedField(value, "kind");
  const apiVersion = foldedField(value, "apiVersion");
  if (typeof kind !== "string" || kind === "") return undecodableBody("kind is missing");
  if (typeof apiVersion !== "string" || apiVersion === "") {
    return undecodableBody("apiVersion is missing");
  }
  if (apiVersion !== "v1" && apiVersion !== "/v1") {
    return undecodableBody(`no kind "${kind}" is known for version "${apiVersion}"`);
  }
  if (kind === "Pod") return judgePods(value, "pod", options, isWhole);
  if (kind === "PodList") return judgePods(value, "list", options, isWhole);
  return undecodableBody(`must be a Pod or a PodList, current kind is "${kind}"`);
}

/** A field in any case; the last one that fits counts, as in Go. */
function foldedField(object: JsonObject, name: string): JsonValue | undefined {
  const wanted = name.toLowerCase();
  let found: JsonValue | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (key.toLowerCase() === wanted && value !== null) found = value;
  }
  return found;
}

function judgePods(
  value: JsonObject,
  mode: "pod" | "list",
  options: JudgeOptions,
  isWhole: IsWhole | undefined,
): BodyVerdict {
  const rules = kubeletRules(options);
  const integers: Path[] = [];
  const report = new DecodeReport(rules.minor, isWhole && integers);
  const decoded = mode === "pod"
    ? [readKind(Pod, value, report)]
    : readKind(PodList, value, report).items;
  const fraction = integers.find((path) => !isWhole?.(path));
  if (fraction !== undefined) {
    return undecodableBody(`${formatPath(fraction)} must be written as a whole number`);
  }
  const failure = report.failures[0];
  if (failure !== undefined) return undecodableBody(failure.message, failure.path);
  const pods: Pod[] = [];
  for (const [index, one] of decoded.entries()) {
    const { errors, pod } = judgeDecoded(one, mode, options.nodeName, rules);
    if (errors.length > 0) {
      return {
        valid: false,
        mode,
        errors: mode === "pod" ? errors : inList(errors, index),
        pods: [],
      };
    }
    if (pod !== undefined) pods.push(pod);
  }
  return { valid: true, mode, errors: [], pods };
}

function inList(errors: readonly PodIssue[], index: number): readonly PodIssue[] {
  return errors.map((error) => ({
    ...error,
    field: `items[${index}].${error.field}`,
    path: ["items", index, ...error.path],
  }));
}

function undecodableBody(detail: string, path: Path = []): BodyVerdict {
  return {
    valid: false,
    mode: "none",
    errors: [undecodable(path, formatPath(path), detail)],
    pods: [],
  };
}

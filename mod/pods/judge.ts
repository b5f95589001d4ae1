/** The kubelet's verdict on a pod, reached as the kubelet reaches it. */
import { canonicalJson, formatPath, getOwn, isJsonObject } from "../core/mod.ts";
import type { JsonObject, JsonValue } from "../core/mod.ts";
import { findApiReferences, findStandAlonePanics } from "./api_references.ts";
import { withDefaults } from "./defaults.ts";
import { clash, hostPortsOf } from "./host_ports.ts";
import type { HostPort } from "./host_ports.ts";
import { podKey } from "./identity.ts";
import { FieldPath, internalError, required, undecodable, warning } from "./issue.ts";
import type { PodIssue } from "./issue.ts";
import { SPEC_HASH_ANNOTATION, specHash, stampPod } from "./manifest.ts";
import type { GateSettings } from "./versions/feature_gates.ts";
import { minorOf, NEWEST_MINOR } from "./versions/minors.ts";
import {
  asWarning,
  gatesToCome,
  isNewerThanKnown,
  refusedField,
} from "./versions/newer_kubelet.ts";
import type { UnknownFields } from "./versions/newer_kubelet.ts";
import { rulesOf } from "./rules.ts";
import type { RuleOptions } from "./rules.ts";
import { asStaticPod } from "./static_pod.ts";
import { DecodeReport, Pod, readKind } from "./types/mod.ts";
import { validatePod } from "./validation/pod.ts";
import { describeUnknown, findWarnings, portTakenDetail } from "./warnings/mod.ts";
import type { NodeFacts } from "./warnings/mod.ts";

/** For which node and which kubelet to judge. */
export interface JudgeOptions extends NodeFacts {
  /** The kubelet appends it to the pod's name before it looks at its length. */
  readonly nodeName: string;
  /** Such as `1.34`; the newest known version where it is absent or no version. */
  readonly kubeletVersion?: string | undefined;
  /** The kubelet's feature gates, as far as they are set; the others have their defaults. */
  readonly featureGates?: GateSettings | undefined;
  /** What to do with unknown fields where the kubelet is newer than the known rules; default: refuse. */
  readonly unknownFields?: UnknownFields | undefined;
}

/** What the kubelet would say to a pod. */
export interface Verdict {
  /** Whether the kubelet takes the pod. */
  readonly valid: boolean;
  /** Every reason why not; empty for a valid pod. */
  readonly errors: readonly PodIssue[];
  /** What it takes but a person will regret. */
  readonly warnings: readonly PodIssue[];
}

/** What a pod is after the kubelet decoded it and set its defaults. */
export interface Judged extends Verdict {
  /** Absent if the pod does not decode or has no name. */
  readonly pod?: Pod;
}

/**
 * Judges one pod of a list as the kubelet does: decode, defaults, validation,
 * references to API objects. A later step is not taken when an earlier one
 * fails, as there. Never throws.
 */
export function judge(pod: JsonValue, options: JudgeOptions): Verdict {
  const { valid, errors, warnings } = judgeFully(pod, options);
  return { valid, errors, warnings };
}

/**
 * Judges a pod as it will be served, which is with the stamp of its spec hash:
 * annotations that fit their limit alone may not fit it with one more.
 */
export function judgeServed(pod: JsonObject, options: JudgeOptions): Verdict {
  return withStamp(pod, judge(pod, options), options);
}

/**
 * `judgeServed` for the set of one node: host ports that clash are warned of, as `judgeAsNode` does.
 *
 * @param memory what was judged before
 */
export function judgeServedSet(
  pods: readonly JsonObject[],
  options: JudgeOptions,
  memory = new VerdictMemory(),
): readonly Verdict[] {
  const verdicts = judgeAsNode(pods, options, memory);
  memory.forgetOthers();
  return pods.map((pod, at) => withStamp(pod, verdicts[at] ?? judge(pod, options), options));
}

/** Annotations below it, counted in JSON, fit with the stamp as well as without: the limit is 256 KiB. */
const AMPLE_ANNOTATIONS = 200_000;

function withStamp(pod: JsonObject, declared: Verdict, options: JudgeOptions): Verdict {
  if (!declared.valid || hasRoom(pod)) return declared;
  const served = judge(stampPod(pod, specHash(pod)), options);
  return served.valid ? declared : { ...declared, valid: false, errors: served.errors };
}

/** Whether the annotations of a valid pod are far from their limit: those of most are not even counted. */
function hasRoom(pod: JsonObject): boolean {
  const metadata = getOwn(pod, "metadata");
  const annotations = isJsonObject(metadata) ? getOwn(metadata, "annotations") : undefined;
  if (!isJsonObject(annotations)) return true;
  let most = 2;
  for (const key of Object.keys(annotations)) {
    // At most `\u0000` stands for one character; then quotes and signs.
    most += 6 * (key.length + String(annotations[key] ?? "").length) + 6;
  }
  return most < AMPLE_ANNOTATIONS || canonicalJson(annotations).length < AMPLE_ANNOTATIONS;
}

/** `judge`, with the pod as the kubelet holds it. */
export function judgeFully(value: JsonValue, options: JudgeOptions): Judged {
  const rules = kubeletRules(options);
  const report = new DecodeReport(rules.minor);
  const decoded = readKind(Pod, value, report);
  if (report.failures.length > 0) {
    return {
      ...refuse(
        report.failures.map(({ path, message }) => undecodable(path, formatPath(path), message)),
      ),
      // Of a pod that is half read, only the names of its fields can be judged.
      warnings: report.unknown.map((unknown) => describeUnknown(unknown, value)),
    };
  }
  try {
    const judged = judgeDecoded(decoded, "list", options.nodeName, rules);
    const found = findWarnings({ pod: decoded, declared: value, rules, facts: options });
    const unknown = report.unknown.map((field) => describeUnknown(field, value));
    const warnings = [...unknown, ...found];
    const verdict = isNewerThanKnown(options.kubeletVersion)
      ? judgeAsNewer(decoded, { ...judged, warnings }, options)
      : { ...judged, warnings };
    const panics = options.standAlone === true ? findStandAlonePanics(decoded.spec) : [];
    if (panics.length === 0) return verdict;
    return { ...verdict, valid: false, errors: [...verdict.errors, ...panics] };
  } catch (error) {
    // A defect of the rules must cost one pod, not the list.
    const detail = error instanceof Error ? error.message : String(error);
    return refuse([internalError(FieldPath.root(""), detail)]);
  }
}

/** The verdict of a kubelet whose own rules are not known yet, from that of the newest known ones. */
function judgeAsNewer(decoded: Pod, known: Judged, options: JudgeOptions): Judged {
  const { nodeName, featureGates = {}, unknownFields = "refuse" } = options;
  const rules = rulesOf(NEWEST_MINOR, gatesToCome(featureGates));
  const { errors } = judgeDecoded(decoded, "list", nodeName, rules);
  const isRefused = (issue: PodIssue) =>
    errors.some(({ field, type }) => field === issue.field && type === issue.type);
  const unknown = unknownFields === "allow"
    ? []
    : known.warnings.filter(({ type }) => type === "Unknown field");
  return {
    ...known,
    valid: errors.length === 0 && unknown.length === 0,
    errors: [...errors, ...unknown.map(refusedField)],
    warnings: [
      ...known.warnings.filter((warning) => !unknown.includes(warning)),
      ...known.errors.filter((error) => !isRefused(error)).map(asWarning),
    ],
  };
}

function refuse(errors: readonly PodIssue[]): Judged {
  return { valid: false, errors, warnings: [] };
}

/** The rules of the kubelet to judge for. */
export function kubeletRules({ kubeletVersion, featureGates }: JudgeOptions): RuleOptions {
  return rulesOf(minorOf(kubeletVersion ?? "") ?? NEWEST_MINOR, featureGates);
}

/**
 * The verdict on a decoded pod, the kubelet's own way of doing it. Up to 1.33, and with
 * gate PreventStaticPodAPIReferences off, only a lone Pod's references are looked at.
 */
export function judgeDecoded(
  decoded: Pod,
  mode: "pod" | "list",
  nodeName: string,
  rules: RuleOptions,
): Judged {
  if (decoded.metadata.name === "") {
    return refuse([required(FieldPath.root("metadata").child("name"), "a pod needs a name")]);
  }
  const pod = asStaticPod(withDefaults(decoded, rules), { nodeName, uid: "" });
  const issues: PodIssue[] = [];
  validatePod(pod, rules, issues);
  const checksReferences = mode === "pod" || rules.apiReferences === "all";
  const references = issues.length === 0 && checksReferences
    ? findApiReferences(pod.spec, rules, decoded.spec)
    : [];
  const errors = [...issues, ...references];
  return { valid: errors.length === 0, errors, warnings: [], pod };
}

/**
 * Judges pods as the set of one node: each by itself, and a warning for each
 * host port that an earlier pod of the set has already.
 */
export function judgeAsNode(
  pods: readonly JsonValue[],
  options: JudgeOptions,
  memory = new VerdictMemory(),
): readonly Verdict[] {
  const taken: { readonly port: HostPort; readonly holder: string }[] = [];
  return pods.map((value) => {
    const { valid, errors, warnings, ports } = memory.judge(value, options);
    const clashes = ports.flatMap((port) => {
      const first = taken.find((other) => clash(port, other.port));
      return first === undefined ? [] : [portClash(port, first.holder)];
    });
    if (ports.length > 0) {
      const { namespace = "", name = "" } = podKey(value) ?? {};
      taken.push(...ports.map((port) => ({ port, holder: `pod "${namespace}/${name}"` })));
    }
    return { valid, errors, warnings: [...warnings, ...clashes] };
  });
}

function portClash({ path, port }: HostPort, holder: string): PodIssue {
  return warning(path, "Discouraged", portTakenDetail(port, holder), {
    rule: "host-port-used",
    hint: "Give one of the two another port",
  });
}

/** What is known of a pod: the verdict on it, and its ports of the node if it is valid. */
interface KnownVerdict extends Verdict {
  readonly ports: readonly HostPort[];
}

/**
 * The verdicts on the pods of a node: most pods of a reload are those of the last one, and
 * judging is the most that a reload does.
 */
export class VerdictMemory {
  /** Those that the verdicts were made by. */
  #options: JudgeOptions | undefined;
  readonly #known = new Map<string, KnownVerdict>();
  readonly #used = new Set<string>();

  /** As `judge` does. */
  judge(pod: JsonValue, options: JudgeOptions): KnownVerdict {
    const key = keyOf(pod);
    if (key === undefined) return judgeWithPorts(pod, options);
    if (this.#options === undefined || !isSame(options, this.#options)) this.#known.clear();
    this.#options = options;
    this.#used.add(key);
    const verdict = this.#known.get(key) ?? judgeWithPorts(pod, options);
    this.#known.set(key, verdict);
    return verdict;
  }

  /** Forgets what was not asked for since the last time. */
  forgetOthers(): void {
    // A set is judged in a few steps, of which some see a part of it only.
    if (this.#known.size <= 2 * this.#used.size + 100) return;
    for (const key of this.#known.keys()) if (!this.#used.has(key)) this.#known.delete(key);
    this.#used.clear();
  }
}

/** Whether pods are judged in the same way; of each pod it is asked again. */
function isSame(options: JudgeOptions, before: JudgeOptions): boolean {
  if (options === before) return true;
  const names = [...Object.keys(options), ...Object.keys(before)] as (keyof JudgeOptions)[];
  return names.every((name) =>
    options[name] === before[name] || JSON.stringify(options[name]) === JSON.stringify(before[name])
  );
}

/** Undefined for a pod whose hash does not cover all of it: one with a stamp of its own. */
function keyOf(pod: JsonValue): string | undefined {
  if (!isJsonObject(pod)) return undefined;
  const metadata = getOwn(pod, "metadata");
  const annotations = isJsonObject(metadata) ? getOwn(metadata, "annotations") : undefined;
  const isStamped = isJsonObject(annotations) && Object.hasOwn(annotations, SPEC_HASH_ANNOTATION);
  return isStamped ? undefined : specHash(pod);
}

function judgeWithPorts(value: JsonValue, options: JudgeOptions): KnownVerdict {
  const { valid, errors, warnings, pod } = judgeFully(value, options);
  const ports = valid && pod !== undefined ? hostPortsOf(pod.spec) : [];
  return { valid, errors, warnings, ports };
}

/**
 * What may stand in a field, from what judges it: the tables that decode it, the defaults
 * and the rules, each asked with the smallest pod that has the field.
 */
import { formatPath } from "../../core/mod.ts";
import type { JsonObject, JsonValue, Path } from "../../core/mod.ts";
import { findAllReferences } from "../api_references.ts";
import { withDefaults } from "../defaults.ts";
import { judgeFully, kubeletRules } from "../judge.ts";
import type { JudgeOptions } from "../judge.ts";
import { OLDEST_MINOR } from "../versions/minors.ts";
import { SAMPLE_KEY, samplePod, sampleValue } from "../sample.ts";
import { fieldNames, fieldsOf, findField } from "../schema.ts";
import type { SchemaField } from "../schema.ts";
import { DecodeReport, Pod, readKind } from "../types/mod.ts";
import type { Kind } from "../types/mod.ts";
import { WARNING_RULES } from "../warnings/mod.ts";

/** Everything that is known of a field. */
export interface FieldExplanation {
  /** `pod.spec.containers.livenessProbe` */
  readonly field: string;
  /** `list of objects`, `whole number` */
  readonly type: string;
  /** Whether its object is refused without it. */
  readonly required: boolean;
  /** What the kubelet fills in, as JSON; absent if it fills in nothing. */
  readonly default?: string;
  /** The only values that are taken; absent if there is no such list. */
  readonly values?: readonly string[];
  /** The minor of Kubernetes that brought it; absent for one that the oldest known minor has. */
  readonly since?: string;
  /** The last minor that had it; absent for one that the newest known minor has. */
  readonly until?: string;
  /** Why a static pod may not have it, and what to do instead; absent if it may. */
  readonly refused?: { readonly why: string; readonly hint: string };
  /** What `validate` warns of here. */
  readonly warnings: readonly {
    readonly name: string;
    readonly about: string;
    readonly hint: string;
  }[];
  /** The fields below it; empty for a scalar. */
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly since?: string;
    readonly until?: string;
    readonly required: boolean;
  }[];
}

/** Explains the field at a path of names, such as `["spec", "containers"]`; undefined if there is none. */
export function explainField(
  path: readonly string[],
  options: JudgeOptions,
): FieldExplanation | undefined {
  const found = findField(path);
  if (found === undefined) return undefined;
  const { kind } = found;
  const filled = path.length === 0 ? undefined : defaultOf(path, options);
  const values = path.length === 0 ? undefined : valuesOf(found, options);
  const refused = refusalOf(found, options);
  return {
    field: ["pod", ...path].join("."),
    type: typeText(kind),
    required: path.length > 0 && requiredBelow(path.slice(0, -1), options).has(path.at(-1)!),
    ...(filled === undefined ? {} : { default: filled }),
    ...(values === undefined ? {} : { values }),
    ...sinceOf(kind),
    ...(refused === undefined ? {} : { refused }),
    warnings: WARNING_RULES.filter(({ fields }) => fields.includes(asContainer(path).join(".")))
      .map(({ name, about, hint }) => ({ name, about, hint })),
    fields: fieldList(found, options),
  };
}

function fieldList({ path, kind }: SchemaField, options: JudgeOptions): FieldExplanation["fields"] {
  const required = requiredBelow(path, options);
  return Object.entries(fieldsOf(kind) ?? {}).map(([name, field]) => ({
    name,
    type: typeText(field),
    ...sinceOf(field),
    required: required.has(name),
  }));
}

/** `list of objects`, `map of texts`, `whole number`. */
function typeText({ shape }: Kind<unknown>): string {
  if (shape.is === "struct") return "object";
  if (shape.is === "scalar") return shape.name;
  const of = typeText(shape.of);
  return `${shape.is} of ${of.includes(",") || of.includes(" ") ? of : `${of}s`}`;
}

function sinceOf(
  { since, until }: Kind<unknown>,
): { readonly since?: string; readonly until?: string } {
  return {
    ...(since === undefined || since <= OLDEST_MINOR ? {} : { since: `1.${since}` }),
    ...(until === undefined ? {} : { until: `1.${until}` }),
  };
}

/** What the defaults make of a field that is not set; undefined if nothing. */
function defaultOf(path: readonly string[], options: JudgeOptions): string | undefined {
  const filled = (container?: JsonObject) => {
    const rules = kubeletRules(options);
    const sample = samplePod(path, undefined, container);
    const pod = withDefaults(readKind(Pod, sample, new DecodeReport(rules.minor)), rules);
    const value = valueAt(pod, path);
    const declared = valueAt(readKind(Pod, sample, new DecodeReport(rules.minor)), path);
    return value === declared || !isScalar(value) ? undefined : JSON.stringify(value);
  };
  const usual = filled();
  const latest = filled({ name: "a", image: "a" });
  return usual === latest || usual === undefined
    ? usual
    : `${usual}, or ${latest} with the tag latest`;
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value) && value !== "";
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value: unknown = root;
  for (const name of path) {
    if (Array.isArray(value)) value = value[0];
    if (value instanceof Map) value = value.get(SAMPLE_KEY);
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return value;
}

/** The values of a text that the rules take, where they take none but some. */
function valuesOf(
  { path, kind }: SchemaField,
  options: JudgeOptions,
): readonly string[] | undefined {
  const { shape } = kind;
  const isText = shape.is === "scalar" && shape.name === "text" ||
    shape.is === "list" && typeText(shape.of) === "text";
  if (!isText) return undefined;
  const issue = judgeSample(samplePod(path, sampleValue(kind, "?")), options)
    .find(({ type, path: at }) => type === "Unsupported value" && samePath(at, path));
  const values = [...(issue?.detail ?? "").matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
  return values.length === 0 ? undefined : values.filter((value) => value !== "");
}

/** The fields without which the object at a path is refused. */
function requiredBelow(path: readonly string[], options: JudgeOptions): ReadonlySet<string> {
  const bare = path.length < 2
    ? { metadata: path[0] === "metadata" ? {} : { name: "a" }, spec: {} }
    : samplePod(path, emptyOf(findField(path)?.kind), {});
  return new Set(
    judgeSample(bare, options).filter(({ type, path: at }) =>
      type === "Required value" && fieldNames(at).length === path.length + 1 &&
      samePath(at.slice(0, at.findLastIndex((segment) => typeof segment === "string")), path)
    ).map(({ path: at }) => String(at.findLast((segment) => typeof segment === "string"))),
  );
}

function emptyOf(kind: Kind<unknown> | undefined): JsonValue {
  if (kind?.shape.is === "list") return [emptyOf(kind.shape.of)];
  return kind?.shape.is === "map" ? { [SAMPLE_KEY]: emptyOf(kind.shape.of) } : {};
}

/** Why a static pod may not have a field. */
function refusalOf(
  { path, kind }: SchemaField,
  options: JudgeOptions,
): FieldExplanation["refused"] {
  if (path.length < 2) return undefined;
  const rules = kubeletRules(options);
  const sample = samplePod(path, sampleValue(kind));
  const { spec } = readKind(Pod, sample, new DecodeReport(rules.minor));
  const whole = samplePod(path.slice(0, -1), sampleValue(findField(path.slice(0, -1))!.kind));
  const inWhole = readKind(Pod, whole, new DecodeReport(rules.minor)).spec;
  const reference = [...findAllReferences(spec), ...findAllReferences(inWhole)]
    .find(({ path: at }) => {
      const names = fieldNames(at.path);
      return names.every((name, index) => name === path[index]);
    });
  if (reference !== undefined) {
    const { what, hint } = reference;
    return {
      why: rules.apiReferences === "all"
        ? `static pods may not reference ${what}`
        : `without an API server ${what} cannot be read; kubelets since 1.34 refuse it`,
      hint,
    };
  }
  const forbidden = judgeSample(sample, options)
    .find(({ type, path: at }) => type === "Forbidden" && samePath(at, path));
  return forbidden && { why: forbidden.detail, hint: forbidden.hint ?? "Leave it out" };
}

function judgeSample(pod: JsonObject, options: JudgeOptions) {
  return judgeFully(pod, options).errors;
}

function samePath(path: Path, names: readonly string[]): boolean {
  return formatPath(path.filter((one) => typeof one === "string" && one !== SAMPLE_KEY)) ===
    formatPath(names);
}

/** The rules name the fields of containers once, for containers of every kind. */
function asContainer(path: readonly string[]): readonly string[] {
  return path.map((name, at) =>
    at === 1 && /^(?:init|ephemeral)Containers$/.test(name) ? "containers" : name
  );
}

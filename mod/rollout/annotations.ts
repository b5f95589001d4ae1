/** What a pod asks of its own roll-out, in annotations. */
import { getOwn, isJsonObject, type JsonObject } from "../core/mod.ts";
import type { PodIssue } from "../pods/mod.ts";

/** `in-place`, `quick` or `kubelet`: how this pod is changed, whatever `agent.replace` says. */
export const REPLACE_ANNOTATION = "podstead.dev/replace";
/** `continue`: replace the pod also where its new image cannot be pulled; `required` is the default. */
export const PULL_ANNOTATION = "podstead.dev/pull";
/** `namespace/name[, …]`: the pods that must be ready before this one is started for the first time. */
export const AFTER_ANNOTATION = "podstead.dev/after";

/**
 * How a running pod comes to its next version: as the same pod, in which only
 * containers with another image start again; by a new pod in two steps; or by a
 * new pod as the kubelet does it.
 */
export const REPLACE_METHODS = ["in-place", "quick", "kubelet"] as const;
export type ReplaceMethod = typeof REPLACE_METHODS[number];

/** What a pod asks for; a member that it does not name has the default. */
export interface RolloutAnnotations {
  /** Undefined if the setting of the node decides. */
  readonly replace: ReplaceMethod | undefined;
  readonly pull: "required" | "continue";
  /** Keys, as `namespace/name`, in the order in which they are written. */
  readonly after: readonly string[];
}

/** A pod's annotations, and what is wrong with them; a wrong one counts as not written. */
export interface ReadAnnotations extends RolloutAnnotations {
  readonly issues: readonly PodIssue[];
}

const KEY = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;

/** What pods ask for, which are never changed: each reload wants to know several times. */
const known = new WeakMap<JsonObject, ReadAnnotations>();

/** Reads the annotations of a pod as declared. Never throws. */
export function readRolloutAnnotations(pod: JsonObject): ReadAnnotations {
  const before = known.get(pod);
  if (before !== undefined) return before;
  const annotations = readAll(pod);
  known.set(pod, annotations);
  return annotations;
}

function readAll(pod: JsonObject): ReadAnnotations {
  const issues: PodIssue[] = [];
  const oneOf = <T extends string>(name: string, values: readonly T[]): T | undefined => {
    const text = annotation(pod, name);
    const value = values.find((one) => one === text);
    if (text !== undefined && value === undefined) {
      const wanted = values.map((one) => JSON.stringify(one)).join(", ");
      issues.push(issueOf(name, "Unsupported value", `supported values: ${wanted}`, text));
    }
    return value;
  };
  const replace = oneOf(REPLACE_ANNOTATION, REPLACE_METHODS);
  const pull = oneOf(PULL_ANNOTATION, ["required", "continue"]) ?? "required";
  const after: string[] = [];
  for (const part of (annotation(pod, AFTER_ANNOTATION) ?? "").split(",")) {
    const key = part.trim();
    if (key === "") continue;
    if (KEY.test(key)) after.push(key);
    else {
      issues.push(
        issueOf(AFTER_ANNOTATION, "Invalid value", "pods are named as namespace/name", key),
      );
    }
  }
  return { replace, pull, after: [...new Set(after)], issues };
}

/** An issue of one of the annotations, in the kubelet's notation. */
export function issueOf(
  name: string,
  type: PodIssue["type"],
  detail: string,
  badValue?: string,
): PodIssue {
  return {
    field: `metadata.annotations[${name}]`,
    path: ["metadata", "annotations", name],
    type,
    detail,
    ...(badValue === undefined ? {} : { badValue }),
  };
}

function annotation(pod: JsonObject, name: string): string | undefined {
  const metadata = getOwn(pod, "metadata");
  const annotations = isJsonObject(metadata) ? getOwn(metadata, "annotations") : undefined;
  const value = isJsonObject(annotations) ? getOwn(annotations, name) : undefined;
  // Anything else the kubelet refuses, and its own rules say so.
  return typeof value === "string" ? value : undefined;
}

/**
 * Annotations that the kubelet reads: tolerations, deletion cost, and the old
 * way to name seccomp and AppArmor profiles.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `ValidatePodSpecificAnnotations`,
 * `validateSeccompAnnotationsAndFields`, `validateAppArmorAnnotationsAndFieldsMatchOnCreate`.
 */
import type { JsonValue } from "../../core/mod.ts";
import { isJsonObject } from "../../core/mod.ts";
import { forbidden, invalid } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import { DecodeReport, list, readKind, Toleration } from "../types/mod.ts";
import type { AppArmorProfile, Pod, PodSpec, SeccompProfile } from "../types/mod.ts";
import { validateDescendingPath } from "./volumes/relative_paths.ts";
import { validateTolerations } from "./scheduling.ts";
import { allContainers } from "./containers/visit_containers.ts";

const TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const POD_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
const LOCALHOST = "localhost/";

type Annotations = ReadonlyMap<string, string>;

/** The annotations by themselves, `path` being that of the annotations. */
export function validatePodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  validateTolerationsAnnotation(annotations.get(TOLERATIONS) ?? "", path, options, issues);
  const cost = annotations.get(DELETION_COST);
  if (options.podDeletionCost && cost !== undefined && !isInt32(cost)) {
    issues.push(invalid(path.key(DELETION_COST), cost, "must be an integer of 32 bits"));
  }
  for (const [key, value] of annotations) {
    if (key === POD_SECCOMP || key.startsWith(CONTAINER_SECCOMP)) {
      validateSeccompName(value, path.child(key), issues);
    } else if (key.startsWith(APP_ARMOR)) {
      validateAppArmorAnnotation(key, value, spec, path.key(key), issues);
    }
  }
}

function validateTolerationsAnnotation(
  text: string,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (text === "") return;
  const report = new DecodeReport(Infinity);
  const tolerations = readKind(list(Toleration), lowerKeys(parseJson(text)), report);
  if (parseJson(text) === undefined || report.failures.length > 0) {
    issues.push(invalid(path.at(TOLERATIONS), TOLERATIONS, "must be a JSON list of tolerations"));
    return;
  }
  validateTolerations(tolerations, path.child(TOLERATIONS), options, issues);
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller reports that.
    return undefined;
  }
}

/** Go finds the fields of a type without JSON tags in any case. */
function lowerKeys(value: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(value)) return value;
  const items: readonly JsonValue[] = value;
  return items.map((item) =>
    isJsonObject(item)
      ? Object.fromEntries(
        Object.entries(item).map(([key, field]) => [
          key.toLowerCase() === "tolerationseconds" ? "tolerationSeconds" : key.toLowerCase(),
          field,
        ]),
      )
      : item
  );
}

function isInt32(text: string): boolean {
  if (!/^(0|-\d+|[1-9]\d*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -2147483648 && value <= 2147483647;
}

function validateSeccompName(profile: string, path: FieldPath, issues: PodIssue[]): void {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return;
  if (profile.startsWith(LOCALHOST)) {
    validateDescendingPath(profile.slice(LOCALHOST.length), path, issues);
  } else {
    issues.push(
      invalid(path, profile, "must be runtime/default, unconfined or localhost/<profile>"),
    );
  }
}

function validateAppArmorAnnotation(
  key: string,
  profile: string,
  spec: PodSpec,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const name = key.slice(APP_ARMOR.length);
  const names = [...spec.initContainers, ...spec.containers, ...spec.ephemeralContainers];
  if (!names.some((container) => container.name === name)) {
    issues.push(invalid(path, name, "container not found"));
  }
  const isKnown = ["", "runtime/default", "unconfined"].includes(profile) ||
    profile.startsWith(LOCALHOST);
  if (!isKnown) {
    issues.push(
      invalid(path, profile, "must be runtime/default, unconfined or localhost/<profile>"),
    );
  }
}

/** Where annotation and field name a profile both, they must be the same. */
export function validateProfilesMatch(pod: Pod, path: FieldPath, issues: PodIssue[]): void {
  const { annotations } = pod.metadata;
  const context = pod.spec.securityContext;
  matchSeccomp(
    annotations.get(POD_SECCOMP),
    context?.seccompProfile,
    path.child("securityContext").child("seccompProfile"),
    issues,
  );
  const containers = allContainers(pod.spec, path);
  for (const { container, path: place } of containers) {
    matchSeccomp(
      annotations.get(CONTAINER_SECCOMP + container.name),
      container.securityContext?.seccompProfile,
      place.child("securityContext").child("seccompProfile"),
      issues,
    );
  }
  if (pod.spec.os?.name === "windows") return;
  for (const { container, path: place } of containers) {
    matchAppArmor(
      annotations.get(APP_ARMOR + container.name),
      container.securityContext?.appArmorProfile ?? context?.appArmorProfile,
      place.child("securityContext").child("appArmorProfile"),
      issues,
    );
  }
}

const DIFFERENT_TYPE = "type in annotation and field must match";
const DIFFERENT_PROFILE = "profile in annotation and field must match";

function matchSeccomp(
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  matchProfile(annotation, profile, ["runtime/default", "docker/default"], path, issues);
}

function matchAppArmor(
  annotation: string | undefined,
  profile: AppArmorProfile | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  matchProfile(annotation, profile, ["runtime/default"], path, issues);
}

function matchProfile(
  annotation: string | undefined,
  profile: SeccompProfile | AppArmorProfile | undefined,
  runtimeDefaults: readonly string[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (annotation === undefined || profile === undefined) return;
  const type = path.child("type");
  switch (profile.type) {
    case "Unconfined":
      if (annotation !== "unconfined") issues.push(forbidden(type, DIFFERENT_TYPE));
      break;
    case "RuntimeDefault":
      if (!runtimeDefaults.includes(annotation)) issues.push(forbidden(type, DIFFERENT_TYPE));
      break;
    case "Localhost":
      if (!annotation.startsWith(LOCALHOST)) issues.push(forbidden(type, DIFFERENT_TYPE));
      else if (annotation.slice(LOCALHOST.length) !== profile.localhostProfile) {
        issues.push(forbidden(path.child("localhostProfile"), DIFFERENT_PROFILE));
      }
  }
}

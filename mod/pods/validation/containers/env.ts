/**
 * Environment variables.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `ValidateEnv`,
 * `validateEnvVarValueFrom`, `validateFileKeySelector`, `ValidateEnvFrom`,
 * `validateFileKeyRefVolumes`.
 */
import { invalid, notFound, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  Volume,
} from "../../types/mod.ts";
import {
  ENV_FIELDS,
  validateObjectFieldSelector,
  validateResourceFieldSelector,
} from "./field_selectors.ts";
import {
  configMapKey,
  dnsLabel,
  dnsSubdomain,
  envVarName,
  pushInvalid,
  strictEnvVarName,
} from "../names.ts";
import { validateNoBacksteps } from "../volumes/relative_paths.ts";

/** `env` of a container. */
export function validateEnv(
  variables: readonly EnvVar[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, variable] of variables.entries()) {
    const { name, value, valueFrom } = variable;
    if (name === "") issues.push(required(path.index(index).child("name")));
    else {
      const reasons = options.relaxedEnvNames ? envVarName(name) : strictEnvVarName(name);
      // Of `name: PASSWORD=12345` the value is not repeated.
      const shown = name.replace(/=.*/s, "=…");
      if (reasons.length > 0) pushInvalid(issues, path.index(index).child("name"), shown, reasons);
    }
    if (valueFrom === undefined) continue;
    const sourcePath = path.index(index).child("valueFrom");
    const sources = validateValueFrom(valueFrom, sourcePath, issues);
    if (sources === 0) {
      const file = options.envFiles ? ", fileKeyRef" : "";
      const wanted = `must have one of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef`;
      issues.push(invalid(sourcePath, undefined, wanted + file));
    } else if (value !== "") {
      issues.push(invalid(sourcePath, undefined, "value must be empty beside it"));
    } else if (sources > 1) {
      issues.push(invalid(sourcePath, undefined, "may have only one source"));
    }
  }
}

function validateValueFrom(source: EnvVarSource, path: FieldPath, issues: PodIssue[]): number {
  let sources = 0;
  if (source.fieldRef !== undefined) {
    sources += 1;
    validateObjectFieldSelector(source.fieldRef, ENV_FIELDS, path.child("fieldRef"), issues);
  }
  if (source.resourceFieldRef !== undefined) {
    sources += 1;
    const place = path.child("resourceFieldRef");
    validateResourceFieldSelector(source.resourceFieldRef, "variable", place, issues);
  }
  if (source.configMapKeyRef !== undefined) {
    sources += 1;
    validateKeySelector(source.configMapKeyRef, path.child("configMapKeyRef"), issues);
  }
  if (source.secretKeyRef !== undefined) {
    sources += 1;
    validateKeySelector(source.secretKeyRef, path.child("secretKeyRef"), issues);
  }
  if (source.fileKeyRef !== undefined) {
    sources += 1;
    validateFileKeySelector(source.fileKeyRef, path.child("fileKeyRef"), issues);
  }
  return sources;
}

/** A key of a config map or secret; their selectors have the same fields. */
function validateKeySelector(
  selector: ConfigMapKeySelector,
  path: FieldPath,
  issues: PodIssue[],
): void {
  pushInvalid(issues, path.child("name"), selector.name, dnsSubdomain(selector.name));
  if (selector.key === "") issues.push(required(path.child("key")));
  else pushInvalid(issues, path.child("key"), selector.key, configMapKey(selector.key));
}

function validateFileKeySelector(
  selector: FileKeySelector,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { key, volumeName } = selector;
  if (key === "") issues.push(required(path.child("key")));
  else pushInvalid(issues, path.child("key"), key, envVarName(key));
  if (volumeName === "") issues.push(required(path.child("volumeName")));
  else pushInvalid(issues, path.child("volumeName"), volumeName, dnsLabel(volumeName));
  if (selector.path === "") issues.push(required(path.child("path")));
  else validateNoBacksteps(selector.path, path.child("path"), issues);
}

/** `envFrom` of a container; what is wrong with the number of sources, the kubelet says of the list. */
export function validateEnvFrom(
  sources: readonly EnvFromSource[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, source] of sources.entries()) {
    const { prefix, configMapRef, secretRef } = source;
    const place = path.index(index);
    if (prefix !== "") {
      const reasons = options.relaxedEnvNames ? envVarName(prefix) : strictEnvVarName(prefix);
      pushInvalid(issues, place.child("prefix"), prefix, reasons);
    }
    if (configMapRef !== undefined) {
      validateSourceName(configMapRef.name, place.child("configMapRef"), issues);
    }
    if (secretRef !== undefined) {
      validateSourceName(secretRef.name, place.child("secretRef"), issues);
    }
    if (configMapRef === undefined && secretRef === undefined) {
      const wanted = "must have configMapRef or secretRef";
      issues.push(invalid(path.at(index), undefined, wanted));
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      issues.push(invalid(path.at(index), undefined, "may have configMapRef or secretRef"));
    }
  }
}

function validateSourceName(name: string, path: FieldPath, issues: PodIssue[]): void {
  if (name === "") {
    issues.push(required(path.child("name")));
    return;
  }
  // Judged as a prefix of a name, so one hyphen at the end is no mistake.
  const judged = name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
  pushInvalid(issues, path.child("name"), name, dnsSubdomain(judged));
}

/** The volumes that `fileKeyRef`s of a container name are there and of type emptyDir. */
export function validateFileKeyVolumes(
  variables: readonly EnvVar[],
  volumes: readonly Volume[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const [index, variable] of variables.entries()) {
    const selector = variable.valueFrom?.fileKeyRef;
    if (selector === undefined) continue;
    const { volumeName } = selector;
    const place = path.index(index).child("valueFrom").child("fileKeyRef").child("volumeName");
    const volume = volumes.findLast((one) => one.name === volumeName);
    if (volume === undefined) issues.push(notFound(place, volumeName));
    else if (volume.emptyDir === undefined) {
      issues.push(invalid(place, volumeName, "must be a volume of type emptyDir"));
    }
  }
}

/**
 * Volumes made of files: secrets, config maps and the downward API.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateSecretVolumeSource`,
 * `validateConfigMapVolumeSource`, `validateKeyToPath`, `validateDownwardAPIVolumeSource`,
 * `validateDownwardAPIVolumeFile`.
 */
import { invalid, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  Int64,
  KeyToPath,
  SecretVolumeSource,
} from "../../types/mod.ts";
import {
  FILE_FIELDS,
  validateObjectFieldSelector,
  validateResourceFieldSelector,
} from "../containers/field_selectors.ts";
import { pushInvalid, userId } from "../names.ts";
import { validateUnreservedPath } from "./relative_paths.ts";

/** The field `name` of the struct at `path` is a file mode from 0 to 0777. */
export function validateFileMode(
  mode: number | undefined,
  path: FieldPath,
  name: string,
  issues: PodIssue[],
): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  issues.push(invalid(path.child(name), mode, "must be from 0 to 0777 (octal), decimal 511"));
}

/** The field `name` of the struct at `path` is the user that owns a file, since 1.37. */
export function validateFileUser(
  user: Int64 | undefined,
  path: FieldPath,
  name: string,
  issues: PodIssue[],
): void {
  if (user !== undefined) pushInvalid(issues, path.child(name), user, userId(user));
}

/** Which key of a secret or config map becomes which file. */
export function validateKeyToPath(item: KeyToPath, path: FieldPath, issues: PodIssue[]): void {
  if (item.key === "") issues.push(required(path.child("key")));
  if (item.path === "") issues.push(required(path.child("path")));
  else validateUnreservedPath(item.path, path.child("path"), issues);
  validateFileMode(item.mode, path, "mode", issues);
  validateFileUser(item.user, path, "user", issues);
}

function validateItems(items: readonly KeyToPath[], path: FieldPath, issues: PodIssue[]): void {
  if (items.length === 0) return;
  const itemsPath = path.child("items");
  for (const [index, item] of items.entries()) {
    validateKeyToPath(item, itemsPath.index(index), issues);
  }
}

/** Files of a secret. */
export function validateSecretVolume(
  source: SecretVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.secretName === "") issues.push(required(path.child("secretName")));
  validateFileMode(source.defaultMode, path, "defaultMode", issues);
  validateFileUser(source.defaultUser, path, "defaultUser", issues);
  validateItems(source.items, path, issues);
}

/** Files of a config map. */
export function validateConfigMapVolume(
  source: ConfigMapVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.name === "") issues.push(required(path.child("name")));
  validateFileMode(source.defaultMode, path, "defaultMode", issues);
  validateFileUser(source.defaultUser, path, "defaultUser", issues);
  validateItems(source.items, path, issues);
}

/** One file of the downward API. The kubelet's field names leave out the item, so `path` does too. */
export function validateDownwardAPIFile(
  file: DownwardAPIVolumeFile,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (file.path === "") issues.push(required(path.child("path")));
  else validateUnreservedPath(file.path, path.child("path"), issues);
  if (file.fieldRef !== undefined) {
    validateObjectFieldSelector(file.fieldRef, FILE_FIELDS, path.child("fieldRef"), issues);
    if (file.resourceFieldRef !== undefined) {
      issues.push(invalid(path, file.path, "may have fieldRef or resourceFieldRef, not both"));
    }
  } else if (file.resourceFieldRef !== undefined) {
    validateResourceFieldSelector(
      file.resourceFieldRef,
      "file",
      path.child("resourceFieldRef"),
      issues,
    );
  } else {
    issues.push(required(path, "must have fieldRef or resourceFieldRef"));
  }
  validateFileMode(file.mode, path, "mode", issues);
  validateFileUser(file.user, path, "user", issues);
}

/** Files of the pod's own fields. */
export function validateDownwardAPIVolume(
  source: DownwardAPIVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  validateFileMode(source.defaultMode, path, "defaultMode", issues);
  validateFileUser(source.defaultUser, path, "defaultUser", issues);
  for (const [index, file] of source.items.entries()) {
    validateDownwardAPIFile(file, path.at("items", index), issues);
  }
}

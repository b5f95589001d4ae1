/**
 * Labels, annotations and label selectors.
 *
 * Source: Kubernetes 1.36, k8s.io/apimachinery pkg/apis/meta/v1/validation and pkg/api/validation.
 */
import { forbidden, invalid, required, tooLong } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../types/mod.ts";
import { byteLength, labelValue, pushInvalid, qualifiedName } from "./names.ts";

/** All annotations of an object together: 256 KiB. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** The key of a label. */
export function validateLabelName(name: string, path: FieldPath, issues: PodIssue[]): void {
  pushInvalid(issues, path, name, qualifiedName(name));
}

/** The kubelet names the map, not the key; the place is the very entry. */
export function validateLabels(
  labels: ReadonlyMap<string, string>,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const [key, value] of labels) {
    pushInvalid(issues, path.at(key), key, qualifiedName(key));
    pushInvalid(issues, path.at(key), value, labelValue(value));
  }
}

/** Keys in any case, and the size of them all. */
export function validateAnnotations(
  annotations: ReadonlyMap<string, string>,
  path: FieldPath,
  issues: PodIssue[],
): void {
  let totalBytes = 0;
  for (const [key, value] of annotations) {
    pushInvalid(issues, path.at(key), key, qualifiedName(key.toLowerCase()));
    totalBytes += byteLength(key) + byteLength(value);
  }
  if (totalBytes > MAX_ANNOTATIONS_BYTES) issues.push(tooLong(path, MAX_ANNOTATIONS_BYTES));
}

/** A selector, or none. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (selector === undefined) return;
  validateLabels(selector.matchLabels, path.child("matchLabels"), issues);
  const expressions = path.child("matchExpressions");
  for (const [index, requirement] of selector.matchExpressions.entries()) {
    validateRequirement(requirement, expressions.index(index), issues);
  }
}

function validateRequirement(
  requirement: LabelSelectorRequirement,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const values = path.child("values");
  switch (requirement.operator) {
    case "In":
    case "NotIn":
      if (requirement.values.length === 0) {
        issues.push(required(values, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (requirement.values.length > 0) {
        issues.push(
          forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
      }
      break;
    default:
      issues.push(
        invalid(
          path.child("operator"),
          requirement.operator,
          "must be In, NotIn, Exists or DoesNotExist",
        ),
      );
  }
  validateLabelName(requirement.key, path.child("key"), issues);
  for (const [index, value] of requirement.values.entries()) {
    pushInvalid(issues, values.index(index), value, labelValue(value));
  }
}

/**
 * Paths inside volumes and inside the kubelet's own directories.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validatePathNoBacksteps`,
 * `validateLocalDescendingPath`, `ValidateLocalNonReservedPath`.
 */
import { invalid } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";

/** True if one step of the path is `..`. */
export function hasBackstep(target: string): boolean {
  return target.includes("..") && target.split("/").includes("..");
}

/** The path has no step `..`. */
export function validateNoBacksteps(target: string, path: FieldPath, issues: PodIssue[]): void {
  if (hasBackstep(target)) issues.push(invalid(path, target, "must not contain '..'"));
}

/** The path is relative and has no step `..`. */
export function validateDescendingPath(target: string, path: FieldPath, issues: PodIssue[]): void {
  if (target.startsWith("/")) issues.push(invalid(path, target, "must be a relative path"));
  validateNoBacksteps(target, path, issues);
}

/** The path is relative, has no step `..`, and does not begin with `..`, which the kubelet keeps for itself. */
export function validateUnreservedPath(target: string, path: FieldPath, issues: PodIssue[]): void {
  validateDescendingPath(target, path, issues);
  if (target.startsWith("..") && !target.startsWith("../")) {
    issues.push(invalid(path, target, "must not start with '..'"));
  }
}

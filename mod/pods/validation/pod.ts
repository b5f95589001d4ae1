/**
 * A pod in full.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `ValidatePodCreate`.
 */
import { FieldPath } from "../issue.ts";
import type { PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { Pod } from "../types/mod.ts";
import { validateObjectMeta } from "./metadata.ts";
import { validatePodAnnotations, validateProfilesMatch } from "./pod_annotations.ts";
import { validateOnlyOnCreate, validatePodSpec } from "./pod_spec.ts";

const METADATA = FieldPath.root("metadata");
const SPEC = FieldPath.root("spec");

/** Everything that is wrong with a pod whose defaults are set. */
export function validatePod(pod: Pod, options: RuleOptions, issues: PodIssue[]): void {
  validateObjectMeta(pod.metadata, METADATA, options, issues);
  validatePodAnnotations(
    pod.metadata.annotations,
    pod.spec,
    METADATA.child("annotations"),
    options,
    issues,
  );
  validatePodSpec(pod, SPEC, options, issues);
  validateOnlyOnCreate(pod.spec, SPEC, issues);
  validateProfilesMatch(pod, SPEC, issues);
}

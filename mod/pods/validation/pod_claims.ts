/**
 * Claims for devices. A static pod may have none; the mistakes in them are still reported.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation, `validatePodResourceClaims`.
 */
import { duplicate, forbidden, invalid, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { Pod, PodResourceClaim } from "../types/mod.ts";
import { dnsLabel, dnsSubdomain, pushInvalid } from "./names.ts";

/** The annotation of a pod that only mirrors a static one. */
const MIRROR_POD = "kubernetes.io/config.mirror";

/** The claims of the pod, `path` being that of the list. */
export function validateResourceClaims(
  pod: Pod,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const seen = new Set<string>();
  const isMirror = options.mirrorPodsWithoutClaims && pod.metadata.annotations.has(MIRROR_POD);
  for (const [index, claim] of pod.spec.resourceClaims.entries()) {
    if (isMirror) {
      // The kubelet's own text of a path without a name.
      const nowhere = path.index(index).named("[]");
      issues.push(forbidden(nowhere, "static pods do not support resource claims"));
    } else validateResourceClaim(claim, seen, path.index(index), issues);
  }
}

function validateResourceClaim(
  claim: PodResourceClaim,
  seen: Set<string>,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim;
  if (name === "") issues.push(required(path.child("name")));
  else if (seen.has(name)) issues.push(duplicate(path.child("name"), name));
  else {
    pushInvalid(issues, path.child("name"), name, dnsLabel(name));
    seen.add(name);
  }
  const sources = [resourceClaimName, resourceClaimTemplateName].filter((one) => one !== undefined);
  if (sources.length !== 1) {
    issues.push(
      invalid(path, name, "must have one of `resourceClaimName` and `resourceClaimTemplateName`"),
    );
  }
  for (const field of ["resourceClaimName", "resourceClaimTemplateName"] as const) {
    const value = claim[field];
    if (value !== undefined) pushInvalid(issues, path.child(field), value, dnsSubdomain(value));
  }
}

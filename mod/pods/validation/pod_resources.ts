/**
 * Resources of the pod as a whole, and its overhead.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation, `validatePodResources`, `validateOverhead`.
 */
import { forbidden, invalid, notSupported } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import { isHugePages, isPodLevelResource, totalResources } from "../resource_totals.ts";
import type { ResourceList } from "../resource_totals.ts";
import type { RuleOptions } from "../rules.ts";
import { NIL_LIST, NIL_MAP } from "../types/mod.ts";
import type { PodSpec, ResourceRequirements } from "../types/mod.ts";
import { validateResourceName, validateResourceRequirements } from "./resources.ts";

/** `spec.resources`, with what the containers ask for inside it; `specPath` is `spec`. */
export function validatePodResources(
  spec: PodSpec,
  specPath: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { resources } = spec;
  if (resources === undefined || !options.podLevelResources) return;
  const path = specPath.child("resources");
  if (spec.os?.name === "windows") {
    issues.push(forbidden(path, "may not be set for a windows pod"));
    return;
  }
  if (resources.claims !== NIL_LIST) {
    issues.push(forbidden(path.child("claims"), "may not be set for the pod as a whole"));
  }
  const claimNames = new Set(spec.resourceClaims.map((claim) => claim.name));
  claimNames.delete("");
  validateResourceRequirements(
    resources,
    claimNames,
    path,
    issues,
    validatePodResourceName,
  );
  validateConsistency(spec, resources, path, issues);
  validateContainerLimits(spec, resources, specPath, issues);
}

function validatePodResourceName(name: string, path: FieldPath, issues: PodIssue[]): void {
  const before = issues.length;
  validateResourceName(name, path, issues);
  if (issues.length === before && !isPodLevelResource(name)) {
    issues.push(notSupported(path, name, ["cpu", "hugepages-", "memory"]));
  }
}

function validateConsistency(
  spec: PodSpec,
  resources: ResourceRequirements,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const [name, total] of totalResources(spec, "requests")) {
    const own = resources.requests.get(name);
    if (own === undefined || total.compare(own) <= 0) continue;
    issues.push(
      invalid(
        path.child("requests").key(name),
        own,
        `must be greater than or equal to what the containers request together, ${total}`,
      ),
    );
  }
  for (const [name, total] of totalResources(spec, "limits")) {
    const own = resources.limits.get(name);
    if (!isHugePages(name) || own === undefined || total.compare(own) <= 0) continue;
    issues.push(
      invalid(
        path.child("limits").key(name),
        own,
        `must be greater than or equal to the limits of the containers together, ${total}`,
      ),
    );
  }
}

function validateContainerLimits(
  spec: PodSpec,
  resources: ResourceRequirements,
  specPath: FieldPath,
  issues: PodIssue[],
): void {
  for (const [index, container] of spec.containers.entries()) {
    const limits = specPath.child("containers").index(index).child("resources").child("limits");
    for (const [name, limit] of container.resources.limits) {
      const own = resources.limits.get(name);
      if (own === undefined || limit.compare(own) <= 0) continue;
      // The kubelet names a field that does not exist.
      const text = `${specPath}.resources.containers[${index}][${name}].limits`;
      const place = limits.key(name).named(text);
      issues.push(invalid(place, limit, `must be less than or equal to the pod's limit of ${own}`));
    }
  }
}

/** `spec.overhead`, which is validated as if it were limits. */
export function validateOverhead(
  overhead: ResourceList,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (overhead === NIL_MAP) return;
  const requirements = { limits: overhead, requests: NIL_MAP, claims: NIL_LIST };
  const found: PodIssue[] = [];
  validateResourceRequirements(requirements, new Set(), path, found);
  // The limits of the kubelet's text are no place: the overhead is the list itself.
  const depth = path.path.length;
  issues.push(...found.map((issue) => ({ ...issue, path: issue.path.toSpliced(depth, 1) })));
}

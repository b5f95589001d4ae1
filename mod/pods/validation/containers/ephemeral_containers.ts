/**
 * Ephemeral containers. A new pod may have none, which is said elsewhere; the
 * kubelet judges them nevertheless.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validateEphemeralContainers`,
 * `allowedEphemeralContainerFields`.
 */
import { duplicate, forbidden, notFound } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { EphemeralContainer, PodSpec, ResourceRequirements } from "../../types/mod.ts";
import { NIL_LIST, NIL_MAP } from "../../types/mod.ts";
import { validateAnyContainer } from "./any_container.ts";
import type { ContainerContext } from "./any_container.ts";

/** What only a container that is part of the workload has, but for its resources. */
const WORKLOAD_FIELDS = [
  "ports",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;

const NOT_FOR_EPHEMERAL = "an ephemeral container cannot have it";

/** Judges `spec.ephemeralContainers`, at `path`. */
export function validateEphemeralContainers(
  spec: PodSpec,
  context: ContainerContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (spec.ephemeralContainers.length === 0) return;
  const targets = new Set([...spec.containers, ...spec.initContainers].map(({ name }) => name));
  const names = new Set(targets);
  for (const [index, container] of spec.ephemeralContainers.entries()) {
    const place = path.index(index);
    validateAnyContainer(container, context, place, issues);
    const { name, targetContainerName } = container;
    if (names.has(name)) issues.push(duplicate(place.child("name"), name));
    names.add(name);
    if (targetContainerName !== "" && !targets.has(targetContainerName)) {
      issues.push(notFound(place.child("targetContainerName"), targetContainerName));
    }
    validateFields(container, place, issues);
  }
}

/** A list that is there is refused even where it is empty. */
function validateFields(
  container: EphemeralContainer,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const field of WORKLOAD_FIELDS) {
    const value = container[field];
    if (value === undefined || value === NIL_LIST) continue;
    issues.push(forbidden(path.child(field), NOT_FOR_EPHEMERAL));
  }
  if (!isZero(container.resources)) {
    issues.push(forbidden(path.child("resources"), NOT_FOR_EPHEMERAL));
  }
  for (const [index, mount] of container.volumeMounts.entries()) {
    const place = path.child("volumeMounts").index(index);
    for (const field of ["subPath", "subPathExpr"] as const) {
      if (mount[field] !== "") issues.push(forbidden(place.child(field), NOT_FOR_EPHEMERAL));
    }
  }
}

function isZero({ limits, requests, claims }: ResourceRequirements): boolean {
  return limits === NIL_MAP && requests === NIL_MAP && claims === NIL_LIST;
}

/**
 * Init containers, the restartable ones (sidecars) among them.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateInitContainers`.
 */
import { duplicate, forbidden, invalid } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { Container } from "../../types/mod.ts";
import { validateAnyContainer } from "./any_container.ts";
import type { ContainerContext } from "./any_container.ts";
import { validateLifecycle } from "./lifecycle.ts";
import { validateUniqueHostPorts } from "./ports.ts";
import { validateProbes } from "./probes.ts";
import { validateInitRestartPolicy } from "./restart_rules.ts";

/** What an init container may have only where it is a sidecar. */
const SIDECAR_FIELDS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** Judges `spec.initContainers`, at `path`; their names must differ from those of `containers`. */
export function validateInitContainers(
  initContainers: readonly Container[],
  containers: readonly Container[],
  context: ContainerContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const names = new Set(containers.map((container) => container.name));
  for (const [index, container] of initContainers.entries()) {
    const place = path.index(index);
    validateAnyContainer(container, context, place, issues);
    validateInitRestartPolicy(container, place, context.options, issues);
    const { name } = container;
    if (names.has(name)) issues.push(duplicate(place.child("name"), name));
    else if (name !== "") names.add(name);
    validateOwnHostPorts(container, index, path, issues);
    const isSidecar = container.restartPolicy === "Always";
    if (isSidecar) validateSidecar(container, context, place, issues);
    else {
      for (const field of SIDECAR_FIELDS) {
        if (container[field] === undefined) continue;
        const detail = "an init container has it only with restartPolicy Always";
        issues.push(forbidden(place.child(field), detail));
      }
    }
    validateInitResizePolicy(container, isSidecar, context, place, issues);
  }
}

/**
 * Init containers run one by one, so each is judged alone; whichever it is, the
 * kubelet calls it the first of the list.
 */
function validateOwnHostPorts(
  container: Container,
  index: number,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (container.ports.length < 2) return;
  const found: PodIssue[] = [];
  validateUniqueHostPorts([container], path, found);
  for (const issue of found) {
    const place = issue.path.map((segment, depth) => depth === path.path.length ? index : segment);
    issues.push({ ...issue, path: place });
  }
}

function validateSidecar(
  container: Container,
  context: ContainerContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { gracePeriodSeconds, os, options } = context;
  if (container.lifecycle !== undefined) {
    const place = path.child("lifecycle");
    validateLifecycle(container.lifecycle, gracePeriodSeconds, os, place, options, issues);
  }
  validateProbes(container, gracePeriodSeconds, path, options, issues);
}

function validateInitResizePolicy(
  container: Container,
  isSidecar: boolean,
  context: ContainerContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { resizePolicy } = container;
  if (resizePolicy.length === 0) return;
  const place = path.child("resizePolicy");
  if (!context.options.sidecarResizePolicy) {
    issues.push(invalid(place, undefined, "init containers have no resize policy"));
  }
  if (isSidecar || !context.options.noInitResizeRestart) return;
  for (const [index, { restartPolicy }] of resizePolicy.entries()) {
    if (restartPolicy !== "RestartContainer") continue;
    const detail = "a resize cannot restart an init container without restartPolicy Always";
    issues.push(invalid(place.index(index).child("restartPolicy"), restartPolicy, detail));
  }
}

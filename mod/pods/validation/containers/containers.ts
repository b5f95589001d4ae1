/**
 * The containers of a pod.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateContainers`, and what
 * `ValidatePodSpec` and `validatePodMetadataAndSpec` say of containers.
 */
import { duplicate, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { Container, PodSpec } from "../../types/mod.ts";
import { containerContext, validateAnyContainer } from "./any_container.ts";
import type { ContainerContext } from "./any_container.ts";
import { validateFileKeyVolumes } from "./env.ts";
import { validateEphemeralContainers } from "./ephemeral_containers.ts";
import { validateInitContainers } from "./init_containers.ts";
import { validateLifecycle } from "./lifecycle.ts";
import { validateHostNetworkPorts, validateUniqueHostPorts } from "./ports.ts";
import { validateProbes } from "./probes.ts";
import { validateTokensHaveAccount } from "../volumes/projected.ts";
import { validateRestartPolicy } from "./restart_rules.ts";
import { allContainers } from "./visit_containers.ts";
import type { MountableVolumes } from "../volumes/volumes.ts";

/**
 * Judges all containers of the spec at `path`, with those of its `volumes` that can
 * be mounted, and what they share: ports of the host, env files, tokens.
 */
export function validateSpecContainers(
  spec: PodSpec,
  volumes: MountableVolumes,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const context = containerContext(spec, volumes, options);
  const { containers, initContainers } = spec;
  const containersPath = path.child("containers");
  validateContainers(containers, context, containersPath, issues);
  validateInitContainers(
    initContainers,
    containers,
    context,
    path.child("initContainers"),
    issues,
  );
  validateEphemeralContainers(spec, context, path.child("ephemeralContainers"), issues);
  if (spec.hostNetwork) validateHostNetworkPorts(containers, containersPath, issues);
  for (const { container, path: place } of allContainers(spec, path)) {
    validateFileKeyVolumes(container.env, spec.volumes, place.child("env"), issues);
  }
  validateTokensHaveAccount(spec.volumes, spec.serviceAccountName, path.child("volumes"), issues);
}

function validateContainers(
  containers: readonly Container[],
  context: ContainerContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (containers.length === 0) {
    issues.push(required(path));
    return;
  }
  const { gracePeriodSeconds, os, options } = context;
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const place = path.index(index);
    validateAnyContainer(container, context, place, issues);
    if (names.has(container.name)) issues.push(duplicate(place.child("name"), container.name));
    names.add(container.name);
    if (container.lifecycle !== undefined) {
      const lifecyclePath = place.child("lifecycle");
      validateLifecycle(
        container.lifecycle,
        gracePeriodSeconds,
        os,
        lifecyclePath,
        options,
        issues,
      );
    }
    validateProbes(container, gracePeriodSeconds, place, options, issues);
    validateRestartPolicy(container, place, options, issues);
  }
  validateUniqueHostPorts(containers, path, issues);
}

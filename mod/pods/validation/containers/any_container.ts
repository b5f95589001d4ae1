/**
 * What containers of every sort must be.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateContainerCommon`,
 * `validateContainerOnlyForPod`.
 */
import { invalid, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { Container, EphemeralContainer, Int64, PodOS, PodSpec } from "../../types/mod.ts";
import { trimSpace, validateSecurityContext } from "./container_security.ts";
import { validateEnv, validateEnvFrom } from "./env.ts";
import { validateVolumeDevices, validateVolumeMounts } from "./mounts.ts";
import { dnsLabel, pushInvalid } from "../names.ts";
import { validateContainerPorts } from "./ports.ts";
import { validateResizePolicy, validateResourceRequirements } from "../resources.ts";
import { validatePullPolicy } from "../volumes/volume_sources.ts";
import type { MountableVolumes } from "../volumes/volumes.ts";

/** What the rules of a container take from its pod. */
export interface ContainerContext {
  readonly volumes: MountableVolumes;
  /** The names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  /** The pod's `terminationGracePeriodSeconds`. */
  readonly gracePeriodSeconds: Int64 | undefined;
  readonly os: PodOS | undefined;
  readonly podRestartPolicy: string;
  /** False if the pod has a user namespace of its own. */
  readonly hasHostUsers: boolean;
  readonly options: RuleOptions;
}

/** What the containers of this pod are judged with, once its volumes are. */
export function containerContext(
  spec: PodSpec,
  volumes: MountableVolumes,
  options: RuleOptions,
): ContainerContext {
  return {
    volumes,
    claims: new Set(spec.resourceClaims.map((claim) => claim.name).filter((name) => name !== "")),
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    os: spec.os,
    podRestartPolicy: spec.restartPolicy,
    hasHostUsers: spec.hostUsers !== false,
    options,
  };
}

/** The rules that hold for containers of every sort; the container is at `path`. */
export function validateAnyContainer(
  container: Container | EphemeralContainer,
  context: ContainerContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { name, image } = container;
  if (name === "") issues.push(required(path.child("name")));
  else {
    const reasons = dnsLabel(name);
    if (reasons.length > 0) pushInvalid(issues, path.child("name"), name, reasons);
  }
  if (image === "") issues.push(required(path.child("image")));
  else if (trimSpace(image) !== image) {
    issues.push(invalid(path.child("image"), image, "must not have white space around it"));
  }
  validateTerminationMessagePolicy(container.terminationMessagePolicy, path, issues);
  const { ports, env, envFrom } = container;
  if (ports.length > 0) validateContainerPorts(ports, path.child("ports"), issues);
  if (env.length > 0) validateEnv(env, path.child("env"), context.options, issues);
  if (envFrom.length > 0) validateEnvFrom(envFrom, path.child("envFrom"), context.options, issues);
  const volumes = {
    mounts: container.volumeMounts,
    devices: container.volumeDevices,
    isPrivileged: container.securityContext?.privileged === true,
  };
  if (volumes.mounts.length > 0) {
    const place = path.child("volumeMounts");
    validateVolumeMounts(volumes, context.volumes, place, context.options, issues);
  }
  if (volumes.devices.length > 0) {
    validateVolumeDevices(volumes, context.volumes, path.child("volumeDevices"), issues);
  }
  validatePullPolicy(container.imagePullPolicy, path, "imagePullPolicy", issues);
  const resourcesPath = path.child("resources");
  validateResourceRequirements(container.resources, context.claims, resourcesPath, issues);
  if (container.resizePolicy.length > 0) {
    const resizePath = path.child("resizePolicy");
    validateResizePolicy(container.resizePolicy, context.podRestartPolicy, resizePath, issues);
  }
  if (container.securityContext !== undefined) {
    const place = path.child("securityContext");
    validateSecurityContext(container.securityContext, context.hasHostUsers, place, issues);
  }
}

const TERMINATION_MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];

function validateTerminationMessagePolicy(
  policy: string,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (TERMINATION_MESSAGE_POLICIES.includes(policy)) return;
  const place = path.child("terminationMessagePolicy");
  if (policy === "") issues.push(required(place));
  else issues.push(notSupported(place, policy, TERMINATION_MESSAGE_POLICIES));
}

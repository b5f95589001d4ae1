/**
 * The spec of a pod: what concerns the pod as a whole, and the calls of the rest.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `ValidatePodSpec`.
 */
import { forbidden, invalid, notSupported, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { Pod, PodSpec } from "../types/mod.ts";
import { validateAffinity } from "./affinity.ts";
import { validateSpecContainers } from "./containers/containers.ts";
import {
  validateDnsConfig,
  validateDnsPolicy,
  validateHostAliases,
  validateHostName,
} from "./host_names.ts";
import { validateLabels } from "./labels.ts";
import { dnsLabel, dnsSubdomain, inclusiveRange, pushInvalid, qualifiedName } from "./names.ts";
import {
  validateHostProcess,
  validateHostUsers,
  validateOperatingSystem,
} from "./operating_system.ts";
import { validateResourceClaims } from "./pod_claims.ts";
import { validateOverhead, validatePodResources } from "./pod_resources.ts";
import { validatePodSecurityContext } from "./pod_security.ts";
import {
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from "./scheduling.ts";
import { validateVolumes } from "./volumes/volumes.ts";

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const PREEMPTION_POLICIES = ["PreemptLowerPriority", "Never"];
const MAX_INT32 = 2147483647;

/** The spec of a pod whose defaults are set, `path` being `spec`. */
export function validatePodSpec(
  pod: Pod,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { spec } = pod;
  const volumes = validateVolumes(
    spec.volumes,
    pod.metadata.name,
    path.child("volumes"),
    options,
    issues,
  );
  validateResourceClaims(pod, path.child("resourceClaims"), options, issues);
  validateSpecContainers(spec, volumes, path, options, issues);
  validatePodResources(spec, path, options, issues);
  validatePolicies(spec, path, issues);
  validateLabels(spec.nodeSelector, path.child("nodeSelector"), issues);
  validatePodSecurityContext(spec, path, options, issues);
  validateAffinity(spec.affinity, path.child("affinity"), options, issues);
  validateDnsConfig(spec.dnsConfig, spec.dnsPolicy, path.child("dnsConfig"), options, issues);
  validateReadinessGates(spec, path.child("readinessGates"), issues);
  validateSchedulingGates(spec.schedulingGates, path.child("schedulingGates"), issues);
  validateTopologySpread(
    spec.topologySpreadConstraints,
    path.child("topologySpreadConstraints"),
    options,
    issues,
  );
  validateHostProcess(spec, path, issues);
  validateHostUsers(spec, path, options, issues);
  validateHostName(spec, path, issues);
  validateReferencedNames(spec, path, issues);
  validateWorkload(spec, path, issues);
  validateTolerations(spec.tolerations, path.child("tolerations"), options, issues);
  validateHostAliases(spec.hostAliases, path.child("hostAliases"), options, issues);
  validateOverhead(spec.overhead, path.child("overhead"), issues);
  validateOperatingSystem(spec, path, issues);
}

function validatePolicies(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  if (spec.terminationGracePeriodSeconds === undefined) {
    issues.push(required(path.child("terminationGracePeriodSeconds")));
  }
  const restart = path.child("restartPolicy");
  if (spec.restartPolicy === "") issues.push(required(restart));
  else if (!RESTART_POLICIES.includes(spec.restartPolicy)) {
    issues.push(notSupported(restart, spec.restartPolicy, RESTART_POLICIES));
  }
  validateDnsPolicy(spec.dnsPolicy, path.child("dnsPolicy"), issues);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)) {
    issues.push(
      invalid(path.child("activeDeadlineSeconds"), deadline, inclusiveRange(1, MAX_INT32)),
    );
  }
  const preemption = path.child("preemptionPolicy");
  if (spec.preemptionPolicy === "") issues.push(required(preemption));
  else if (
    spec.preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(spec.preemptionPolicy)
  ) {
    issues.push(notSupported(preemption, spec.preemptionPolicy, PREEMPTION_POLICIES));
  }
}

function validateReadinessGates(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  for (const [index, { conditionType }] of spec.readinessGates.entries()) {
    const place = path.index(index).child("conditionType");
    pushInvalid(issues, place, conditionType, qualifiedName(conditionType));
  }
}

/** Names of objects that the pod refers to; each is a DNS subdomain. */
function validateReferencedNames(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  for (const name of ["serviceAccountName", "nodeName", "priorityClassName"] as const) {
    if (spec[name] !== "") {
      pushInvalid(issues, path.child(name), spec[name], dnsSubdomain(spec[name]));
    }
  }
  if (spec.runtimeClassName !== undefined) {
    const name = spec.runtimeClassName;
    pushInvalid(issues, path.child("runtimeClassName"), name, dnsSubdomain(name));
  }
}

/** The workload that the pod is scheduled with: `workloadRef` in 1.35, `schedulingGroup` since. */
function validateWorkload(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  const { workloadRef, schedulingGroup } = spec;
  if (workloadRef !== undefined) {
    const place = path.child("workloadRef");
    const { name, podGroup, podGroupReplicaKey: key } = workloadRef;
    pushInvalid(issues, place.child("name"), name, dnsSubdomain(name));
    pushInvalid(issues, place.child("podGroup"), podGroup, dnsLabel(podGroup));
    if (key !== "") pushInvalid(issues, place.child("podGroupReplicaKey"), key, dnsLabel(key));
  }
  if (schedulingGroup === undefined) return;
  const place = path.child("schedulingGroup");
  const name = schedulingGroup.podGroupName ?? "";
  pushInvalid(issues, place.child("podGroupName"), name, dnsSubdomain(name));
  // Their names and priorities are the API server's business: its declarative rules.
  if (spec.evictionResponders.length > 0) {
    issues.push(forbidden(place, "may not be set when evictionResponders is set"));
  }
}

/** What a new pod may not have, though one that exists may. */
export function validateOnlyOnCreate(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  if (spec.ephemeralContainers.length > 0) {
    issues.push(forbidden(path.child("ephemeralContainers"), "cannot be set on create"));
  }
  if (spec.nodeName !== "" && spec.schedulingGates.length > 0) {
    const place = path.child("schedulingGates").named(`${path}.nodeName`);
    issues.push(forbidden(place, "cannot be set until all schedulingGates have been cleared"));
  }
}

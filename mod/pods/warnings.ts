/**
 * What the kubelet takes but a person will regret. Each looks at the pod as it
 * was declared, before the defaults.
 */
import { formatPath, nearest } from "../core/mod.ts";
import { hostPortsOf } from "./host_ports.ts";
import { FieldPath, unknownField, warning } from "./issue.ts";
import type { PodIssue } from "./issue.ts";
import { isLatest } from "./image_name.ts";
import type { RuleOptions } from "./rules.ts";
import type { Container, Pod, UnknownField } from "./types/mod.ts";
import { allContainers } from "./validation/visit_containers.ts";
import { findVolumeWarnings } from "./volume_warnings.ts";

/** What a warning needs to know of the node; all of it may be absent. */
export interface NodeFacts {
  /** Whether the control plane runs here, which a pod without requests may starve. */
  readonly controlPlane?: boolean | undefined;
  /** Host ports that are taken, such as `TCP/10250`, each with who has it. */
  readonly usedHostPorts?: ReadonlyMap<string, string> | undefined;
}

const METADATA = FieldPath.root("metadata");
const SPEC = FieldPath.root("spec");

/** The warnings on a pod that decodes, whether it is valid or not. */
export function findWarnings(
  pod: Pod,
  unknown: readonly UnknownField[],
  rules: RuleOptions,
  facts: NodeFacts,
): readonly PodIssue[] {
  const issues = unknown.map(describeUnknown);
  findPodWarnings(pod, issues);
  for (const { container, path } of allContainers(pod.spec, SPEC)) {
    findImageWarning(container, path, issues);
    if (facts.controlPlane === true) findResourceWarning(container, path, issues);
  }
  for (const { protocol, port, path } of hostPortsOf(pod.spec)) {
    const holder = facts.usedHostPorts?.get(`${protocol}/${port}`);
    if (holder !== undefined) issues.push(portTaken(path, port, holder));
  }
  findVolumeWarnings(pod.spec.volumes, SPEC.child("volumes"), rules, issues);
  return issues;
}

/** Says who has a port of the node already. */
export function portTaken(path: FieldPath, port: number, holder: string): PodIssue {
  return warning(path, "Discouraged", `host port ${port} is already used by ${holder}`);
}

/** The warning of a field that no kubelet of this version knows. */
export function describeUnknown({ path, known }: UnknownField): PodIssue {
  const name = String(path[path.length - 1]);
  const near = nearest(name, known);
  const ignored = "the kubelet knows no such field and ignores it";
  const detail = near === undefined
    ? ignored
    : near === name
    ? `${ignored}: it came with a later version of Kubernetes`
    : `${ignored}; did you mean "${near}"?`;
  return unknownField(path, formatPath(path), detail);
}

/** Annotations that moved to fields, or that nobody reads any more; a trailing `/` is a prefix. */
const OLD_ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  ["scheduler.alpha.kubernetes.io/critical-pod", "use spec.priorityClassName"],
  ["scheduler.alpha.kubernetes.io/tolerations", "use spec.tolerations"],
  ["scheduler.alpha.kubernetes.io/affinity", "use spec.affinity"],
  [
    "seccomp.security.alpha.kubernetes.io/pod",
    "the kubelet ignores it; use spec.securityContext.seccompProfile",
  ],
  [
    "container.seccomp.security.alpha.kubernetes.io/",
    "the kubelet ignores it; use securityContext.seccompProfile of the container",
  ],
  [
    "container.apparmor.security.beta.kubernetes.io/",
    "use securityContext.appArmorProfile of the container",
  ],
  ["pod.beta.kubernetes.io/init-containers", "use spec.initContainers"],
  ["pod.alpha.kubernetes.io/init-containers", "use spec.initContainers"],
]);

/** Annotations that the kubelet sets itself. */
const KUBELET_ANNOTATIONS = [
  "kubernetes.io/config.hash",
  "kubernetes.io/config.source",
  "kubernetes.io/config.seen",
  "kubernetes.io/config.mirror",
];

function findPodWarnings(pod: Pod, issues: PodIssue[]): void {
  const { metadata, spec } = pod;
  const annotations = METADATA.child("annotations");
  for (const key of metadata.annotations.keys()) {
    const old = [...OLD_ANNOTATIONS].find(([name]) =>
      name.endsWith("/") ? key.startsWith(name) : key === name
    );
    if (old !== undefined) issues.push(warning(annotations.key(key), "Deprecated", old[1]));
    if (KUBELET_ANNOTATIONS.includes(key)) {
      issues.push(warning(annotations.key(key), "Discouraged", "the kubelet sets this itself"));
    }
  }
  if (metadata.uid !== "") {
    const detail = "with a uid of its own a changed pod is not restarted; leave it out";
    issues.push(warning(METADATA.child("uid"), "Discouraged", detail));
  }
  if (pod.kind !== "" && pod.kind !== "Pod") {
    const detail = `must be Pod; the kubelet takes it for one in spite of "${pod.kind}"`;
    issues.push(warning(FieldPath.root("kind"), "Discouraged", detail));
  }
  if (spec.terminationGracePeriodSeconds === 0) {
    const place = SPEC.child("terminationGracePeriodSeconds");
    issues.push(
      warning(place, "Discouraged", "0 kills the containers without asking them to stop"),
    );
  }
  if (spec.nodeName !== "") {
    const detail = "the kubelet overwrites it with its own node's name";
    issues.push(warning(SPEC.child("nodeName"), "Discouraged", detail));
  }
  if (spec.serviceAccount !== "") {
    issues.push(
      warning(SPEC.child("serviceAccount"), "Deprecated", "use spec.serviceAccountName"),
    );
  }
}

function findImageWarning(container: Container, path: FieldPath, issues: PodIssue[]): void {
  if (container.imagePullPolicy !== "" || !isLatest(container.image)) return;
  const detail = `"${container.image}" means the tag latest, which is pulled at every start: ` +
    "without the registry the pod does not start; name a version or set imagePullPolicy";
  issues.push(warning(path.child("image"), "Discouraged", detail));
}

function findResourceWarning(container: Container, path: FieldPath, issues: PodIssue[]): void {
  const { requests, limits } = container.resources;
  if (["cpu", "memory"].every((name) => requests.has(name) || limits.has(name))) return;
  const detail = "without requests for cpu and memory it competes with the control plane";
  issues.push(warning(path.child("resources"), "Discouraged", detail));
}

/**
 * Annotations that became fields, or that are the kubelet's own.
 *
 * Sources: kubernetes pkg/api/pod/warnings.go, pkg/kubelet/types/pod_update.go.
 */
import { FieldPath } from "../issue.ts";
import type { Pod } from "../types/mod.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import type { WarningRule } from "./rule.ts";

const ANNOTATIONS = FieldPath.root("metadata").child("annotations");

interface OldAnnotation {
  /** The annotation, or what it begins with where that ends with `/` and a container's name follows. */
  readonly name: string;
  /** Since which minor of 1.x it does nothing. */
  readonly since: number;
  readonly instead: string;
  /** The field that replaces it; the annotation is no mistake where that is set as well. */
  readonly field?: "seccompProfile" | "appArmorProfile";
}

const OLD: readonly OldAnnotation[] = [
  {
    name: "scheduler.alpha.kubernetes.io/critical-pod",
    since: 16,
    instead: "spec.priorityClassName",
  },
  { name: "scheduler.alpha.kubernetes.io/tolerations", since: 6, instead: "spec.tolerations" },
  { name: "scheduler.alpha.kubernetes.io/affinity", since: 6, instead: "spec.affinity" },
  {
    name: "security.alpha.kubernetes.io/sysctls",
    since: 11,
    instead: "spec.securityContext.sysctls",
  },
  {
    name: "security.alpha.kubernetes.io/unsafe-sysctls",
    since: 11,
    instead: "spec.securityContext.sysctls",
  },
  {
    name: "seccomp.security.alpha.kubernetes.io/pod",
    since: 27,
    instead: "spec.securityContext.seccompProfile",
    field: "seccompProfile",
  },
  {
    name: "container.seccomp.security.alpha.kubernetes.io/",
    since: 27,
    instead: "securityContext.seccompProfile of the container",
    field: "seccompProfile",
  },
  {
    name: "container.apparmor.security.beta.kubernetes.io/",
    since: 30,
    instead: "securityContext.appArmorProfile of the container",
    field: "appArmorProfile",
  },
  { name: "pod.beta.kubernetes.io/init-containers", since: 8, instead: "spec.initContainers" },
  { name: "pod.alpha.kubernetes.io/init-containers", since: 8, instead: "spec.initContainers" },
];

/** Annotations that the kubelet sets itself. */
const KUBELET_ANNOTATIONS = new Set([
  "kubernetes.io/config.hash",
  "kubernetes.io/config.source",
  "kubernetes.io/config.seen",
  "kubernetes.io/config.mirror",
]);

/** Rules on annotations. */
export const ANNOTATION_RULES: readonly WarningRule[] = [
  {
    name: "annotation-replaced",
    type: "Deprecated",
    fields: ["metadata.annotations"],
    about: "An annotation for which there is a field; the kubelet no longer reads it.",
    hint: "Use the field, and remove the annotation",
    find({ pod }, report) {
      for (const key of pod.metadata.annotations.keys()) {
        const old = OLD.find(({ name }) =>
          name.endsWith("/") ? key.startsWith(name) : key === name
        );
        if (old === undefined || isSetByField(pod, key, old)) continue;
        const ended = old.field === "appArmorProfile" ? "deprecated" : "ignored";
        report(
          ANNOTATIONS.key(key),
          `${ended} since Kubernetes 1.${old.since}`,
          `Use ${old.instead}`,
        );
      }
    },
  },
  {
    name: "annotation-of-kubelet",
    type: "Discouraged",
    fields: ["metadata.annotations"],
    about: "An annotation that the kubelet writes, copied from a running pod.",
    hint: "Remove it",
    find({ pod }, report) {
      for (const key of pod.metadata.annotations.keys()) {
        if (KUBELET_ANNOTATIONS.has(key)) {
          report(ANNOTATIONS.key(key), "the kubelet sets this itself");
        }
      }
    },
  },
];

function isSetByField({ spec }: Pod, key: string, { name, field }: OldAnnotation): boolean {
  if (field === undefined) return false;
  if (!name.endsWith("/")) return spec.securityContext?.[field] !== undefined;
  const container = allContainers(spec, FieldPath.root("spec"))
    .find((one) => one.container.name === key.slice(name.length))?.container;
  return container?.securityContext?.[field] !== undefined;
}

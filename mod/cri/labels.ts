/**
 * What the kubelet writes on sandboxes and containers.
 *
 * Source: kubernetes pkg/kubelet/kuberuntime/labels.go and pkg/kubelet/types/pod_update.go.
 */

/** Labels or annotations. */
export type StringMap = { readonly [key: string]: string };

/** Label of sandboxes and containers: the pod's name. */
export const POD_NAME_LABEL = "io.kubernetes.pod.name";
/** Label of sandboxes and containers: the pod's namespace. */
export const POD_NAMESPACE_LABEL = "io.kubernetes.pod.namespace";
/** Label of sandboxes and containers: the pod's UID; for a static pod, its config hash. */
export const POD_UID_LABEL = "io.kubernetes.pod.uid";
/** Label of containers: the container's name in the pod. */
export const CONTAINER_NAME_LABEL = "io.kubernetes.container.name";

/** Annotation of containers: how often the kubelet started it again. */
export const RESTART_COUNT_ANNOTATION = "io.kubernetes.container.restartCount";
/** Annotation of containers: the kubelet's hash of the container's spec. */
export const CONTAINER_HASH_ANNOTATION = "io.kubernetes.container.hash";
/** Annotation of containers: `init`, `container` or `ephemeral`. */
export const CONTAINER_TYPE_ANNOTATION = "io.kubernetes.container.type";

/** Annotation of sandboxes: where the kubelet has the pod from: `file`, `http` or `api`. */
export const CONFIG_SOURCE_ANNOTATION = "kubernetes.io/config.source";
/** Annotation of sandboxes of static pods: the kubelet's hash of the pod, which is its UID. */
export const CONFIG_HASH_ANNOTATION = "kubernetes.io/config.hash";
/** Annotation of sandboxes: podstead's hash of the pod as declared; the same text as in mod/pods. */
export const SPEC_HASH_ANNOTATION = "podstead.dev/spec-hash";
/** Annotation of pods: the container that commands mean when none is named; kubectl's. */
export const DEFAULT_CONTAINER_ANNOTATION = "kubectl.kubernetes.io/default-container";

/** The part of a container in its pod. */
export type ContainerType = "init" | "container" | "ephemeral";

/** Reads the container's type; one without the annotation is an ordinary container. */
export function containerType(annotations: StringMap): ContainerType {
  const type = annotations[CONTAINER_TYPE_ANNOTATION]?.toLowerCase();
  return type === "init" || type === "ephemeral" ? type : "container";
}

/**
 * What the kubelet makes of a pod that comes from a URL.
 *
 * Source: kubernetes 1.36 pkg/kubelet/config/common.go, `applyDefaults`.
 */
import type { Pod } from "./types/mod.ts";

/** A manifest URL as the kubelet knows it, and the node's name. */
export interface StaticPodOrigin {
  readonly nodeName: string;
  /** The hash that identifies the pod; empty if it is not known. */
  readonly uid: string;
}

/** Annotation that carries the UID; kubelet: `kubetypes.ConfigHashAnnotationKey`. */
export const CONFIG_HASH_ANNOTATION = "kubernetes.io/config.hash";

/** The name that a static pod has on a node. */
export function staticPodName(name: string, nodeName: string): string {
  return `${name}-${nodeName.toLowerCase()}`;
}

/** The pod as the kubelet then validates it; `pod` must have a name. */
export function asStaticPod(pod: Pod, origin: StaticPodOrigin): Pod {
  const uid = pod.metadata.uid || origin.uid;
  return {
    ...pod,
    // The kubelet's own type of a pod carries neither.
    kind: "",
    apiVersion: "",
    metadata: {
      ...pod.metadata,
      uid,
      name: staticPodName(pod.metadata.name, origin.nodeName),
      namespace: pod.metadata.namespace || "default",
      annotations: new Map(pod.metadata.annotations).set(CONFIG_HASH_ANNOTATION, uid),
    },
    spec: { ...pod.spec, nodeName: origin.nodeName },
    status: { ...pod.status, phase: "Pending" },
  };
}

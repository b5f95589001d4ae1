/** Labels and annotations that count only when a container or a sandbox starts. */
import { getOwn, type JsonObject } from "../core/mod.ts";
import { containersOf, initContainersOf, objectAt, objects, textAt } from "./spec.ts";

/** Either kind of a pod's metadata that may change while it runs. */
export type MetadataKind = "labels" | "annotations";

/**
 * Annotations that the kubelet, the runtime or a network plugin reads when it
 * makes the sandbox or starts a container, and never again; podstead's own
 * wishes are among them, for a change of one asks for something.
 */
const START_ANNOTATIONS: readonly RegExp[] = [
  /^podstead\.dev\//,
  /^kubernetes\.io\/(config\.|ingress-bandwidth$|egress-bandwidth$)/,
  /(^|\.)(apparmor|seccomp)\./,
  /(^|\.)cni\.[^/]*\//,
  /^(io\.kubernetes\.cri|io\.containerd|io\.katacontainers|io\.podman|run\.oci)/,
  /(^|[./])(cdi\.k8s\.io|nri\.io|nri\.containerd\.io)\//,
  /\.(crio|cri-o)\.io\//,
];

/** Whether a new value of a label or an annotation would reach a running pod late or never. */
export function isReadAtStart(kind: MetadataKind, key: string, pod: JsonObject): boolean {
  if (kind === "annotations" && START_ANNOTATIONS.some((one) => one.test(key))) return true;
  return referencesOf(pod).some((reference) =>
    reference.kind === kind && (reference.key === undefined || reference.key === key)
  );
}

interface Reference {
  readonly kind: MetadataKind;
  /** Undefined for all of them. */
  readonly key: string | undefined;
}

/**
 * Where the pod takes them in at a container's start: in its environment, and in
 * files of the downward API that are mounted by `subPath`, which the kubelet
 * never updates. Other files of the downward API follow by themselves.
 */
function referencesOf(pod: JsonObject): readonly Reference[] {
  const containers = [...containersOf(pod), ...initContainersOf(pod)];
  const bySubPath = new Set(
    containers.flatMap((container) => objects(getOwn(container, "volumeMounts")))
      .filter((mount) => textAt(mount, "subPath") !== "" || textAt(mount, "subPathExpr") !== "")
      .map((mount) => textAt(mount, "name")),
  );
  const volumes = objects(getOwn(objectAt(pod, "spec"), "volumes"))
    .filter((volume) => bySubPath.has(textAt(volume, "name")));
  const fields = [
    ...containers.flatMap((container) => objects(getOwn(container, "env")))
      .map((variable) => objectAt(objectAt(variable, "valueFrom"), "fieldRef")),
    ...volumes.flatMap((volume) => [
      ...objects(getOwn(objectAt(volume, "downwardAPI"), "items")),
      ...objects(getOwn(objectAt(volume, "projected"), "sources"))
        .flatMap((source) => objects(getOwn(objectAt(source, "downwardAPI"), "items"))),
    ]).map((item) => objectAt(item, "fieldRef")),
  ];
  return fields.flatMap((field) => {
    const match = /^metadata\.(labels|annotations)(?:\['(.*)'\])?$/.exec(
      textAt(field, "fieldPath"),
    );
    if (match === null) return [];
    const kind: MetadataKind = match[1] === "labels" ? "labels" : "annotations";
    return [{ kind, key: match[2] }];
  });
}

/** From the template of a workload to a pod that a kubelet takes without an API server. */
import { getOwn, isJsonObject, type JsonObject, type JsonValue, type Path } from "../core/mod.ts";
import { DEFAULT_NAMESPACE } from "../pods/mod.ts";
import { type Findings, listAt, type Manifest, objectAt, textAt } from "./manifest.ts";

/** A pod that is being made, and where its parts come from. */
export interface PodDraft {
  readonly manifest: Manifest;
  /** From the object to its pod: empty for a Pod. */
  readonly base: Path;
  readonly name: string;
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
  /** From the object to each item of `spec.volumes`. */
  readonly volumeOrigins: readonly Path[];
}

/** Fields that choose a node, which is chosen already. */
const SCHEDULING = [
  ...["nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "schedulerName"],
  ...["nodeName", "schedulingGates", "preemptionPolicy", "priority"],
];

/** Priority classes that a kubelet knows by itself. */
const SYSTEM_CLASSES = ["system-node-critical", "system-cluster-critical"];

/** Where an API server puts a pod's token, with a part of the volume's name. */
const TOKEN_VOLUME = /^kube-api-access-/;
const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Annotations that tell of an API server's object, not of the pod. */
const LEFT_ANNOTATIONS = [
  "kubectl.kubernetes.io/last-applied-configuration",
  ...["deployment.kubernetes.io/", "meta.helm.sh/"],
];

/**
 * Makes the pod of one object.
 *
 * @param base from the object to what has `metadata` and `spec` of the pod
 */
export function podOfTemplate(manifest: Manifest, base: Path, findings: Findings): PodDraft {
  const template = objectAt(manifest.value, base);
  const declared = objectAt(template, ["spec"]);
  const leaveOut = (field: string, why: string, hint?: string) =>
    findings.leaveOut(manifest, [...base, "spec", field], why, hint);
  const left = new Set<string>();
  const scheduling = SCHEDULING.filter((field) => isSet(getOwn(declared, field)));
  const [first] = scheduling;
  if (first !== undefined) {
    leaveOut(first, `the pod runs on this node: ${scheduling.join(", ")} would choose another`);
    for (const field of scheduling) left.add(field);
  }
  const accounts = ["serviceAccountName", "serviceAccount"].filter((field) =>
    isSet(getOwn(declared, field))
  );
  for (const field of accounts) left.add(field);
  const account = textAt(declared, [accounts[0] ?? ""]);
  if (account !== undefined && account !== "default") {
    leaveOut(
      accounts[0] ?? "",
      "a static pod has no token of an API server",
      "If the program needs an API server, mount a kubeconfig of the node",
    );
  }
  const priorityClass = textAt(declared, ["priorityClassName"]);
  if (priorityClass !== undefined && !SYSTEM_CLASSES.includes(priorityClass)) {
    leaveOut("priorityClassName", "the kubelet evicts static pods last, whatever their priority");
    left.add("priorityClassName");
  }
  const volumes = listAt(declared, ["volumes"]);
  const token = volumes.findIndex(isTokenVolume);
  if (token >= 0) {
    findings.leaveOut(
      manifest,
      [...base, "spec", "volumes", token],
      "a static pod has no token of an API server",
    );
  }
  const kept = volumes.flatMap((volume, at) => isTokenVolume(volume) ? [] : [{ volume, at }]);
  const spec: JsonObject = {
    ...Object.fromEntries(Object.entries(declared).filter(([field]) => !left.has(field))),
    ...(volumes.length === 0 ? {} : { volumes: kept.map(({ volume }) => volume) }),
  };
  return {
    manifest,
    base,
    name: manifest.name,
    metadata: metadataOf(template, manifest),
    spec: kept.length === volumes.length ? spec : withoutTokenMounts(spec),
    volumeOrigins: kept.map(({ at }) => [...base, "spec", "volumes", at]),
  };
}

/** The pod itself. */
export function podOf({ metadata, spec, name }: PodDraft): JsonObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata }, spec };
}

/** Where a place of the pod was written. */
export function originOf({ base, volumeOrigins }: PodDraft, path: Path): Path {
  const [root, field, index, ...rest] = path;
  if (root === "metadata" && (field === "name" || field === "namespace")) return path;
  if (root === "spec" && field === "volumes" && typeof index === "number") {
    return [...volumeOrigins[index] ?? [...base, "spec", "volumes"], ...rest];
  }
  return [...base, ...path];
}

/** The containers of a pod's spec, changed one by one. */
export function mapContainers(
  spec: JsonObject,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  const lists = ["initContainers", "containers"].flatMap((list) => {
    const containers = getOwn(spec, list);
    if (!Array.isArray(containers)) return [];
    return [[
      list,
      containers.map((one: JsonValue) => isJsonObject(one) ? change(one) : one),
    ]] as const;
  });
  return { ...spec, ...Object.fromEntries(lists) };
}

function metadataOf(template: JsonObject, { namespace }: Manifest): JsonObject {
  const labels = objectAt(template, ["metadata", "labels"]);
  const annotations = keptAnnotations(objectAt(template, ["metadata", "annotations"]));
  return {
    ...(namespace === DEFAULT_NAMESPACE ? {} : { namespace }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** The annotations that an object has for itself, not for the API server that had it. */
export function keptAnnotations(annotations: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(annotations).filter(([key]) =>
      !LEFT_ANNOTATIONS.some((one) => key.startsWith(one))
    ),
  );
}

function isTokenVolume(volume: JsonValue): boolean {
  return TOKEN_VOLUME.test(textAt(volume, ["name"]) ?? "");
}

function withoutTokenMounts(spec: JsonObject): JsonObject {
  return mapContainers(spec, (container) => {
    const mounts = listAt(container, ["volumeMounts"]);
    return {
      ...container,
      volumeMounts: mounts.filter((mount) => textAt(mount, ["mountPath"]) !== TOKEN_PATH),
    };
  });
}

function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== "" &&
    !(Array.isArray(value) && value.length === 0) &&
    !(isJsonObject(value) && Object.keys(value).length === 0);
}

/**
 * Objects of the API server that a static pod may not refer to. The kubelet
 * gives the first one it finds; podstead gives each, at its place.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/api/pod `HasAPIObjectReference`, called by
 * pkg/kubelet/config/common.go (gate PreventStaticPodAPIReferences, since 1.34).
 */
import { apiReference, FieldPath, forbidden } from "./issue.ts";
import type { PodIssue } from "./issue.ts";
import type { RuleOptions } from "./rules.ts";
import type { Container, PodSpec, Volume, VolumeProjection } from "./types/mod.ts";
import { allContainers } from "./validation/containers/visit_containers.ts";

/** The kubelet gives the whole spec as the field. */
const FIELD = FieldPath.root("spec");

/** A reference, where it stands, and what a node without an API server offers instead. */
export interface ApiObjectReference {
  readonly path: FieldPath;
  /** `secrets` */
  readonly what: string;
  readonly hint: string;
}

/**
 * Every forbidden reference of a valid pod.
 *
 * @param declared the spec before the defaults, which make two fields of one alias
 */
export function findApiReferences(
  spec: PodSpec,
  options: RuleOptions,
  declared: PodSpec = spec,
): readonly PodIssue[] {
  const refused = REFUSED[options.apiReferences];
  const references = findAllReferences(spec, declared)
    .filter(({ what }) => refused === undefined || refused.includes(what));
  return references.map(({ path, what, hint }) =>
    apiReference(path.named("spec"), `static pods may not reference ${what}`, hint)
  );
}

/** Every reference to an object of the API server, whichever of them a kubelet refuses. */
export function findAllReferences(
  spec: PodSpec,
  declared: PodSpec = spec,
): readonly ApiObjectReference[] {
  const found: ApiObjectReference[] = [];
  const report: Report = (path, what, hint = HINTS[what] ?? DEFAULT_HINT) =>
    found.push({ path, what, hint });
  if (spec.serviceAccountName !== "" || spec.serviceAccount !== "") {
    const alias = declared.serviceAccountName === "" && declared.serviceAccount !== "";
    report(FIELD.child(alias ? "serviceAccount" : "serviceAccountName"), "service accounts");
  }
  for (const [index, { name }] of spec.imagePullSecrets.entries()) {
    if (name === "") continue;
    report(FIELD.child("imagePullSecrets").index(index), "secrets", PULL_SECRET_HINT);
  }
  for (const { container, path } of allContainers(spec, FIELD)) {
    findInContainer(container, path, report);
  }
  if (spec.resourceClaims.length > 0) report(FIELD.child("resourceClaims"), "resource claims");
  for (const [index, volume] of spec.volumes.entries()) {
    findInVolume(volume, FIELD.child("volumes").index(index), report);
  }
  return found;
}

/**
 * What a kubelet without an API server panics at, though it takes the pod: it looks the class up
 * with a client that it has not, at the first container, and again after each of its restarts.
 *
 * Source: kubernetes pkg/kubelet/kuberuntime/util `NamespacesForPod` (kubernetes/kubernetes#125561),
 * in each known minor; seen on 1.36.2.
 */
export function findStandAlonePanics({ runtimeClassName = "" }: PodSpec): readonly PodIssue[] {
  if (runtimeClassName === "") return [];
  const detail = "this kubelet has no API server to look it up in: it would panic at the pod, " +
    "again and again, and take care of no pod any more";
  const hint = "Remove it: the runtime's own config sets its default class";
  return [{ ...forbidden(FIELD.child("runtimeClassName"), detail), hint }];
}

type Report = (path: FieldPath, what: string, hint?: string) => void;

const PULL_SECRET_HINT =
  "Declare the Secret (kind: Secret, type: kubernetes.io/dockerconfigjson) in the config or in a " +
  "drop-in, in the pod's namespace; or remove it, and set agent.pull.credentialsFile";
/** podstead's own objects, where it can put their content in the reference's place. */
const declared = (kind: "ConfigMap" | "Secret") =>
  `Declare the ${kind} (kind: ${kind}) in the config or in a drop-in, in the pod's namespace: ` +
  "podstead gives its content to the pod";
const CSI_HINT = "Mount the storage on the node and use hostPath, or nfs or iscsi";

/** What to do instead, by what is referred to. */
const HINTS: Readonly<Record<string, string>> = {
  "service accounts":
    "Remove it: a static pod has no token of the API server; mount a kubeconfig " +
    "of the node with hostPath if the program needs one",
  "config maps": declared("ConfigMap"),
  "secrets": "Put the files on the node, readable by root only, and mount them with hostPath",
  "persistent volume claims":
    'Use a directory of the node (hostPath), or nfs or iscsi; "podstead add" does it for claims',
  "CSI drivers": CSI_HINT,
  "endpoints": CSI_HINT,
  "resource claims":
    "Remove it; mount the device's node under /dev with hostPath if it needs no driver",
  "cluster trust bundles": "Put the certificates on the node and mount them with hostPath",
  "pod certificates": "Put certificate and key on the node and mount them with hostPath",
  "a projected volume without a known source": "Use downwardAPI as its source, or hostPath",
};
const DEFAULT_HINT = "Put what it refers to on the node, and mount it with hostPath";

/** What a kubelet refuses that does not refuse all. */
const REFUSED: Readonly<Record<RuleOptions["apiReferences"], readonly string[] | undefined>> = {
  "all": undefined,
  "claims and trust bundles": ["resource claims", "cluster trust bundles"],
  "trust bundles": ["cluster trust bundles"],
};

function findInContainer(container: Container, path: FieldPath, report: Report): void {
  for (const [index, source] of container.envFrom.entries()) {
    const place = path.child("envFrom").index(index);
    if ((source.secretRef?.name ?? "") !== "") {
      report(place.child("secretRef"), "secrets", declared("Secret"));
    }
    if ((source.configMapRef?.name ?? "") !== "") {
      report(place.child("configMapRef"), "config maps");
    }
  }
  for (const [index, { valueFrom }] of container.env.entries()) {
    const place = path.child("env").index(index).child("valueFrom");
    if ((valueFrom?.secretKeyRef?.name ?? "") !== "") {
      report(place.child("secretKeyRef"), "secrets", declared("Secret"));
    }
    if ((valueFrom?.configMapKeyRef?.name ?? "") !== "") {
      report(place.child("configMapKeyRef"), "config maps");
    }
  }
}

/** Volumes that need the API server by their very sort. */
const FORBIDDEN_SOURCES = [
  ["configMap", "config maps"],
  ["secret", "secrets"],
  ["csi", "CSI drivers"],
  ["glusterfs", "endpoints"],
  ["persistentVolumeClaim", "persistent volume claims"],
  ["ephemeral", "persistent volume claims"],
  ["azureFile", "secrets"],
] as const;

/** Volumes that may name a secret. */
const SECRET_SOURCES = [
  "cephfs",
  "cinder",
  "flexVolume",
  "rbd",
  "scaleIO",
  "iscsi",
  "storageos",
] as const;

const FORBIDDEN_PROJECTIONS = [
  ["configMap", "config maps"],
  ["secret", "secrets"],
  ["serviceAccountToken", "service accounts"],
  ["clusterTrustBundle", "cluster trust bundles"],
  ["podCertificate", "pod certificates"],
] as const;

function findInVolume(volume: Volume, path: FieldPath, report: Report): void {
  for (const [name, what] of FORBIDDEN_SOURCES) {
    if (volume[name] === undefined) continue;
    report(path.child(name), what, name === "secret" ? declared("Secret") : undefined);
  }
  for (const name of SECRET_SOURCES) {
    if ((volume[name]?.secretRef?.name ?? "") !== "") {
      report(path.child(name).child("secretRef"), "secrets");
    }
  }
  for (const [index, source] of (volume.projected?.sources ?? []).entries()) {
    findInProjection(source, path.child("projected").child("sources").index(index), report);
  }
}

function findInProjection(source: VolumeProjection, path: FieldPath, report: Report): void {
  let isKnown = source.downwardAPI !== undefined;
  for (const [name, what] of FORBIDDEN_PROJECTIONS) {
    if (source[name] === undefined) continue;
    report(path.child(name), what, name === "secret" ? declared("Secret") : undefined);
    isKnown = true;
  }
  if (!isKnown) report(path, "a projected volume without a known source");
}

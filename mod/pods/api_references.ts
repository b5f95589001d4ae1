/**
 * Objects of the API server that a static pod may not refer to. The kubelet
 * gives the first one it finds; podstead gives each, at its place.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/api/pod `HasAPIObjectReference`, called by
 * pkg/kubelet/config/common.go (gate PreventStaticPodAPIReferences, since 1.34).
 */
import { apiReference, FieldPath } from "./issue.ts";
import type { PodIssue } from "./issue.ts";
import type { RuleOptions } from "./rules.ts";
import type { Container, PodSpec, Volume, VolumeProjection } from "./types/mod.ts";
import { allContainers } from "./validation/visit_containers.ts";

/** The kubelet gives the whole spec as the field. */
const FIELD = FieldPath.root("spec");

/** Every forbidden reference of a valid pod. */
export function findApiReferences(spec: PodSpec, options: RuleOptions): readonly PodIssue[] {
  const issues: PodIssue[] = [];
  const report = (path: FieldPath, what: string) =>
    issues.push(apiReference(path.named("spec"), `static pods may not reference ${what}`));
  if (options.apiReferences !== "all") {
    if (options.apiReferences === "claims and trust bundles") findClaims(spec, report);
    findTrustBundles(spec, report);
    return issues;
  }
  if (spec.serviceAccountName !== "") {
    report(FIELD.child("serviceAccountName"), "service accounts");
  }
  for (const [index, { name }] of spec.imagePullSecrets.entries()) {
    if (name !== "") report(FIELD.child("imagePullSecrets").index(index), "secrets");
  }
  for (const { container, path } of allContainers(spec, FIELD)) {
    findInContainer(container, path, report);
  }
  findClaims(spec, report);
  for (const [index, volume] of spec.volumes.entries()) {
    findInVolume(volume, FIELD.child("volumes").index(index), report);
  }
  return issues;
}

type Report = (path: FieldPath, what: string) => void;

function findClaims(spec: PodSpec, report: Report): void {
  if (spec.resourceClaims.length > 0) report(FIELD.child("resourceClaims"), "resource claims");
}

function findTrustBundles(spec: PodSpec, report: Report): void {
  for (const [index, volume] of spec.volumes.entries()) {
    const sources = FIELD.child("volumes").index(index).child("projected").child("sources");
    for (const [at, source] of (volume.projected?.sources ?? []).entries()) {
      if (source.clusterTrustBundle !== undefined) {
        report(sources.index(at).child("clusterTrustBundle"), "cluster trust bundles");
      }
    }
  }
}

function findInContainer(container: Container, path: FieldPath, report: Report): void {
  for (const [index, source] of container.envFrom.entries()) {
    const place = path.child("envFrom").index(index);
    if ((source.secretRef?.name ?? "") !== "") report(place.child("secretRef"), "secrets");
    if ((source.configMapRef?.name ?? "") !== "") {
      report(place.child("configMapRef"), "config maps");
    }
  }
  for (const [index, { valueFrom }] of container.env.entries()) {
    const place = path.child("env").index(index).child("valueFrom");
    if ((valueFrom?.secretKeyRef?.name ?? "") !== "") {
      report(place.child("secretKeyRef"), "secrets");
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
    if (volume[name] !== undefined) report(path.child(name), what);
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
    report(path.child(name), what);
    isKnown = true;
  }
  if (!isKnown) report(path, "a projected volume without a known source");
}

/**
 * Volumes whose files are made of API objects and of the pod itself.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, since, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int32, int64, str } from "./scalars.ts";
import { LabelSelector, ObjectFieldSelector, ResourceFieldSelector } from "./meta.ts";

/** Which key becomes which file. */
export const KeyToPath = struct({
  key: str,
  path: str,
  mode: optional(int32),
  user: since(37, optional(int64)),
});
export type KeyToPath = ValueOf<typeof KeyToPath>;

/** A file made of a field or a resource of the pod. */
export const DownwardAPIVolumeFile = struct({
  path: str,
  fieldRef: optional(ObjectFieldSelector),
  resourceFieldRef: optional(ResourceFieldSelector),
  mode: optional(int32),
  user: since(37, optional(int64)),
});
export type DownwardAPIVolumeFile = ValueOf<typeof DownwardAPIVolumeFile>;

/** Files of a secret. */
export const SecretProjection = struct({
  name: str,
  items: list(KeyToPath),
  optional: optional(bool),
});
export type SecretProjection = ValueOf<typeof SecretProjection>;

/** Files of the pod's own fields. */
export const DownwardAPIProjection = struct({
  items: list(DownwardAPIVolumeFile),
});
export type DownwardAPIProjection = ValueOf<typeof DownwardAPIProjection>;

/** Files of a config map. */
export const ConfigMapProjection = struct({
  name: str,
  items: list(KeyToPath),
  optional: optional(bool),
});
export type ConfigMapProjection = ValueOf<typeof ConfigMapProjection>;

/** A token of the pod's service account. */
export const ServiceAccountTokenProjection = struct({
  audience: str,
  expirationSeconds: optional(int64),
  path: str,
  user: since(37, optional(int64)),
});
export type ServiceAccountTokenProjection = ValueOf<typeof ServiceAccountTokenProjection>;

/** Trust anchors of the cluster. */
export const ClusterTrustBundleProjection = struct({
  name: optional(str),
  signerName: optional(str),
  labelSelector: optional(LabelSelector),
  optional: optional(bool),
  path: str,
  user: since(37, optional(int64)),
});
export type ClusterTrustBundleProjection = ValueOf<typeof ClusterTrustBundleProjection>;

/** A certificate issued for the pod. */
export const PodCertificateProjection = struct({
  signerName: str,
  keyType: str,
  maxExpirationSeconds: optional(int32),
  credentialBundlePath: str,
  keyPath: str,
  certificateChainPath: str,
  userAnnotations: since(35, map(str)),
  user: since(37, optional(int64)),
});
export type PodCertificateProjection = ValueOf<typeof PodCertificateProjection>;

/** One source of a projected volume; exactly one field is set. */
export const VolumeProjection = struct({
  secret: optional(SecretProjection),
  downwardAPI: optional(DownwardAPIProjection),
  configMap: optional(ConfigMapProjection),
  serviceAccountToken: optional(ServiceAccountTokenProjection),
  clusterTrustBundle: optional(ClusterTrustBundleProjection),
  podCertificate: since(34, optional(PodCertificateProjection)),
});
export type VolumeProjection = ValueOf<typeof VolumeProjection>;

/** Several sources in one directory. */
export const ProjectedVolumeSource = struct({
  sources: list(VolumeProjection),
  defaultMode: optional(int32),
  defaultUser: since(37, optional(int64)),
});
export type ProjectedVolumeSource = ValueOf<typeof ProjectedVolumeSource>;

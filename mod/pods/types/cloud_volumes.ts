/**
 * Volumes of storage systems, most of them served by CSI today.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int32, str } from "./scalars.ts";
import { LocalObjectReference } from "./meta.ts";

/** A disk of Google Compute Engine. */
export const GCEPersistentDiskVolumeSource = struct({
  pdName: str,
  fsType: str,
  partition: int32,
  readOnly: bool,
});
export type GCEPersistentDiskVolumeSource = ValueOf<typeof GCEPersistentDiskVolumeSource>;

/** A disk of Amazon EBS. */
export const AWSElasticBlockStoreVolumeSource = struct({
  volumeID: str,
  fsType: str,
  partition: int32,
  readOnly: bool,
});
export type AWSElasticBlockStoreVolumeSource = ValueOf<typeof AWSElasticBlockStoreVolumeSource>;

/** A Gluster volume. */
export const GlusterfsVolumeSource = struct({
  endpoints: str,
  path: str,
  readOnly: bool,
});
export type GlusterfsVolumeSource = ValueOf<typeof GlusterfsVolumeSource>;

/** A block device of Ceph. */
export const RBDVolumeSource = struct({
  monitors: list(str),
  image: str,
  fsType: str,
  pool: str,
  user: str,
  keyring: str,
  secretRef: optional(LocalObjectReference),
  readOnly: bool,
});
export type RBDVolumeSource = ValueOf<typeof RBDVolumeSource>;

/** A volume of an exec plugin. */
export const FlexVolumeSource = struct({
  driver: str,
  fsType: str,
  secretRef: optional(LocalObjectReference),
  readOnly: bool,
  options: map(str),
});
export type FlexVolumeSource = ValueOf<typeof FlexVolumeSource>;

/** A disk of OpenStack. */
export const CinderVolumeSource = struct({
  volumeID: str,
  fsType: str,
  readOnly: bool,
  secretRef: optional(LocalObjectReference),
});
export type CinderVolumeSource = ValueOf<typeof CinderVolumeSource>;

/** A Ceph file system. */
export const CephFSVolumeSource = struct({
  monitors: list(str),
  path: str,
  user: str,
  secretFile: str,
  secretRef: optional(LocalObjectReference),
  readOnly: bool,
});
export type CephFSVolumeSource = ValueOf<typeof CephFSVolumeSource>;

/** A Flocker data set. */
export const FlockerVolumeSource = struct({
  datasetName: str,
  datasetUUID: str,
});
export type FlockerVolumeSource = ValueOf<typeof FlockerVolumeSource>;

/** A share of Azure Files. */
export const AzureFileVolumeSource = struct({
  secretName: str,
  shareName: str,
  readOnly: bool,
});
export type AzureFileVolumeSource = ValueOf<typeof AzureFileVolumeSource>;

/** A disk of vSphere. */
export const VsphereVirtualDiskVolumeSource = struct({
  volumePath: str,
  fsType: str,
  storagePolicyName: str,
  storagePolicyID: str,
});
export type VsphereVirtualDiskVolumeSource = ValueOf<typeof VsphereVirtualDiskVolumeSource>;

/** A Quobyte volume. */
export const QuobyteVolumeSource = struct({
  registry: str,
  volume: str,
  readOnly: bool,
  user: str,
  group: str,
  tenant: str,
});
export type QuobyteVolumeSource = ValueOf<typeof QuobyteVolumeSource>;

/** A disk of Azure. */
export const AzureDiskVolumeSource = struct({
  diskName: str,
  diskURI: str,
  cachingMode: optional(str),
  fsType: optional(str),
  readOnly: optional(bool),
  kind: optional(str),
});
export type AzureDiskVolumeSource = ValueOf<typeof AzureDiskVolumeSource>;

/** A disk of Photon. */
export const PhotonPersistentDiskVolumeSource = struct({
  pdID: str,
  fsType: str,
});
export type PhotonPersistentDiskVolumeSource = ValueOf<typeof PhotonPersistentDiskVolumeSource>;

/** A Portworx volume. */
export const PortworxVolumeSource = struct({
  volumeID: str,
  fsType: str,
  readOnly: bool,
});
export type PortworxVolumeSource = ValueOf<typeof PortworxVolumeSource>;

/** A ScaleIO volume. */
export const ScaleIOVolumeSource = struct({
  gateway: str,
  system: str,
  secretRef: optional(LocalObjectReference),
  sslEnabled: bool,
  protectionDomain: str,
  storagePool: str,
  storageMode: str,
  volumeName: str,
  fsType: str,
  readOnly: bool,
});
export type ScaleIOVolumeSource = ValueOf<typeof ScaleIOVolumeSource>;

/** A StorageOS volume. */
export const StorageOSVolumeSource = struct({
  volumeName: str,
  volumeNamespace: str,
  fsType: str,
  readOnly: bool,
  secretRef: optional(LocalObjectReference),
});
export type StorageOSVolumeSource = ValueOf<typeof StorageOSVolumeSource>;

/**
 * The volume of a pod, and the sources that are not of a storage system.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, since, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int32, int64, quantity, str } from "./scalars.ts";
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GlusterfsVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from "./cloud_volumes.ts";
import { LocalObjectReference } from "./meta.ts";
import { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource } from "./projected_volume.ts";
import { EphemeralVolumeSource } from "./volume_claim.ts";

/** A file or directory of the node. */
export const HostPathVolumeSource = struct({
  path: str,
  type: optional(str),
});
export type HostPathVolumeSource = ValueOf<typeof HostPathVolumeSource>;

/** A directory that begins empty and ends with the pod. */
export const EmptyDirVolumeSource = struct({
  medium: str,
  sizeLimit: optional(quantity),
  mode: since(37, optional(int32)),
});
export type EmptyDirVolumeSource = ValueOf<typeof EmptyDirVolumeSource>;

/** A clone of a git repository. */
export const GitRepoVolumeSource = struct({
  repository: str,
  revision: str,
  directory: str,
});
export type GitRepoVolumeSource = ValueOf<typeof GitRepoVolumeSource>;

/** Files of a secret. */
export const SecretVolumeSource = struct({
  secretName: str,
  items: list(KeyToPath),
  defaultMode: optional(int32),
  optional: optional(bool),
  defaultUser: since(37, optional(int64)),
});
export type SecretVolumeSource = ValueOf<typeof SecretVolumeSource>;

/** A share of NFS. */
export const NFSVolumeSource = struct({
  server: str,
  path: str,
  readOnly: bool,
});
export type NFSVolumeSource = ValueOf<typeof NFSVolumeSource>;

/** A disk of iSCSI. */
export const ISCSIVolumeSource = struct({
  targetPortal: str,
  iqn: str,
  lun: int32,
  iscsiInterface: str,
  fsType: str,
  readOnly: bool,
  portals: list(str),
  chapAuthDiscovery: bool,
  chapAuthSession: bool,
  secretRef: optional(LocalObjectReference),
  initiatorName: optional(str),
});
export type ISCSIVolumeSource = ValueOf<typeof ISCSIVolumeSource>;

/** The volume of a claim. */
export const PersistentVolumeClaimVolumeSource = struct({
  claimName: str,
  readOnly: bool,
});
export type PersistentVolumeClaimVolumeSource = ValueOf<typeof PersistentVolumeClaimVolumeSource>;

/** Files of the pod's own fields. */
export const DownwardAPIVolumeSource = struct({
  items: list(DownwardAPIVolumeFile),
  defaultMode: optional(int32),
  defaultUser: since(37, optional(int64)),
});
export type DownwardAPIVolumeSource = ValueOf<typeof DownwardAPIVolumeSource>;

/** A disk of Fibre Channel. */
export const FCVolumeSource = struct({
  targetWWNs: list(str),
  lun: optional(int32),
  fsType: str,
  readOnly: bool,
  wwids: list(str),
});
export type FCVolumeSource = ValueOf<typeof FCVolumeSource>;

/** Files of a config map. */
export const ConfigMapVolumeSource = struct({
  name: str,
  items: list(KeyToPath),
  defaultMode: optional(int32),
  optional: optional(bool),
  defaultUser: since(37, optional(int64)),
});
export type ConfigMapVolumeSource = ValueOf<typeof ConfigMapVolumeSource>;

/** A volume of a CSI driver, inline. */
export const CSIVolumeSource = struct({
  driver: str,
  readOnly: optional(bool),
  fsType: optional(str),
  volumeAttributes: map(str),
  nodePublishSecretRef: optional(LocalObjectReference),
});
export type CSIVolumeSource = ValueOf<typeof CSIVolumeSource>;

/** The content of an OCI image. */
export const ImageVolumeSource = struct({
  reference: str,
  pullPolicy: str,
});
export type ImageVolumeSource = ValueOf<typeof ImageVolumeSource>;

/** A volume: its name and exactly one source. */
export const Volume = struct({
  name: str,
  hostPath: optional(HostPathVolumeSource),
  emptyDir: optional(EmptyDirVolumeSource),
  gcePersistentDisk: optional(GCEPersistentDiskVolumeSource),
  awsElasticBlockStore: optional(AWSElasticBlockStoreVolumeSource),
  gitRepo: optional(GitRepoVolumeSource),
  secret: optional(SecretVolumeSource),
  nfs: optional(NFSVolumeSource),
  iscsi: optional(ISCSIVolumeSource),
  glusterfs: optional(GlusterfsVolumeSource),
  persistentVolumeClaim: optional(PersistentVolumeClaimVolumeSource),
  rbd: optional(RBDVolumeSource),
  flexVolume: optional(FlexVolumeSource),
  cinder: optional(CinderVolumeSource),
  cephfs: optional(CephFSVolumeSource),
  flocker: optional(FlockerVolumeSource),
  downwardAPI: optional(DownwardAPIVolumeSource),
  fc: optional(FCVolumeSource),
  azureFile: optional(AzureFileVolumeSource),
  configMap: optional(ConfigMapVolumeSource),
  vsphereVolume: optional(VsphereVirtualDiskVolumeSource),
  quobyte: optional(QuobyteVolumeSource),
  azureDisk: optional(AzureDiskVolumeSource),
  photonPersistentDisk: optional(PhotonPersistentDiskVolumeSource),
  projected: optional(ProjectedVolumeSource),
  portworxVolume: optional(PortworxVolumeSource),
  scaleIO: optional(ScaleIOVolumeSource),
  storageos: optional(StorageOSVolumeSource),
  csi: optional(CSIVolumeSource),
  ephemeral: optional(EphemeralVolumeSource),
  image: optional(ImageVolumeSource),
});
export type Volume = ValueOf<typeof Volume>;

/**
 * Volumes of storage systems.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, the function named at each rule.
 */
import { invalid, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GlusterfsVolumeSource,
  LocalObjectReference,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from "../../types/mod.ts";
import { byteLength, dnsLabel, inclusiveRange, pushInvalid } from "../names.ts";

function validatePartition(partition: number, path: FieldPath, issues: PodIssue[]): void {
  if (partition < 0 || partition > 255) {
    issues.push(invalid(path.child("partition"), partition, inclusiveRange(1, 255)));
  }
}

function validateSecretRef(
  secret: LocalObjectReference | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (secret?.name === "") issues.push(required(path.child("secretRef").child("name")));
}

/** `validateGCEPersistentDiskVolumeSource`. */
export function validateGCEPersistentDisk(
  source: GCEPersistentDiskVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.pdName === "") issues.push(required(path.child("pdName")));
  validatePartition(source.partition, path, issues);
}

/** `validateAWSElasticBlockStoreVolumeSource`. */
export function validateAWSElasticBlockStore(
  source: AWSElasticBlockStoreVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.volumeID === "") issues.push(required(path.child("volumeID")));
  validatePartition(source.partition, path, issues);
}

/** `validateGlusterfsVolumeSource`. */
export function validateGlusterfs(
  source: GlusterfsVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.endpoints === "") issues.push(required(path.child("endpoints")));
  if (source.path === "") issues.push(required(path.child("path")));
}

/** `validateFlockerVolumeSource`. */
export function validateFlocker(
  source: FlockerVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { datasetName, datasetUUID } = source;
  if (datasetName === "" && datasetUUID === "") {
    issues.push(required(path, "must have datasetName or datasetUUID"));
  }
  if (datasetName !== "" && datasetUUID !== "") {
    issues.push(invalid(path, datasetName, "may have datasetName or datasetUUID, not both"));
  }
  if (datasetName.includes("/")) {
    issues.push(invalid(path.child("datasetName"), datasetName, "must not contain '/'"));
  }
}

/** `validateRBDVolumeSource`. */
export function validateRBD(source: RBDVolumeSource, path: FieldPath, issues: PodIssue[]): void {
  if (source.monitors.length === 0) issues.push(required(path.child("monitors")));
  if (source.image === "") issues.push(required(path.child("image")));
}

/** `validateCinderVolumeSource`. */
export function validateCinder(
  source: CinderVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.volumeID === "") issues.push(required(path.child("volumeID")));
  validateSecretRef(source.secretRef, path, issues);
}

/** `validateCephFSVolumeSource`. */
export function validateCephFS(
  source: CephFSVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.monitors.length === 0) issues.push(required(path.child("monitors")));
}

/** True for `host:port`, IPv6 hosts in brackets, as Go's `net.SplitHostPort` takes it. */
function isHostAndPort(text: string): boolean {
  const lastColon = text.lastIndexOf(":");
  if (lastColon < 0) return false;
  const port = text.slice(lastColon + 1);
  let host = text.slice(0, lastColon);
  if (text.startsWith("[")) {
    if (text.indexOf("]") + 1 !== lastColon) return false;
    host = host.slice(1, -1);
    return !host.includes("[") && !port.includes("]") && !port.includes("[");
  }
  return !/[:[\]]/.test(host) && !/[[\]]/.test(port);
}

/** `validateQuobyteVolumeSource`. */
export function validateQuobyte(
  source: QuobyteVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const wanted = "must be host:port, or several of them separated by commas";
  if (source.registry === "") {
    issues.push(required(path.child("registry"), wanted));
  } else if (byteLength(source.tenant) > 64) {
    issues.push(required(path.child("tenant"), "must be a UUID of at most 64 bytes"));
  } else {
    for (const registry of source.registry.split(",")) {
      if (isHostAndPort(registry)) continue;
      issues.push(invalid(path.child("registry"), source.registry, wanted));
    }
  }
  if (source.volume === "") issues.push(required(path.child("volume")));
}

/** `validateFlexVolumeSource`. */
export function validateFlexVolume(
  source: FlexVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.driver === "") issues.push(required(path.child("driver")));
  for (const option of source.options.keys()) {
    const domain = `.${option.split("/", 1)[0]!.toLowerCase()}`;
    if (domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io")) {
      const place = path.child("options").key(option);
      issues.push(invalid(place, option, "kubernetes.io and k8s.io are reserved for Kubernetes"));
    }
  }
}

/** `validateAzureFile`. */
export function validateAzureFile(
  source: AzureFileVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.secretName === "") issues.push(required(path.child("secretName")));
  if (source.shareName === "") issues.push(required(path.child("shareName")));
}

const CACHING_MODES = ["None", "ReadOnly", "ReadWrite"];
const DISK_KINDS = ["Dedicated", "Managed", "Shared"];
const MANAGED_DISK_URI =
  "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const BLOB_DISK_URI =
  "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

/** `validateAzureDisk`. */
export function validateAzureDisk(
  source: AzureDiskVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { diskURI, kind, cachingMode } = source;
  if (source.diskName === "") issues.push(required(path.child("diskName")));
  if (diskURI === "") issues.push(required(path.child("diskURI")));
  if (cachingMode !== undefined && !CACHING_MODES.includes(cachingMode)) {
    issues.push(notSupported(path.child("cachingMode"), cachingMode, CACHING_MODES));
  }
  if (kind === undefined) return;
  if (!DISK_KINDS.includes(kind)) issues.push(notSupported(path.child("kind"), kind, DISK_KINDS));
  const [prefix, example] = kind === "Managed"
    ? ["/subscriptions/", MANAGED_DISK_URI]
    : ["https://", BLOB_DISK_URI];
  if (!diskURI.startsWith(prefix)) {
    issues.push(notSupported(path.child("diskURI"), diskURI, [example]));
  }
}

/** `validateVsphereVolumeSource`. */
export function validateVsphere(
  source: VsphereVirtualDiskVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.volumePath === "") issues.push(required(path.child("volumePath")));
}

/** `validatePhotonPersistentDiskVolumeSource`. */
export function validatePhoton(
  source: PhotonPersistentDiskVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.pdID === "") issues.push(required(path.child("pdID")));
}

/** `validatePortworxVolumeSource`. */
export function validatePortworx(
  source: PortworxVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.volumeID === "") issues.push(required(path.child("volumeID")));
}

/** `validateScaleIOVolumeSource`. */
export function validateScaleIO(
  source: ScaleIOVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.gateway === "") issues.push(required(path.child("gateway")));
  if (source.system === "") issues.push(required(path.child("system")));
  if (source.volumeName === "") issues.push(required(path.child("volumeName")));
}

/** `validateStorageOSVolumeSource`. */
export function validateStorageOS(
  source: StorageOSVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { volumeName, volumeNamespace } = source;
  if (volumeName === "") issues.push(required(path.child("volumeName")));
  else pushInvalid(issues, path.child("volumeName"), volumeName, dnsLabel(volumeName));
  if (volumeNamespace !== "") {
    pushInvalid(issues, path.child("volumeNamespace"), volumeNamespace, dnsLabel(volumeNamespace));
  }
  validateSecretRef(source.secretRef, path, issues);
}

/**
 * The values that the kubelet fills into volumes while it decodes a pod.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/v1/defaults.go and zz_generated.defaults.go.
 */
import { isLatest } from "./image_reference.ts";
import type { RuleOptions } from "./rules.ts";
import { each, EmptyDirVolumeSource } from "./types/mod.ts";
import type {
  DownwardAPIVolumeFile,
  EphemeralVolumeSource,
  ProjectedVolumeSource,
  Volume,
} from "./types/mod.ts";

/** `0644`: what files of config maps, secrets and the pod's own fields get. */
const DEFAULT_MODE = 0o644;
const DEFAULT_TOKEN_SECONDS = 3600;

/** The volume with its defaults; one without any source is an empty directory. */
export function withVolumeDefaults(volume: Volume, options: RuleOptions): Volume {
  if (!hasSource(volume)) return { ...volume, emptyDir: EmptyDirVolumeSource.zero };
  return withLegacyDefaults({
    ...volume,
    hostPath: volume.hostPath && { ...volume.hostPath, type: volume.hostPath.type ?? "" },
    secret: withMode(volume.secret),
    configMap: withMode(volume.configMap),
    downwardAPI: volume.downwardAPI && {
      ...withMode(volume.downwardAPI),
      items: each(volume.downwardAPI.items, withFieldVersion),
    },
    projected: withProjectedDefaults(volume.projected),
    ephemeral: withClaimDefaults(volume.ephemeral),
    image: volume.image && options.imageVolumeDefaults
      ? {
        ...volume.image,
        pullPolicy: volume.image.pullPolicy ||
          (isLatest(volume.image.reference) ? "Always" : "IfNotPresent"),
      }
      : volume.image,
  });
}

/** Whether a volume has any source; the loop makes no objects, for there are many volumes. */
export function hasSource(volume: Volume): boolean {
  for (const name in volume) {
    if (name !== "name" && volume[name as keyof Volume] !== undefined) return true;
  }
  return false;
}

function withMode<T extends { readonly defaultMode: number | undefined }>(source: T): T;
function withMode<T extends { readonly defaultMode: number | undefined }>(
  source: T | undefined,
): T | undefined;
function withMode<T extends { readonly defaultMode: number | undefined }>(
  source: T | undefined,
): T | undefined {
  return source && { ...source, defaultMode: source.defaultMode ?? DEFAULT_MODE };
}

function withFieldVersion(file: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  const { fieldRef } = file;
  return fieldRef === undefined || fieldRef.apiVersion !== ""
    ? file
    : { ...file, fieldRef: { ...fieldRef, apiVersion: "v1" } };
}

function withProjectedDefaults(
  source: ProjectedVolumeSource | undefined,
): ProjectedVolumeSource | undefined {
  return source && {
    ...withMode(source),
    sources: each(source.sources, (projection) => ({
      ...projection,
      downwardAPI: projection.downwardAPI &&
        { ...projection.downwardAPI, items: each(projection.downwardAPI.items, withFieldVersion) },
      serviceAccountToken: projection.serviceAccountToken && {
        ...projection.serviceAccountToken,
        expirationSeconds: projection.serviceAccountToken.expirationSeconds ??
          DEFAULT_TOKEN_SECONDS,
      },
    })),
  };
}

function withClaimDefaults(
  source: EphemeralVolumeSource | undefined,
): EphemeralVolumeSource | undefined {
  const template = source?.volumeClaimTemplate;
  if (template === undefined) return source;
  const spec = { ...template.spec, volumeMode: template.spec.volumeMode ?? "Filesystem" };
  return { ...source, volumeClaimTemplate: { ...template, spec } };
}

/** Sources whose defaults are single words. */
function withLegacyDefaults(volume: Volume): Volume {
  const { iscsi, rbd, azureDisk, scaleIO } = volume;
  return {
    ...volume,
    iscsi: iscsi && { ...iscsi, iscsiInterface: iscsi.iscsiInterface || "default" },
    rbd: rbd && {
      ...rbd,
      pool: rbd.pool || "rbd",
      user: rbd.user || "admin",
      keyring: rbd.keyring || "/etc/ceph/keyring",
    },
    azureDisk: azureDisk && {
      ...azureDisk,
      cachingMode: azureDisk.cachingMode ?? "ReadWrite",
      fsType: azureDisk.fsType ?? "ext4",
      readOnly: azureDisk.readOnly ?? false,
      kind: azureDisk.kind ?? "Shared",
    },
    scaleIO: scaleIO && {
      ...scaleIO,
      storageMode: scaleIO.storageMode || "ThinProvisioned",
      fsType: scaleIO.fsType || "xfs",
    },
  };
}

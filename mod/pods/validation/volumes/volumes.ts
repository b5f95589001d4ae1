/**
 * The volumes of a pod: their names, and that each has exactly one source.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `ValidateVolumes`,
 * `validateVolumeSource`.
 */
import { duplicate, forbidden, invalid, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { Volume } from "../../types/mod.ts";
import { dnsLabel, dnsSubdomain, pushInvalid } from "../names.ts";
import { validateProjected } from "./projected.ts";
import { validateEphemeral } from "./volume_claim_template.ts";
import {
  validateConfigMapVolume,
  validateDownwardAPIVolume,
  validateSecretVolume,
} from "./volume_files.ts";
import {
  validateClaim,
  validateCSI,
  validateEmptyDir,
  validateFC,
  validateGitRepo,
  validateHostPath,
  validateImageVolume,
  validateISCSI,
  validateISCSIVolumeName,
  validateNFS,
} from "./volume_sources.ts";
import {
  validateAWSElasticBlockStore,
  validateAzureDisk,
  validateAzureFile,
  validateCephFS,
  validateCinder,
  validateFlexVolume,
  validateFlocker,
  validateGCEPersistentDisk,
  validateGlusterfs,
  validatePhoton,
  validatePortworx,
  validateQuobyte,
  validateRBD,
  validateScaleIO,
  validateStorageOS,
  validateVsphere,
} from "./volume_sources_storage.ts";

/** The volumes that containers can mount, by name: those without a mistake. */
export type MountableVolumes = ReadonlyMap<string, Volume>;

/**
 * Judges `spec.volumes` (at `path`) of the pod `podName`; its name with the
 * node's, as claims of ephemeral volumes are named after it.
 *
 * @returns the volumes that containers can mount
 */
export function validateVolumes(
  volumes: readonly Volume[],
  podName: string,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): MountableVolumes {
  const mountable = new Map<string, Volume>();
  const createdClaims = claimsOfEphemeralVolumes(volumes, podName);
  for (const [index, volume] of volumes.entries()) {
    const volumePath = path.index(index);
    const issuesBefore = issues.length;
    validateSource(volume, podName, volumePath, options, issues);
    const { name } = volume;
    if (name === "") issues.push(required(volumePath.child("name")));
    else {
      const reasons = dnsLabel(name);
      if (reasons.length > 0) pushInvalid(issues, volumePath.child("name"), name, reasons);
    }
    if (mountable.has(name)) issues.push(duplicate(volumePath.child("name"), name));
    if (issues.length === issuesBefore) mountable.set(name, volume);

    const claimName = volume.persistentVolumeClaim?.claimName;
    if (claimName !== undefined && createdClaims.has(claimName)) {
      const place = volumePath.child("persistentVolumeClaim").child("claimName");
      issues.push(invalid(place, claimName, "is the claim of an ephemeral volume of this pod"));
    }
  }
  return mountable;
}

function claimsOfEphemeralVolumes(
  volumes: readonly Volume[],
  podName: string,
): ReadonlySet<string> {
  const claims = new Set<string>();
  if (podName === "") return claims;
  for (const volume of volumes) {
    if (volume.ephemeral !== undefined) claims.add(`${podName}-${volume.name}`);
  }
  return claims;
}

type SourceName = Exclude<keyof Volume, "name">;

/** One type of volume. */
interface SourceRule {
  readonly name: SourceName;
  /** The kubelet's own name of it in messages, where that is not the field's. */
  readonly named: string;
  /** The same when it is the second source of a volume. */
  readonly namedAsSecond: string;
  readonly check: (
    volume: Volume,
    path: FieldPath,
    options: RuleOptions,
    issues: PodIssue[],
  ) => void;
}

function source<Name extends SourceName>(
  name: Name,
  check: (
    source: NonNullable<Volume[Name]>,
    path: FieldPath,
    issues: PodIssue[],
    options: RuleOptions,
  ) => void,
  named: { readonly named?: string; readonly namedAsSecond?: string } = {},
): SourceRule {
  return {
    name,
    named: named.named ?? name,
    namedAsSecond: named.namedAsSecond ?? name,
    check: (volume, path, options, issues) => {
      const present = volume[name];
      if (present !== undefined) check(present as NonNullable<Volume[Name]>, path, issues, options);
    },
  };
}

/** In the kubelet's order: the first source that is there is judged, each further one is one too many. */
const SOURCES: readonly SourceRule[] = [
  source("emptyDir", validateEmptyDir),
  source("hostPath", validateHostPath),
  source("gitRepo", validateGitRepo),
  source("gcePersistentDisk", validateGCEPersistentDisk, { named: "persistentDisk" }),
  source("awsElasticBlockStore", validateAWSElasticBlockStore),
  source("secret", validateSecretVolume),
  source("nfs", validateNFS),
  source("iscsi", validateISCSI),
  source("glusterfs", validateGlusterfs),
  source("flocker", validateFlocker),
  source("persistentVolumeClaim", validateClaim),
  source("rbd", validateRBD),
  source("cinder", validateCinder),
  source("cephfs", validateCephFS, { namedAsSecond: "cephFS" }),
  source("quobyte", validateQuobyte),
  source("downwardAPI", validateDownwardAPIVolume, { namedAsSecond: "downwarAPI" }),
  source("fc", validateFC),
  source("flexVolume", validateFlexVolume),
  source("configMap", validateConfigMapVolume),
  source("azureFile", validateAzureFile),
  source("vsphereVolume", validateVsphere),
  source("photonPersistentDisk", validatePhoton),
  source("portworxVolume", validatePortworx),
  source("azureDisk", validateAzureDisk),
  source("storageos", validateStorageOS),
  source("projected", validateProjected),
  source("scaleIO", validateScaleIO),
  source("csi", validateCSI),
  source(
    "ephemeral",
    (ephemeral, path, issues, options) => validateEphemeral(ephemeral, path, options, issues),
  ),
  source("image", validateImageVolume),
];

function validateSource(
  volume: Volume,
  podName: string,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const [first, ...others] = sourcesOf(volume, options);
  if (first === undefined) {
    issues.push(required(path, "must have a type of volume"));
    return;
  }
  first.check(volume, placeOf(first.name, first.named, path), options, issues);
  for (const { name, namedAsSecond } of others) {
    const detail = `a volume has one type, and this one has ${first.name} already`;
    issues.push(forbidden(placeOf(name, namedAsSecond, path), detail));
  }
  if (volume.iscsi !== undefined) {
    validateISCSIVolumeName(volume.name, volume.iscsi, path, issues);
  }
  if (first.name === "ephemeral" && podName !== "" && volume.name !== "") {
    const claimName = `${podName}-${volume.name}`;
    for (const reason of dnsSubdomain(claimName)) {
      const detail = `its claim would be named ${JSON.stringify(claimName)}, which ${reason}`;
      issues.push(invalid(path.child("name"), volume.name, detail));
    }
  }
}

const RULES_BY_NAME: ReadonlyMap<string, SourceRule> = new Map(
  SOURCES.map((rule) => [rule.name, rule]),
);

/** The rules of the sources that are there, in the kubelet's order. */
function sourcesOf(volume: Volume, options: RuleOptions): readonly SourceRule[] {
  const present: SourceRule[] = [];
  // A loop over the volume's own fields is several times quicker than one over the rules.
  for (const name in volume) {
    if (volume[name as keyof Volume] === undefined) continue;
    if (name === "image" && !options.imageVolumes) continue;
    const rule = RULES_BY_NAME.get(name);
    if (rule !== undefined) present.push(rule);
  }
  return present.length < 2 ? present : SOURCES.filter((rule) => present.includes(rule));
}

function placeOf(name: SourceName, named: string, path: FieldPath): FieldPath {
  const place = path.child(name);
  return named === name ? place : place.named(`${path}.${named}`);
}

/**
 * Volumes of the node and of the network that every kubelet knows itself.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, the function named at each rule.
 */
import { forbidden, invalid, notSupported, required, tooLong } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type {
  CSIVolumeSource,
  EmptyDirVolumeSource,
  FCVolumeSource,
  GitRepoVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  PersistentVolumeClaimVolumeSource,
} from "../../types/mod.ts";
import { byteLength, dnsSubdomain, inclusiveRange, pushInvalid } from "../names.ts";
import { hasBackstep, validateDescendingPath } from "./relative_paths.ts";

/** All rights and the sticky bit. */
const MAX_DIRECTORY_MODE = 0o1777;

/** A directory that begins empty (`validateVolumeSource`). */
export function validateEmptyDir(
  source: EmptyDirVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.sizeLimit !== undefined && source.sizeLimit.sign() < 0) {
    issues.push(forbidden(path.child("sizeLimit"), "must not be negative"));
  }
  const { mode } = source;
  if (mode !== undefined && (mode < 0 || mode > MAX_DIRECTORY_MODE)) {
    issues.push(invalid(path.child("mode"), mode, "must be from 0 to 01777 (octal), decimal 1023"));
  }
}

const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

/** A file or directory of the node (`validateHostPathVolumeSource`, `validateHostPathType`). */
export function validateHostPath(
  source: HostPathVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.path === "") {
    issues.push(required(path.child("path")));
    return;
  }
  if (hasBackstep(source.path)) {
    issues.push(invalid(path.child("path"), source.path, "must not contain '..'"));
  }
  if (source.type !== undefined && !HOST_PATH_TYPES.includes(source.type)) {
    issues.push(notSupported(path.child("type"), source.type, HOST_PATH_TYPES));
  }
}

/** A clone of a repository (`validateGitRepoVolumeSource`). */
export function validateGitRepo(
  source: GitRepoVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.repository === "") issues.push(required(path.child("repository")));
  validateDescendingPath(source.directory, path.child("directory"), issues);
}

/** A share of NFS (`validateNFSVolumeSource`). */
export function validateNFS(source: NFSVolumeSource, path: FieldPath, issues: PodIssue[]): void {
  if (source.server === "") issues.push(required(path.child("server")));
  if (source.path === "") issues.push(required(path.child("path")));
  if (!source.path.startsWith("/")) {
    issues.push(invalid(path.child("path"), source.path, "must be an absolute path"));
  }
}

/** The volume of a claim (`validatePersistentClaimVolumeSource`). */
export function validateClaim(
  source: PersistentVolumeClaimVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.claimName === "") issues.push(required(path.child("claimName")));
}

/** The number of a disk is a byte. */
function validateLun(lun: number, path: FieldPath, issues: PodIssue[]): void {
  if (lun < 0 || lun > 255) issues.push(invalid(path, lun, inclusiveRange(0, 255)));
}

const IQN = /iqn\.\d{4}-\d{2}\.([0-9A-Za-z\-.]+)(:[^,;*&$|\t\n\f\r ]+)$/;
const EUI = /^eui[^\n][0-9A-Za-z]{16}$/u;
const NAA = /^naa[^\n][0-9A-Za-z]{32}$/u;

/** What is wrong with the name of an iSCSI node, or undefined. */
function iscsiNameProblem(name: string): string | undefined {
  const pattern = name.startsWith("iqn")
    ? IQN
    : name.startsWith("eui")
    ? EUI
    : name.startsWith("naa")
    ? NAA
    : undefined;
  if (pattern === undefined) return "must begin with iqn, eui or naa";
  return pattern.test(name) ? undefined : `is no ${name.slice(0, 3)} name`;
}

/** A disk of iSCSI (`validateISCSIVolumeSource`, and `validateVolumeSource` on the volume's name). */
export function validateISCSI(
  source: ISCSIVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (source.targetPortal === "") issues.push(required(path.child("targetPortal")));
  if (source.iqn === "") {
    issues.push(required(path.child("iqn")));
  } else {
    const problem = iscsiNameProblem(source.iqn);
    if (problem !== undefined) issues.push(invalid(path.child("iqn"), source.iqn, problem));
  }
  validateLun(source.lun, path.child("lun"), issues);
  if ((source.chapAuthDiscovery || source.chapAuthSession) && source.secretRef === undefined) {
    issues.push(required(path.child("secretRef"), "CHAP authentication needs it"));
  }
  if (source.initiatorName !== undefined) {
    const problem = iscsiNameProblem(source.initiatorName);
    if (problem !== undefined) {
      const place = path.child("initiatorName").named(`${path}.initiatorname`);
      issues.push(invalid(place, source.initiatorName, problem));
    }
  }
}

/** The volume's name is part of an iSCSI name when an initiator is set (`validateVolumeSource`). */
export function validateISCSIVolumeName(
  volumeName: string,
  source: ISCSIVolumeSource,
  volumePath: FieldPath,
  issues: PodIssue[],
): void {
  if (source.initiatorName === undefined) return;
  if (byteLength(`${volumeName}:${source.targetPortal}`) > 64) {
    issues.push(
      invalid(
        volumePath.child("name"),
        volumeName,
        "<name>:<targetPortal> must not be longer than 64 bytes where initiatorName is set",
      ),
    );
  }
}

/** A disk of Fibre Channel (`validateFCVolumeSource`). */
export function validateFC(source: FCVolumeSource, path: FieldPath, issues: PodIssue[]): void {
  const hasTargets = source.targetWWNs.length > 0;
  const hasIds = source.wwids.length > 0;
  if (!hasTargets && !hasIds) {
    issues.push(required(path.child("targetWWNs"), "must have targetWWNs or wwids"));
  }
  if (hasTargets && hasIds) {
    issues.push(
      invalid(
        path.child("targetWWNs"),
        source.targetWWNs.join(", "),
        "may have targetWWNs or wwids, not both",
      ),
    );
  }
  if (!hasTargets) return;
  if (source.lun === undefined) issues.push(required(path.child("lun"), "targetWWNs need it"));
  else validateLun(source.lun, path.child("lun"), issues);
}

/** The name of a CSI driver (`ValidateCSIDriverName`). */
function validateCSIDriver(
  driver: string,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (driver === "") {
    issues.push(required(path));
    if (!options.csiDriverReportedTwice) return;
  }
  if (byteLength(driver) > 63) issues.push(tooLong(path, 63));
  pushInvalid(issues, path, driver, dnsSubdomain(driver.toLowerCase()));
}

/** A volume of a CSI driver (`validateCSIVolumeSource`). */
export function validateCSI(
  source: CSIVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
  options: RuleOptions,
): void {
  validateCSIDriver(source.driver, path.child("driver"), options, issues);
  const secret = source.nodePublishSecretRef;
  if (secret === undefined) return;
  if (secret.name === "") {
    issues.push(required(path.child("nodePublishSecretRef").child("name")));
  } else {
    const place = path.at("nodePublishSecretRef").child("name");
    pushInvalid(issues, place, secret.name, dnsSubdomain(secret.name));
  }
}

const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];

/** The field `name` of the struct at `path` says when to pull an image (`validatePullPolicy`). */
export function validatePullPolicy(
  policy: string,
  path: FieldPath,
  name: string,
  issues: PodIssue[],
): void {
  if (PULL_POLICIES.includes(policy)) return;
  const place = path.child(name);
  issues.push(policy === "" ? required(place) : notSupported(place, policy, PULL_POLICIES));
}

/** The content of an image; before 1.37 the kubelet does not ask for its reference (`validateImageVolumeSource`). */
export function validateImageVolume(
  source: ImageVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
  options: RuleOptions,
): void {
  if (options.imageVolumeNeedsReference && source.reference === "") {
    issues.push(required(path.child("reference")));
  }
  validatePullPolicy(source.pullPolicy, path, "pullPolicy", issues);
}

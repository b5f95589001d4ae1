/**
 * Volumes that put several sources into one directory.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateProjectedVolumeSource`,
 * `validateProjectionSources`, `validatePodMetadataAndSpec` (tokens), and names.go,
 * `ValidateUserAnnotations`.
 */
import { forbidden, invalid, notSupported, required, tooLong } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type {
  ClusterTrustBundleProjection,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from "../../types/mod.ts";
import { validateLabelSelector } from "../labels.ts";
import { byteLength, pushInvalid, qualifiedName } from "../names.ts";
import { validateUnreservedPath } from "./relative_paths.ts";
import { isKubernetesSigner, trustBundleName, validateSignerName } from "./signer_names.ts";
import {
  validateDownwardAPIFile,
  validateFileMode,
  validateFileUser,
  validateKeyToPath,
} from "./volume_files.ts";

/** A volume of several sources. */
export function validateProjected(
  volume: ProjectedVolumeSource,
  path: FieldPath,
  issues: PodIssue[],
): void {
  validateFileMode(volume.defaultMode, path, "defaultMode", issues);
  validateFileUser(volume.defaultUser, path, "defaultUser", issues);
  const taken = new TakenPaths(path, issues);
  const sourcesPath = path.child("sources");
  for (const [index, source] of volume.sources.entries()) {
    validateProjection(source, index, path, sourcesPath.index(index), taken, issues);
  }
}

/** The files that the sources make; no two may have one path. */
class TakenPaths {
  readonly #taken = new Set<string>();
  readonly #volumePath: FieldPath;
  readonly #issues: PodIssue[];

  constructor(volumePath: FieldPath, issues: PodIssue[]) {
    this.#volumePath = volumePath;
    this.#issues = issues;
  }

  take(file: string): void {
    if (!this.#taken.has(file)) {
      this.#taken.add(file);
      return;
    }
    this.#issues.push(invalid(this.#volumePath, file, "two sources make this file"));
  }
}

function validateProjection(
  source: VolumeProjection,
  index: number,
  volumePath: FieldPath,
  path: FieldPath,
  taken: TakenPaths,
  issues: PodIssue[],
): void {
  let sources = 0;
  if (source.secret !== undefined) {
    sources += 1;
    const { name, items } = source.secret;
    validateNamedItems(name, items, path.child("secret"), taken, issues);
  }
  if (source.configMap !== undefined) {
    sources += 1;
    const { name, items } = source.configMap;
    validateNamedItems(name, items, path.child("configMap"), taken, issues);
  }
  if (source.downwardAPI !== undefined) {
    sources += 1;
    const filesPath = path.child("downwardAPI");
    for (const [item, file] of source.downwardAPI.items.entries()) {
      validateDownwardAPIFile(file, filesPath.at("items", item), issues);
      if (file.path !== "") taken.take(file.path);
    }
  }
  if (source.serviceAccountToken !== undefined) {
    sources += 1;
    validateToken(source.serviceAccountToken, index, volumePath, path, issues);
  }
  if (source.clusterTrustBundle !== undefined) {
    sources += 1;
    validateTrustBundle(source.clusterTrustBundle, path.child("clusterTrustBundle"), issues);
    taken.take(source.clusterTrustBundle.path);
  }
  if (source.podCertificate !== undefined) {
    sources += 1;
    validateCertificate(source.podCertificate, path.child("podCertificate"), taken, issues);
  }
  if (sources > 1) issues.push(forbidden(path, "may have only one type of source"));
}

function validateNamedItems(
  name: string,
  items: readonly KeyToPath[],
  path: FieldPath,
  taken: TakenPaths,
  issues: PodIssue[],
): void {
  if (name === "") issues.push(required(path.child("name")));
  const itemsPath = path.child("items");
  for (const [index, item] of items.entries()) {
    validateKeyToPath(item, itemsPath.index(index), issues);
    if (item.path !== "") taken.take(item.path);
  }
}

const MIN_TOKEN_SECONDS = 10 * 60;
const MAX_TOKEN_SECONDS = 2 ** 32;

function validateToken(
  token: ServiceAccountTokenProjection,
  index: number,
  volumePath: FieldPath,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const seconds = token.expirationSeconds;
  const secondsPath = path.child("serviceAccountToken").child("expirationSeconds");
  if (seconds === undefined) issues.push(required(secondsPath));
  else if (seconds < MIN_TOKEN_SECONDS) {
    issues.push(invalid(secondsPath, seconds, "must be at least 600, ten minutes"));
  } else if (seconds > MAX_TOKEN_SECONDS) {
    issues.push(invalid(secondsPath, seconds, `must be at most ${MAX_TOKEN_SECONDS}`));
  }
  validateFileUser(token.user, path.child("serviceAccountToken"), "user", issues);
  // The kubelet's field name leaves out the source.
  const filePath = volumePath.at("sources", index, "serviceAccountToken").child("path");
  if (token.path === "") issues.push(required(filePath));
  else validateUnreservedPath(token.path, filePath, issues);
}

function validateTrustBundle(
  bundle: ClusterTrustBundleProjection,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { name, signerName } = bundle;
  if (name !== undefined && signerName !== undefined) {
    issues.push(invalid(path, name, "may have name or signerName, not both"));
  } else if (name !== undefined) {
    if (name === "") issues.push(required(path.child("name")));
    pushInvalid(issues, path.child("name"), name, trustBundleName(name));
    if (bundle.labelSelector !== undefined) {
      issues.push(invalid(path.child("labelSelector"), undefined, "goes with signerName only"));
    }
  } else if (signerName !== undefined) {
    if (signerName === "") issues.push(required(path.child("signerName")));
    validateSignerName(signerName, path.child("signerName"), issues);
    if (bundle.labelSelector !== undefined) {
      validateLabelSelector(bundle.labelSelector, path.child("labelSelector"), issues);
    }
  } else {
    issues.push(required(path, "must have name or signerName"));
  }
  validateFileUser(bundle.user, path, "user", issues);
  if (bundle.path === "") issues.push(required(path.child("path")));
  else validateUnreservedPath(bundle.path, path.child("path"), issues);
}

const KEY_TYPES = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];
const MIN_CERTIFICATE_SECONDS = 60 * 60;
const MAX_CERTIFICATE_SECONDS = 91 * 24 * 60 * 60;
const MAX_KUBERNETES_CERTIFICATE_SECONDS = 24 * 60 * 60;

function validateCertificate(
  certificate: PodCertificateProjection,
  path: FieldPath,
  taken: TakenPaths,
  issues: PodIssue[],
): void {
  const { signerName, keyType, maxExpirationSeconds: seconds } = certificate;
  validateSignerName(signerName, path.child("signerName"), issues);
  validateUserAnnotations(certificate.userAnnotations, path.child("userAnnotations"), issues);
  if (!KEY_TYPES.includes(keyType)) {
    issues.push(notSupported(path.child("keyType"), keyType, KEY_TYPES));
  }
  if (seconds !== undefined) {
    const max = isKubernetesSigner(signerName)
      ? MAX_KUBERNETES_CERTIFICATE_SECONDS
      : MAX_CERTIFICATE_SECONDS;
    if (seconds < MIN_CERTIFICATE_SECONDS || seconds > max) {
      const wanted = `must be from ${MIN_CERTIFICATE_SECONDS} to ${max}`;
      issues.push(invalid(path.child("maxExpirationSeconds"), seconds, wanted));
    }
  }
  validateFileUser(certificate.user, path, "user", issues);
  let files = 0;
  for (const name of ["credentialBundlePath", "keyPath", "certificateChainPath"] as const) {
    const file = certificate[name];
    if (file === "") continue;
    files += 1;
    validateUnreservedPath(file, path.child(name), issues);
    taken.take(file);
  }
  if (files === 0) {
    issues.push(required(path, "must have credentialBundlePath, keyPath or certificateChainPath"));
  }
}

/** All annotations of an object together; the same limit holds here. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

function validateUserAnnotations(
  annotations: ReadonlyMap<string, string>,
  path: FieldPath,
  issues: PodIssue[],
): void {
  let bytes = 0;
  for (const [key, value] of annotations) {
    bytes += byteLength(key) + byteLength(value);
    const reasons = qualifiedName(key);
    const place = path.at(key);
    pushInvalid(issues, place, key, reasons);
    if (reasons.length === 0 && !key.includes("/")) {
      issues.push(invalid(place, key, "must have a domain prefix, such as 'example.com/key'"));
    }
  }
  if (bytes > MAX_ANNOTATION_BYTES) issues.push(tooLong(path, MAX_ANNOTATION_BYTES));
}

/** Without a service account there is no token to project. */
export function validateTokensHaveAccount(
  volumes: readonly Volume[],
  serviceAccountName: string,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (serviceAccountName !== "") return;
  for (const [index, volume] of volumes.entries()) {
    if (volume.projected === undefined) continue;
    for (const [source, projection] of volume.projected.sources.entries()) {
      if (projection.serviceAccountToken === undefined) continue;
      const place = path.index(index).child("projected").child("sources").index(source);
      issues.push(
        forbidden(place.child("serviceAccountToken"), "serviceAccountName must be set for it"),
      );
    }
  }
}

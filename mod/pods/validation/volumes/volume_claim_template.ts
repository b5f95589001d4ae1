/**
 * The claim that an ephemeral volume makes for its pod.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validateEphemeralVolumeSource`,
 * `ValidatePersistentVolumeClaimTemplate`, `ValidateTemplateObjectMeta`,
 * `ValidatePersistentVolumeClaimSpec`, `validateDataSource`, `validateDataSourceRef`.
 */
import { forbidden, invalid, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type {
  EphemeralVolumeSource,
  ObjectMeta,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from "../../types/mod.ts";
import { ObjectMeta as ObjectMetaKind } from "../../types/mod.ts";
import { validateAnnotations, validateLabels, validateLabelSelector } from "../labels.ts";
import { dnsLabel, dnsSubdomain, pushInvalid } from "../names.ts";

/** An ephemeral volume. */
export function validateEphemeral(
  source: EphemeralVolumeSource,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const template = source.volumeClaimTemplate;
  const templatePath = path.child("volumeClaimTemplate");
  if (template === undefined) {
    issues.push(required(templatePath));
    return;
  }
  validateTemplateMeta(template.metadata, templatePath.child("metadata"), issues);
  validateClaimSpec(template.spec, templatePath.child("spec"), options, issues);
}

/** Labels and annotations only: the kubelet's names of the other fields are Go's, so `uID`. */
function validateTemplateMeta(meta: ObjectMeta, path: FieldPath, issues: PodIssue[]): void {
  validateAnnotations(meta.annotations, path.child("annotations"), issues);
  validateLabels(meta.labels, path.child("labels"), issues);
  const zero = ObjectMetaKind.zero;
  for (const name of Object.keys(ObjectMetaKind.fields) as (keyof ObjectMeta)[]) {
    if (name === "annotations" || name === "labels" || meta[name] === zero[name]) continue;
    const place = path.child(name);
    const named = name === "uid" ? place.named(`${path}.uID`) : place;
    issues.push(forbidden(named, "a claim template has labels and annotations only"));
  }
}

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES = ["Block", "Filesystem"];

function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  validateAccessModes(spec.accessModes, path.child("accessModes"), issues);
  if (spec.selector !== undefined) {
    validateLabelSelector(spec.selector, path.child("selector"), issues);
  }
  validateStorageRequest(spec, path, issues);
  if (spec.storageClassName !== undefined && spec.storageClassName !== "") {
    const { storageClassName } = spec;
    pushInvalid(
      issues,
      path.child("storageClassName"),
      storageClassName,
      dnsSubdomain(storageClassName),
    );
  }
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    issues.push(notSupported(path.child("volumeMode"), spec.volumeMode, VOLUME_MODES));
  }
  validateDataSources(spec, path, issues);
  const className = spec.volumeAttributesClassName;
  if (options.volumeAttributesClass && className !== undefined && className !== "") {
    const place = path.child("volumeAttributesClassName");
    pushInvalid(issues, place, className, dnsSubdomain(className));
  }
}

function validateAccessModes(modes: readonly string[], path: FieldPath, issues: PodIssue[]): void {
  if (modes.length === 0) issues.push(required(path, "must have at least one access mode"));
  let isOncePod = false;
  let isOther = false;
  for (const [index, mode] of modes.entries()) {
    if (!ACCESS_MODES.includes(mode)) {
      issues.push(notSupported(path.at(index), mode, ACCESS_MODES));
    } else if (mode === "ReadWriteOncePod") isOncePod = true;
    else isOther = true;
  }
  if (isOncePod && isOther) {
    issues.push(forbidden(path, "ReadWriteOncePod goes with no other access mode"));
  }
}

function validateStorageRequest(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const storage = spec.resources.requests.get("storage");
  const resourcesPath = path.child("resources");
  const place = resourcesPath.at("requests").key("storage");
  if (storage === undefined) issues.push(required(place));
  else if (storage.sign() <= 0) {
    issues.push(invalid(place, storage, "must be greater than zero"));
  }
}

function validateDataSources(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined) validateReference(dataSource, path.child("dataSource"), issues);
  if (dataSourceRef === undefined) return;
  validateReference(dataSourceRef, path.child("dataSourceRef"), issues);
  const { namespace } = dataSourceRef;
  if (namespace !== undefined && namespace !== "") {
    const place = path.child("dataSourceRef").child("namespace");
    pushInvalid(issues, place, namespace, dnsLabel(namespace));
    if (dataSource !== undefined) {
      const detail = "dataSource goes with no dataSourceRef.namespace";
      issues.push(invalid(path.at("dataSource"), dataSource.name, detail));
    }
  } else if (dataSource !== undefined && !isSameReference(dataSource, dataSourceRef)) {
    issues.push(
      invalid(path.at("dataSource"), dataSource.name, "must be the same as dataSourceRef"),
    );
  }
}

function isSameReference(one: TypedLocalObjectReference, other: TypedObjectReference): boolean {
  return one.apiGroup === other.apiGroup && one.kind === other.kind && one.name === other.name;
}

function validateReference(
  reference: TypedLocalObjectReference,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { apiGroup = "", kind, name } = reference;
  if (name === "") issues.push(required(path.child("name")));
  if (kind === "") issues.push(required(path.child("kind")));
  if (apiGroup === "") {
    if (kind !== "PersistentVolumeClaim") {
      issues.push(invalid(path, kind, "must be PersistentVolumeClaim, as there is no apiGroup"));
    }
  } else pushInvalid(issues, path.child("apiGroup"), apiGroup, dnsSubdomain(apiGroup));
}

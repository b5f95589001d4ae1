/**
 * The metadata of a pod.
 *
 * Source: Kubernetes 1.36 and 1.37, k8s.io/apimachinery pkg/api/validation `ValidateObjectMeta` and
 * pkg/apis/meta/v1/validation `ValidateManagedFields`.
 */
import { forbidden, invalid, notSupported, required, tooLong } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import { NIL_LIST } from "../types/mod.ts";
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from "../types/mod.ts";
import { validateAnnotations, validateLabels } from "./labels.ts";
import { byteLength, dnsLabel, dnsSubdomain, pushInvalid, qualifiedName } from "./names.ts";

const MAX_MANAGER_BYTES = 128;
const MAX_SUBRESOURCE_BYTES = 256;

/** Metadata of the pod itself: it must have a name and a namespace. */
export function validateObjectMeta(
  meta: ObjectMeta,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (meta.generateName !== "") {
    pushInvalid(
      issues,
      path.child("generateName"),
      meta.generateName,
      dnsSubdomain(withoutTrailingHyphen(meta.generateName)),
    );
  }
  if (meta.name === "") {
    issues.push(required(path.child("name"), "name or generateName is required"));
  } else {
    pushInvalid(issues, path.child("name"), meta.name, dnsSubdomain(meta.name));
  }
  if (meta.namespace === "") issues.push(required(path.child("namespace")));
  else pushInvalid(issues, path.child("namespace"), meta.namespace, dnsLabel(meta.namespace));

  if (meta.generation < 0) {
    issues.push(
      invalid(path.child("generation"), meta.generation, "must be greater than or equal to 0"),
    );
  }
  validateLabels(meta.labels, path.child("labels"), issues);
  validateAnnotations(meta.annotations, path.child("annotations"), issues);
  validateOwnerReferences(meta.ownerReferences, path.child("ownerReferences"), options, issues);
  validateFinalizers(meta.finalizers, path.child("finalizers"), issues);
  validateManagedFields(meta.managedFields, path.child("managedFields"), options, issues);
}

/**
 * More is appended to what is generated, so a hyphen at the end is no mistake. The
 * kubelet takes the character before it away too (`maskTrailingDash`).
 */
function withoutTrailingHyphen(name: string): string {
  return name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
}

function validateOwnerReferences(
  references: readonly OwnerReference[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  let controller: string | undefined;
  for (const [index, reference] of references.entries()) {
    if (options.indexedOwnerReferences) {
      validateOwnerReference(reference, path.index(index), issues);
    } else validateUnindexedOwnerReference(reference, path.at(index), issues);
    if (reference.controller !== true) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = name;
    else {
      issues.push(
        invalid(
          path,
          name,
          `only one reference can have controller set to true, "${controller}" has it too`,
        ),
      );
    }
  }
}

/** One owner, as 1.37 reports it. */
function validateOwnerReference(
  reference: OwnerReference,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const name of ["apiVersion", "kind", "name", "uid"] as const) {
    if (reference[name] === "") issues.push(required(path.child(name), "must not be empty"));
  }
  const { apiVersion } = reference;
  if (apiVersion !== "" && parseApiVersion(apiVersion).version === "") {
    const wanted = "must be <group>/<version> or <version>";
    issues.push(invalid(path.child("apiVersion"), apiVersion, wanted));
  }
  validateOwnerKind(reference, path, issues);
}

/** One owner, as kubelets up to 1.36 report it: without its index, all mistakes of one type. */
function validateUnindexedOwnerReference(
  reference: OwnerReference,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { version } = parseApiVersion(reference.apiVersion);
  const text = path.toString();
  const at = (name: string) => path.child(name).named(`${text}.${name}`);
  if (version === "") {
    issues.push(invalid(at("apiVersion"), reference.apiVersion, "version must not be empty"));
  }
  for (const name of ["kind", "name", "uid"] as const) {
    if (reference[name] === "") issues.push(invalid(at(name), "", "must not be empty"));
  }
  validateOwnerKind(reference, path, issues);
}

function validateOwnerKind(reference: OwnerReference, path: FieldPath, issues: PodIssue[]): void {
  const { group, version } = parseApiVersion(reference.apiVersion);
  if (group === "" && version === "v1" && reference.kind === "Event") {
    issues.push(invalid(path, reference.kind, "an Event may not own anything"));
  }
}

/** Kubernetes gives neither group nor version where there is more than one slash. */
function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const parts = apiVersion.split("/");
  if (apiVersion === "" || apiVersion === "/" || parts.length > 2) {
    return { group: "", version: "" };
  }
  return parts.length === 2
    ? { group: parts[0]!, version: parts[1]! }
    : { group: "", version: parts[0]! };
}

function validateFinalizers(
  finalizers: readonly string[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const [index, finalizer] of finalizers.entries()) {
    pushInvalid(issues, path.at(index), finalizer, qualifiedName(finalizer));
  }
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    issues.push(
      invalid(path, finalizers.join(", "), "orphan and foregroundDeletion cannot both be set"),
    );
  }
}

function validateManagedFields(
  entries: readonly ManagedFieldsEntry[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, entry] of entries.entries()) {
    const place = path.index(index);
    validateOperation(entry.operation, place.child("operation"), options, issues);
    if (entry.fieldsType !== "" && entry.fieldsType !== "FieldsV1") {
      issues.push(invalid(place.child("fieldsType"), entry.fieldsType, "must be `FieldsV1`"));
    }
    validateManager(entry.manager, place.child("manager"), issues);
    if (byteLength(entry.subresource) > MAX_SUBRESOURCE_BYTES) {
      issues.push(tooLong(place.child("subresource"), MAX_SUBRESOURCE_BYTES));
    }
  }
}

const OPERATIONS = ["Apply", "Update"];

function validateOperation(
  operation: string,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (OPERATIONS.includes(operation)) return;
  if (!options.managedFieldsOperations) {
    issues.push(invalid(path, operation, "must be `Apply` or `Update`"));
  } else if (operation === "") issues.push(required(path, "must not be empty"));
  else issues.push(notSupported(path, operation, OPERATIONS));
}

function validateManager(manager: string, path: FieldPath, issues: PodIssue[]): void {
  if (byteLength(manager) > MAX_MANAGER_BYTES) issues.push(tooLong(path, MAX_MANAGER_BYTES));
  for (const character of manager) {
    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space.
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) {
      issues.push(invalid(path, manager, `must consist of printable characters`));
    }
  }
}

/** Metadata of a claim template: labels and annotations alone may be set. */
export function validateTemplateMeta(meta: ObjectMeta, path: FieldPath, issues: PodIssue[]): void {
  validateAnnotations(meta.annotations, path.child("annotations"), issues);
  validateLabels(meta.labels, path.child("labels"), issues);
  for (const name of TEMPLATE_META_FORBIDDEN) {
    const value = meta[name];
    if (value === undefined || value === "" || value === 0 || value === NIL_LIST) continue;
    // The kubelet lowers the first letter of Go's name, which makes "uID" of UID.
    const place = path.child(name);
    issues.push(
      forbidden(name === "uid" ? place.named(`${path}.uID`) : place, "cannot be set"),
    );
  }
}

const TEMPLATE_META_FORBIDDEN: readonly (keyof ObjectMeta)[] = [
  "name",
  "generateName",
  "namespace",
  "selfLink",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "ownerReferences",
  "finalizers",
  "managedFields",
];

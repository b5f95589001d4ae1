/**
 * The claim that an ephemeral volume carries.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { quantity, str } from "./scalars.ts";
import { LabelSelector, ObjectMeta } from "./meta.ts";

/** The size of a volume. */
export const VolumeResourceRequirements = struct({
  limits: map(quantity),
  requests: map(quantity),
});
export type VolumeResourceRequirements = ValueOf<typeof VolumeResourceRequirements>;

/** An object of any kind in the same namespace. */
export const TypedLocalObjectReference = struct({
  apiGroup: optional(str),
  kind: str,
  name: str,
});
export type TypedLocalObjectReference = ValueOf<typeof TypedLocalObjectReference>;

/** An object of any kind. */
export const TypedObjectReference = struct({
  apiGroup: optional(str),
  kind: str,
  name: str,
  namespace: optional(str),
});
export type TypedObjectReference = ValueOf<typeof TypedObjectReference>;

/** What a claim asks for. */
export const PersistentVolumeClaimSpec = struct({
  accessModes: list(str),
  selector: optional(LabelSelector),
  resources: VolumeResourceRequirements,
  volumeName: str,
  storageClassName: optional(str),
  volumeMode: optional(str),
  dataSource: optional(TypedLocalObjectReference),
  dataSourceRef: optional(TypedObjectReference),
  volumeAttributesClassName: optional(str),
});
export type PersistentVolumeClaimSpec = ValueOf<typeof PersistentVolumeClaimSpec>;

/** The claim to make for a pod. */
export const PersistentVolumeClaimTemplate = struct({
  metadata: ObjectMeta,
  spec: PersistentVolumeClaimSpec,
});
export type PersistentVolumeClaimTemplate = ValueOf<typeof PersistentVolumeClaimTemplate>;

/** A volume that lives and ends with the pod. */
export const EphemeralVolumeSource = struct({
  volumeClaimTemplate: optional(PersistentVolumeClaimTemplate),
});
export type EphemeralVolumeSource = ValueOf<typeof EphemeralVolumeSource>;

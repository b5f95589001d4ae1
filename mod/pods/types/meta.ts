/**
 * Metadata and the small references that many fields share.
 *
 * Source of the names and types: k8s.io/apimachinery meta/v1 and k8s.io/api core/v1 of
 * Kubernetes 1.31 to 1.37.
 */
import { list, map, optional, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int64, json, quantity, str, time } from "./scalars.ts";

/** The object that owns this one. */
export const OwnerReference = struct({
  apiVersion: str,
  kind: str,
  name: str,
  uid: str,
  controller: optional(bool),
  blockOwnerDeletion: optional(bool),
});
export type OwnerReference = ValueOf<typeof OwnerReference>;

/** Who set which fields, as server-side apply keeps it. */
export const ManagedFieldsEntry = struct({
  manager: str,
  operation: str,
  apiVersion: str,
  time: optional(time),
  fieldsType: str,
  fieldsV1: optional(json),
  subresource: str,
});
export type ManagedFieldsEntry = ValueOf<typeof ManagedFieldsEntry>;

/** Metadata of any object. */
export const ObjectMeta = struct({
  name: str,
  generateName: str,
  namespace: str,
  selfLink: str,
  uid: str,
  resourceVersion: str,
  generation: int64,
  creationTimestamp: time,
  deletionTimestamp: optional(time),
  deletionGracePeriodSeconds: optional(int64),
  labels: map(str),
  annotations: map(str),
  ownerReferences: list(OwnerReference),
  finalizers: list(str),
  managedFields: list(ManagedFieldsEntry),
});
export type ObjectMeta = ValueOf<typeof ObjectMeta>;

/** One condition on a label. */
export const LabelSelectorRequirement = struct({
  key: str,
  operator: str,
  values: list(str),
});
export type LabelSelectorRequirement = ValueOf<typeof LabelSelectorRequirement>;

/** Conditions on labels, all of which must hold. */
export const LabelSelector = struct({
  matchLabels: map(str),
  matchExpressions: list(LabelSelectorRequirement),
});
export type LabelSelector = ValueOf<typeof LabelSelector>;

/** Which part of a sharded list this is. */
export const ShardInfo = struct({
  selector: str,
});
export type ShardInfo = ValueOf<typeof ShardInfo>;

/** Metadata of a list. */
export const ListMeta = struct({
  selfLink: str,
  resourceVersion: str,
  continue: str,
  remainingItemCount: optional(int64),
  shardInfo: optional(ShardInfo),
});
export type ListMeta = ValueOf<typeof ListMeta>;

/** The name of an object in the pod's namespace. */
export const LocalObjectReference = struct({
  name: str,
});
export type LocalObjectReference = ValueOf<typeof LocalObjectReference>;

/** A field of the pod itself. */
export const ObjectFieldSelector = struct({
  apiVersion: str,
  fieldPath: str,
});
export type ObjectFieldSelector = ValueOf<typeof ObjectFieldSelector>;

/** A resource of a container of the pod. */
export const ResourceFieldSelector = struct({
  containerName: str,
  resource: str,
  divisor: quantity,
});
export type ResourceFieldSelector = ValueOf<typeof ResourceFieldSelector>;

/**
 * Environment variables and where their values come from.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { optional, since, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, str } from "./scalars.ts";
import { ObjectFieldSelector, ResourceFieldSelector } from "./meta.ts";

/** All keys of a config map. */
export const ConfigMapEnvSource = struct({
  name: str,
  optional: optional(bool),
});
export type ConfigMapEnvSource = ValueOf<typeof ConfigMapEnvSource>;

/** All keys of a secret. */
export const SecretEnvSource = struct({
  name: str,
  optional: optional(bool),
});
export type SecretEnvSource = ValueOf<typeof SecretEnvSource>;

/** Where a whole set of variables comes from. */
export const EnvFromSource = struct({
  prefix: str,
  configMapRef: optional(ConfigMapEnvSource),
  secretRef: optional(SecretEnvSource),
});
export type EnvFromSource = ValueOf<typeof EnvFromSource>;

/** One key of a config map. */
export const ConfigMapKeySelector = struct({
  name: str,
  key: str,
  optional: optional(bool),
});
export type ConfigMapKeySelector = ValueOf<typeof ConfigMapKeySelector>;

/** One key of a secret. */
export const SecretKeySelector = struct({
  name: str,
  key: str,
  optional: optional(bool),
});
export type SecretKeySelector = ValueOf<typeof SecretKeySelector>;

/** One key of an env file in a volume. */
export const FileKeySelector = struct({
  volumeName: str,
  path: str,
  key: str,
  optional: optional(bool),
});
export type FileKeySelector = ValueOf<typeof FileKeySelector>;

/** Where one value comes from; exactly one field is set. */
export const EnvVarSource = struct({
  fieldRef: optional(ObjectFieldSelector),
  resourceFieldRef: optional(ResourceFieldSelector),
  configMapKeyRef: optional(ConfigMapKeySelector),
  secretKeyRef: optional(SecretKeySelector),
  fileKeyRef: since(34, optional(FileKeySelector)),
});
export type EnvVarSource = ValueOf<typeof EnvVarSource>;

/** One variable. */
export const EnvVar = struct({
  name: str,
  value: str,
  valueFrom: optional(EnvVarSource),
});
export type EnvVar = ValueOf<typeof EnvVar>;

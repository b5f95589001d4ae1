/**
 * Security settings of containers and pods.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, optional, since, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int64, str } from "./scalars.ts";

/** Linux capabilities to add and to drop. */
export const Capabilities = struct({
  add: list(str),
  drop: list(str),
});
export type Capabilities = ValueOf<typeof Capabilities>;

/** Labels of SELinux. */
export const SELinuxOptions = struct({
  user: str,
  role: str,
  type: str,
  level: str,
});
export type SELinuxOptions = ValueOf<typeof SELinuxOptions>;

/** Security settings of Windows only. */
export const WindowsSecurityContextOptions = struct({
  gmsaCredentialSpecName: optional(str),
  gmsaCredentialSpec: optional(str),
  runAsUserName: optional(str),
  hostProcess: optional(bool),
});
export type WindowsSecurityContextOptions = ValueOf<typeof WindowsSecurityContextOptions>;

/** The seccomp profile. */
export const SeccompProfile = struct({
  type: str,
  localhostProfile: optional(str),
});
export type SeccompProfile = ValueOf<typeof SeccompProfile>;

/** The AppArmor profile. */
export const AppArmorProfile = struct({
  type: str,
  localhostProfile: optional(str),
});
export type AppArmorProfile = ValueOf<typeof AppArmorProfile>;

/** Security settings of one container. */
export const SecurityContext = struct({
  capabilities: optional(Capabilities),
  privileged: optional(bool),
  seLinuxOptions: optional(SELinuxOptions),
  windowsOptions: optional(WindowsSecurityContextOptions),
  runAsUser: optional(int64),
  runAsGroup: optional(int64),
  runAsNonRoot: optional(bool),
  readOnlyRootFilesystem: optional(bool),
  allowPrivilegeEscalation: optional(bool),
  procMount: optional(str),
  seccompProfile: optional(SeccompProfile),
  appArmorProfile: optional(AppArmorProfile),
});
export type SecurityContext = ValueOf<typeof SecurityContext>;

/** A kernel parameter. */
export const Sysctl = struct({
  name: str,
  value: str,
});
export type Sysctl = ValueOf<typeof Sysctl>;

/** Security settings of a whole pod. */
export const PodSecurityContext = struct({
  seLinuxOptions: optional(SELinuxOptions),
  windowsOptions: optional(WindowsSecurityContextOptions),
  runAsUser: optional(int64),
  runAsGroup: optional(int64),
  runAsNonRoot: optional(bool),
  supplementalGroups: list(int64),
  supplementalGroupsPolicy: optional(str),
  fsGroup: optional(int64),
  sysctls: list(Sysctl),
  fsGroupChangePolicy: optional(str),
  seccompProfile: optional(SeccompProfile),
  appArmorProfile: optional(AppArmorProfile),
  seLinuxChangePolicy: since(32, optional(str)),
});
export type PodSecurityContext = ValueOf<typeof PodSecurityContext>;

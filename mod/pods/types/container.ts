/**
 * Containers of every sort.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, optional, since, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { bool, int32, str } from "./scalars.ts";
import { EnvFromSource, EnvVar } from "./env.ts";
import { Lifecycle, Probe } from "./handlers.ts";
import { ContainerResizePolicy, ResourceRequirements } from "./resources.ts";
import { SecurityContext } from "./security.ts";

/** A port that a container listens on. */
export const ContainerPort = struct({
  name: str,
  hostPort: int32,
  containerPort: int32,
  protocol: str,
  hostIP: str,
});
export type ContainerPort = ValueOf<typeof ContainerPort>;

/** The exit codes that a rule is for. */
export const ContainerRestartRuleOnExitCodes = struct({
  operator: str,
  values: list(int32),
});
export type ContainerRestartRuleOnExitCodes = ValueOf<typeof ContainerRestartRuleOnExitCodes>;

/** What to do when a container ends in a given way. */
export const ContainerRestartRule = struct({
  action: str,
  exitCodes: optional(ContainerRestartRuleOnExitCodes),
});
export type ContainerRestartRule = ValueOf<typeof ContainerRestartRule>;

/** Where a volume appears in a container. */
export const VolumeMount = struct({
  name: str,
  readOnly: bool,
  recursiveReadOnly: optional(str),
  mountPath: str,
  subPath: str,
  mountPropagation: optional(str),
  subPathExpr: str,
  bindMountOptions: since(37, list(str)),
});
export type VolumeMount = ValueOf<typeof VolumeMount>;

/** Where a block device appears in a container. */
export const VolumeDevice = struct({
  name: str,
  devicePath: str,
});
export type VolumeDevice = ValueOf<typeof VolumeDevice>;

const CONTAINER_FIELDS = {
  name: str,
  image: str,
  command: list(str),
  args: list(str),
  workingDir: str,
  ports: list(ContainerPort),
  envFrom: list(EnvFromSource),
  env: list(EnvVar),
  resources: ResourceRequirements,
  resizePolicy: list(ContainerResizePolicy),
  restartPolicy: optional(str),
  restartPolicyRules: since(34, list(ContainerRestartRule)),
  volumeMounts: list(VolumeMount),
  volumeDevices: list(VolumeDevice),
  livenessProbe: optional(Probe),
  readinessProbe: optional(Probe),
  startupProbe: optional(Probe),
  lifecycle: optional(Lifecycle),
  terminationMessagePath: str,
  terminationMessagePolicy: str,
  imagePullPolicy: str,
  securityContext: optional(SecurityContext),
  stdin: bool,
  stdinOnce: bool,
  tty: bool,
};

/** A container, init containers included. */
export const Container = struct(CONTAINER_FIELDS);
export type Container = ValueOf<typeof Container>;

/** A container added for debugging; a static pod may have none. */
export const EphemeralContainer = struct({
  ...CONTAINER_FIELDS,
  targetContainerName: str,
});
export type EphemeralContainer = ValueOf<typeof EphemeralContainer>;

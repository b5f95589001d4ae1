/**
 * What the kubelet runs or calls: probes and lifecycle hooks.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, optional, since, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { int32, int64, intOrString, str } from "./scalars.ts";

/** A command inside the container. */
export const ExecAction = struct({
  command: list(str),
});
export type ExecAction = ValueOf<typeof ExecAction>;

/** One header of a request. */
export const HTTPHeader = struct({
  name: str,
  value: str,
});
export type HTTPHeader = ValueOf<typeof HTTPHeader>;

/** An HTTP GET. */
export const HTTPGetAction = struct({
  path: str,
  port: intOrString,
  host: str,
  scheme: str,
  httpHeaders: list(HTTPHeader),
  protocol: since(37, optional(str)),
});
export type HTTPGetAction = ValueOf<typeof HTTPGetAction>;

/** Opening a TCP connection. */
export const TCPSocketAction = struct({
  port: intOrString,
  host: str,
});
export type TCPSocketAction = ValueOf<typeof TCPSocketAction>;

/** A call of the gRPC health service. */
export const GRPCAction = struct({
  port: int32,
  service: optional(str),
  mode: since(37, optional(str)),
});
export type GRPCAction = ValueOf<typeof GRPCAction>;

/** A handler and when to call it. */
export const Probe = struct({
  exec: optional(ExecAction),
  httpGet: optional(HTTPGetAction),
  tcpSocket: optional(TCPSocketAction),
  grpc: optional(GRPCAction),
  initialDelaySeconds: int32,
  timeoutSeconds: int32,
  periodSeconds: int32,
  successThreshold: int32,
  failureThreshold: int32,
  terminationGracePeriodSeconds: optional(int64),
});
export type Probe = ValueOf<typeof Probe>;

/** Sleeping before the container is stopped. */
export const SleepAction = struct({
  seconds: int64,
});
export type SleepAction = ValueOf<typeof SleepAction>;

/** What a hook does; exactly one field is set. */
export const LifecycleHandler = struct({
  exec: optional(ExecAction),
  httpGet: optional(HTTPGetAction),
  tcpSocket: optional(TCPSocketAction),
  sleep: optional(SleepAction),
});
export type LifecycleHandler = ValueOf<typeof LifecycleHandler>;

/** Hooks of a container, and its stop signal. */
export const Lifecycle = struct({
  postStart: optional(LifecycleHandler),
  preStop: optional(LifecycleHandler),
  stopSignal: since(33, optional(str)),
});
export type Lifecycle = ValueOf<typeof Lifecycle>;

/**
 * What probes and hooks do.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateHandler` and the
 * function named at each rule.
 */
import { forbidden, invalid, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type {
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Int64,
  IntOrString,
  SleepAction,
  TCPSocketAction,
} from "../../types/mod.ts";
import { httpHeaderName, portName, portNumber, pushInvalid } from "../names.ts";

/** Anything that a probe or a hook can do; a probe cannot sleep, a hook has no gRPC. */
export interface Handler {
  readonly exec?: ExecAction | undefined;
  readonly httpGet?: HTTPGetAction | undefined;
  readonly tcpSocket?: TCPSocketAction | undefined;
  readonly grpc?: GRPCAction | undefined;
  readonly sleep?: SleepAction | undefined;
}

const ACTIONS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** The handler at `path` does exactly one thing; the first of them is judged. */
export function validateHandler(
  handler: Handler,
  gracePeriodSeconds: Int64 | undefined,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  let first: typeof ACTIONS[number] | undefined;
  for (const action of ACTIONS) {
    if (handler[action] === undefined) continue;
    if (first === undefined) first = action;
    else {
      const detail = `a handler does one thing, and this one has ${first} already`;
      issues.push(forbidden(path.child(action), detail));
    }
  }
  if (first === undefined) {
    issues.push(required(path, "must have a handler"));
    return;
  }
  const place = path.child(first);
  if (first === "exec" && handler.exec !== undefined) {
    if (handler.exec.command.length === 0) issues.push(required(place.child("command")));
  } else if (first === "httpGet" && handler.httpGet !== undefined) {
    validateHTTPGet(handler.httpGet, place, issues);
    validateHTTPProtocol(handler.httpGet, place, issues);
  } else if (first === "tcpSocket" && handler.tcpSocket !== undefined) {
    validatePort(handler.tcpSocket.port, place, issues);
  } else if (first === "grpc" && handler.grpc !== undefined) {
    validatePort(handler.grpc.port, place, issues);
    const { mode } = handler.grpc;
    if (mode !== undefined && !GRPC_MODES.includes(mode)) {
      issues.push(notSupported(place.child("mode"), mode, GRPC_MODES));
    }
  } else if (handler.sleep !== undefined) {
    validateSleep(handler.sleep, gracePeriodSeconds, place, options, issues);
  }
}

const SCHEMES = ["HTTP", "HTTPS"];
const PROTOCOLS = ["HTTP1", "HTTP2"];
const GRPC_MODES = ["Plaintext", "TLS"];

/** `validateHTTPGetAction`. */
function validateHTTPGet(action: HTTPGetAction, path: FieldPath, issues: PodIssue[]): void {
  if (action.path === "") issues.push(required(path.child("path")));
  validatePort(action.port, path, issues);
  if (!SCHEMES.includes(action.scheme)) {
    issues.push(notSupported(path.child("scheme"), action.scheme, SCHEMES));
  }
  for (const [index, { name }] of action.httpHeaders.entries()) {
    const reasons = httpHeaderName(name);
    if (reasons.length === 0) continue;
    pushInvalid(issues, path.child("httpHeaders").at(index, "name"), name, reasons);
  }
}

/** `protocol` of an HTTP GET, since 1.37: HTTP/2 in clear, to the pod itself alone. */
function validateHTTPProtocol(action: HTTPGetAction, path: FieldPath, issues: PodIssue[]): void {
  const { protocol, scheme, host } = action;
  if (protocol === undefined) return;
  if (!PROTOCOLS.includes(protocol)) {
    issues.push(notSupported(path.child("protocol"), protocol, PROTOCOLS));
  } else if (protocol !== "HTTP2") return;
  else if (scheme !== "HTTP") {
    issues.push(invalid(path.child("protocol"), protocol, "HTTP2 goes with scheme HTTP only"));
  } else if (host !== "") {
    issues.push(invalid(path.child("host"), host, "must be empty with protocol HTTP2"));
  }
}

/** The `port` of the action at `path` (`ValidatePortNumOrName`). */
function validatePort(port: IntOrString, path: FieldPath, issues: PodIssue[]): void {
  const reasons = typeof port === "number" ? portNumber(port) : portName(port);
  if (reasons.length > 0) pushInvalid(issues, path.child("port"), port, reasons);
}

/** `validateSleepAction`; a wrong grace period is an issue of its own. */
function validateSleep(
  action: SleepAction,
  gracePeriodSeconds: Int64 | undefined,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (gracePeriodSeconds === undefined) return;
  const { seconds } = action;
  const least = options.sleepZero ? 0 : 1;
  if (seconds >= least && seconds <= gracePeriodSeconds) return;
  const wanted = `must be from ${least} to terminationGracePeriodSeconds, ${gracePeriodSeconds}`;
  issues.push(invalid(path, seconds, wanted));
}

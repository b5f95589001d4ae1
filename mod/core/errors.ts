/**
 * The few error classes of podstead. Foreign errors are converted to one of
 * them once, at the boundary where they come in; `cause` keeps the original.
 */
import type { Problem } from "./problem.ts";

/** What kind of failure it is; the CLI maps each to one exit code. */
export type ErrorCode =
  | "config"
  | "usage"
  | "permission"
  | "agent-unreachable"
  | "runtime-unavailable"
  | "kubelet-unavailable"
  | "etcd-unavailable"
  | "not-found"
  | "ambiguous"
  | "failed";

/** Options of every podstead error. */
export interface PodsteadErrorOptions extends ErrorOptions {
  /** The next step for the person who reads it, as one sentence. */
  readonly hint?: string;
}

/** The base of every error that podstead means to show to a person. */
export class PodsteadError extends Error {
  override readonly name: string = "PodsteadError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: PodsteadErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
  }
}

/** The configuration cannot be used; `problems` has every reason at once. */
export class ConfigError extends PodsteadError {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[], options: PodsteadErrorOptions = {}) {
    super("config", message, options);
    this.problems = problems;
  }
}

/** The command line asks for something that does not exist or does not fit. */
export class UsageError extends PodsteadError {
  override readonly name = "UsageError";
  constructor(message: string, options?: PodsteadErrorOptions) {
    super("usage", message, options);
  }
}

/** The agent does not answer on its admin socket. */
export class AgentUnreachable extends PodsteadError {
  override readonly name = "AgentUnreachable";
  constructor(message: string, options?: PodsteadErrorOptions) {
    super("agent-unreachable", message, options);
  }
}

/** The agent takes connections and says nothing: it runs, so to start it would do nothing. */
export class AgentHangs extends AgentUnreachable {}

/** The container runtime does not answer, or answers what it should not. */
export class RuntimeUnavailable extends PodsteadError {
  override readonly name = "RuntimeUnavailable";
  constructor(message: string, options?: PodsteadErrorOptions) {
    super("runtime-unavailable", message, options);
  }
}

/** The kubelet does not answer, or refuses us. */
export class KubeletUnavailable extends PodsteadError {
  override readonly name = "KubeletUnavailable";
  constructor(message: string, options?: PodsteadErrorOptions) {
    super("kubelet-unavailable", message, options);
  }
}

/** etcd does not answer, has no leader, or cannot take writes; nothing is known of the fleet then. */
export class EtcdUnavailable extends PodsteadError {
  override readonly name = "EtcdUnavailable";
  constructor(message: string, options?: PodsteadErrorOptions) {
    super("etcd-unavailable", message, options);
  }
}

/** The text of anything thrown, for a message that quotes it. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

import { type ErrorCode, PodsteadError } from "../../core/mod.ts";

/** Exit codes, those of BSD's sysexits(3) if it has one. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** EX_USAGE: a service manager must not restart on it. */
  usage: 64,
  /** EX_UNAVAILABLE: the agent, the container runtime or etcd does not answer. */
  unreachable: 69,
  /** EX_NOPERM */
  permission: 77,
  /** EX_CONFIG: a service manager must not restart on it. */
  config: 78,
} as const;

const BY_ERROR_CODE: Readonly<Record<ErrorCode, number>> = {
  "config": EXIT.config,
  "usage": EXIT.usage,
  "permission": EXIT.permission,
  "agent-unreachable": EXIT.unreachable,
  "runtime-unavailable": EXIT.unreachable,
  "kubelet-unavailable": EXIT.unreachable,
  "etcd-unavailable": EXIT.unreachable,
  "not-found": EXIT.failed,
  "ambiguous": EXIT.failed,
  "failed": EXIT.failed,
};

/** The exit code for anything thrown by a command. */
export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof PodsteadError ? BY_ERROR_CODE[thrown.code] : EXIT.failed;
}

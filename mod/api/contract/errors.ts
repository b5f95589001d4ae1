import type { ErrorCode } from "../../core/mod.ts";

/** The body of every answer that is not 2xx. */
export interface WireError {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint?: string;
  };
}

/** The last line of a stream of lines that broke after it had begun. */
export interface WireStreamError extends WireError {
  readonly event: "error";
}

/** HTTP statuses for the error codes that cross the socket. */
export const STATUS_OF_ERROR: Readonly<Record<ErrorCode, 400 | 403 | 404 | 409 | 500 | 503>> = {
  "usage": 400,
  "config": 400,
  "permission": 403,
  "not-found": 404,
  "ambiguous": 409,
  "failed": 500,
  "agent-unreachable": 503,
  "runtime-unavailable": 503,
  "kubelet-unavailable": 503,
  "etcd-unavailable": 503,
};

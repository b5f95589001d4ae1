import { errorText, formatDuration, PodsteadError, RuntimeUnavailable } from "../core/mod.ts";
import { GrpcCode, GrpcError } from "../grpc/mod.ts";

/** What was asked of the runtime when it failed, for the message. */
export interface CallContext {
  readonly endpoint: string;
  /** The gRPC method, such as `ListContainers`. */
  readonly method: string;
  /** The deadline of the call; undefined if it has none. */
  readonly timeoutMs: number | undefined;
}

const CHECK_HINT = "Check it with `systemctl status containerd`";
const ENDPOINT_HINT = "If it listens elsewhere, set `agent.runtime.endpoint`";

/**
 * Converts anything a gRPC call can throw to podstead's own errors; the only
 * place that does. `cause` keeps the original.
 *
 * - socket missing, no process behind it, connection lost, deadline: {@linkcode RuntimeUnavailable}
 * - no permission on the socket: `permission`
 * - no such container, sandbox or image: `not-found`
 * - everything else: `failed`, with the runtime's own words
 */
export function convertError(thrown: unknown, context: CallContext): PodsteadError {
  if (thrown instanceof PodsteadError) return thrown;
  const cause = thrown;
  const text = errorText(thrown);
  const code = thrown instanceof GrpcError ? thrown.code : GrpcCode.unknown;
  const { endpoint, method } = context;
  switch (systemCode(thrown)) {
    case "ENOENT":
      return new RuntimeUnavailable(
        `No container runtime at "${endpoint}": the socket does not exist`,
        { cause, hint: `Is containerd running? ${CHECK_HINT}. ${ENDPOINT_HINT}` },
      );
    case "ECONNREFUSED":
      return new RuntimeUnavailable(
        `No container runtime at "${endpoint}": the socket is there, but nothing listens on it`,
        { cause, hint: `Is containerd running? ${CHECK_HINT}` },
      );
    case "EACCES":
    case "EPERM":
      return new PodsteadError("permission", `No permission to open the socket "${endpoint}"`, {
        cause,
        hint: "Run it with sudo, or ask the running agent as a member of its admin group",
      });
  }
  if (systemCode(thrown)?.startsWith("ERR_HTTP2") === true) {
    return new RuntimeUnavailable(
      `The socket "${endpoint}" does not answer as a container runtime: ${text}`,
      { cause, hint: `Is it the socket of a container runtime? ${ENDPOINT_HINT}` },
    );
  }
  switch (code) {
    case GrpcCode.notFound:
      return new PodsteadError("not-found", sentence(text), { cause });
    case GrpcCode.permissionDenied:
    case GrpcCode.unauthenticated:
      return new PodsteadError("permission", `${method} was refused: ${text}`, {
        cause,
      });
    case GrpcCode.deadlineExceeded: {
      const waited = context.timeoutMs === undefined
        ? "in time"
        : `within ${formatDuration(context.timeoutMs)}`;
      return new RuntimeUnavailable(
        `The container runtime at "${endpoint}" did not answer ${method} ${waited}`,
        { cause, hint: `It may hang or be busy. ${CHECK_HINT}` },
      );
    }
    case GrpcCode.unimplemented:
      // Debian's and Docker's packages ship containerd with CRI switched off.
      if (text.includes("unknown service runtime.v1.")) {
        return new RuntimeUnavailable(`The container runtime at "${endpoint}" does not speak CRI`, {
          cause,
          hint:
            'If it is containerd, remove "cri" from disabled_plugins in /etc/containerd/config.toml and restart it',
        });
      }
      return new PodsteadError("failed", `The container runtime does not implement ${method}`, {
        cause,
      });
    case GrpcCode.unavailable:
    case GrpcCode.aborted:
    case GrpcCode.canceled: // what is left of a call whose connection ends
      return new RuntimeUnavailable(
        `The connection to the container runtime at "${endpoint}" was lost: ${text}`,
        { cause, hint: `Was containerd restarted? ${CHECK_HINT}` },
      );
  }
  return new PodsteadError("failed", `${method} failed: ${text}`, { cause });
}

/** True if the runtime does not have the method that was called; an older one, most often. */
export function isUnimplemented(error: unknown): boolean {
  return causedBy(error, GrpcCode.unimplemented);
}

/** True if what was asked for is not there, or no longer there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof PodsteadError && error.code === "not-found";
}

/** True if the answer was larger than the runtime may send in one message. */
export function isTooLarge(error: unknown): boolean {
  return causedBy(error, GrpcCode.resourceExhausted);
}

/** True if the call, or what it started, did not end in time. */
export function isDeadlineExceeded(error: unknown): boolean {
  return causedBy(error, GrpcCode.deadlineExceeded);
}

function causedBy(error: unknown, code: number): boolean {
  return error instanceof PodsteadError && error.cause instanceof GrpcError &&
    error.cause.code === code;
}

/** The system's error code, such as `ENOENT` or `ERR_HTTP2_ERROR`, anywhere down the chain of causes. */
function systemCode(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    if ("code" in error && typeof error.code === "string" && /^E[A-Z_\d]+$/.test(error.code)) {
      return error.code;
    }
    error = error.cause;
  }
  return undefined;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

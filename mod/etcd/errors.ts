import { errorText, EtcdUnavailable, PodsteadError } from "../core/mod.ts";
import { GrpcCode, GrpcError } from "../grpc/mod.ts";

/** Texts of errors that another endpoint, or a later try, may not have. */
const TRANSIENT =
  /no leader|leader changed|timed out|deadline exceeded|context canceled|too many requests|server stopped|not ready/;

/** Whether another endpoint may do better. */
export function isTransient(thrown: unknown): boolean {
  if (!(thrown instanceof GrpcError)) return false;
  return thrown.code === GrpcCode.unavailable || thrown.code === GrpcCode.deadlineExceeded ||
    thrown.code === GrpcCode.canceled || TRANSIENT.test(thrown.message);
}

/** Whether the request cannot have reached the server: a write may then be tried elsewhere. */
export function isUnsent(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 8; depth++) {
    const code = "code" in error ? error.code : undefined;
    if (
      typeof code === "string" &&
      /^E(CONNREFUSED|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)$/.test(code)
    ) return true;
    error = error.cause as Error;
  }
  return false;
}

/**
 * Converts what a call throws; the only place that does. `cause` keeps the original.
 *
 * @param what was asked for, such as `Range`
 */
export function convertEtcdError(
  thrown: unknown,
  what: string,
  endpoints: readonly string[],
): PodsteadError {
  if (thrown instanceof PodsteadError) return thrown;
  const cause = thrown;
  const text = errorText(thrown).replace(/^etcdserver: /, "");
  const where = endpoints.join(", ");
  if (/certificate|self.signed|unable to verify|alert|ERR_TLS|UNABLE_TO/i.test(allTexts(thrown))) {
    return new PodsteadError(
      "permission",
      `etcd at ${where} and this client do not trust each other: ${text}`,
      {
        cause,
        hint:
          "Check agent.fleet.certificateAuthority, clientCertificate and clientKey, and their dates",
      },
    );
  }
  const code = thrown instanceof GrpcError ? thrown.code : GrpcCode.unknown;
  if (
    code === GrpcCode.permissionDenied || code === GrpcCode.unauthenticated ||
    /user name is empty|authentication/.test(text)
  ) {
    return new PodsteadError("permission", `etcd refuses ${what}: ${text}`, {
      cause,
      hint:
        "The common name of the client certificate is the user; grant its role the fleet's prefix",
    });
  }
  if (/database space exceeded/.test(text)) {
    return new EtcdUnavailable(`etcd at ${where} takes no writes: its database is full`, {
      cause,
      hint: "Compact and defragment it, then `etcdctl alarm disarm`",
    });
  }
  if (isTransient(thrown)) {
    return new EtcdUnavailable(`etcd at ${where} does not answer ${what}: ${text}`, {
      cause,
      hint: "Pods are not affected. Check the etcd members and the network between",
    });
  }
  return new PodsteadError("failed", `etcd: ${what} failed: ${text}`, { cause });
}

function allTexts(thrown: unknown): string {
  const texts: string[] = [];
  for (let error = thrown, depth = 0; error instanceof Error && depth < 8; depth++) {
    texts.push(error.message, "code" in error ? String(error.code) : "");
    error = error.cause as Error;
  }
  return texts.join(" ");
}

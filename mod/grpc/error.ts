/** gRPC's status codes, as far as they are used here. Source: grpc/grpc, doc/statuscodes.md. */
export const GrpcCode = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A call ended with a status other than OK, or without any. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  /** A number of {@linkcode GrpcCode}, or another that a server may send. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

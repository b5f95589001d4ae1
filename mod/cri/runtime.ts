import { DEFAULT_ENDPOINT, socketPath } from "./endpoint.ts";
import { convertError } from "./errors.ts";
import {
  decodeMessage,
  encodeMessage,
  type GrpcCall,
  GrpcClient,
  type Init,
  type Method,
  unixTarget,
} from "../grpc/mod.ts";

/** Settings of a {@linkcode Runtime}. */
export interface RuntimeOptions {
  /** `unix:///run/containerd/containerd.sock` if it is left out. */
  readonly endpoint?: string;
  /** The deadline of a call that names no other, in milliseconds; 5 s if it is left out. */
  readonly timeoutMs?: number;
}

/** Settings of one call. */
export interface CallOptions {
  /** Ends the call when it aborts; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline in milliseconds, instead of the runtime's own; 0 is none (for streams). */
  readonly timeoutMs?: number | undefined;
  /** The containerd namespace, for the services of containerd's own API. */
  readonly namespace?: string;
}

/** A method that answers a request with one message. */
export type UnaryMethod<I, O> = Method<I, O, "unary">;

/** A method that answers a request with many messages. */
export type StreamMethod<I, O> = Method<I, O, "stream">;

/**
 * A container runtime behind its unix socket.
 *
 * The connection is opened by the first call and again by the first call after
 * it was lost, so a runtime that restarts is found again without being told.
 */
export interface Runtime {
  /** The endpoint as it was given. */
  readonly endpoint: string;
  /**
   * Calls one method, such as `RuntimeService.method.version`.
   *
   * @throws {PodsteadError} as `convertError` says, or the signal's reason.
   */
  call<I, O>(
    method: UnaryMethod<I, O>,
    request: Init<I>,
    options?: CallOptions,
  ): Promise<O>;
  /**
   * Calls one streaming method; has no deadline unless one is given. Leaving
   * the loop over it ends the call.
   *
   * @throws {PodsteadError} as `convertError` says, or the signal's reason.
   */
  stream<I, O>(
    method: StreamMethod<I, O>,
    request: Init<I>,
    options?: CallOptions,
  ): AsyncIterable<O>;
  /** Ends the connection and every call on it. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Prepares a client of the runtime; nothing is opened before the first call.
 *
 * @throws {PodsteadError} `config` where the endpoint is not a unix socket.
 */
export function connectRuntime(options: RuntimeOptions = {}): Runtime {
  const endpoint = options.endpoint ?? DEFAULT_ENDPOINT;
  const defaultTimeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const client = new GrpcClient(unixTarget(socketPath(endpoint)));
  return {
    endpoint,
    async call(method, request, callOptions = {}) {
      const timeoutMs = callOptions.timeoutMs ?? defaultTimeoutMs;
      const call = grpcCall(method, request, timeoutMs, callOptions);
      try {
        return decodeMessage(method.output, await client.unary(call));
      } catch (error) {
        callOptions.signal?.throwIfAborted();
        throw convertError(error, { endpoint, method: method.name, timeoutMs: call.timeoutMs });
      }
    },
    async *stream(method, request, callOptions = {}) {
      const call = grpcCall(method, request, callOptions.timeoutMs ?? 0, callOptions);
      try {
        for await (const message of client.stream(call)) {
          yield decodeMessage(method.output, message);
        }
      } catch (error) {
        callOptions.signal?.throwIfAborted();
        throw convertError(error, { endpoint, method: method.name, timeoutMs: call.timeoutMs });
      }
    },
    close() {
      client.close();
    },
  };
}

function grpcCall<I, O>(
  method: UnaryMethod<I, O> | StreamMethod<I, O>,
  request: Init<I>,
  timeoutMs: number,
  { signal, namespace }: CallOptions,
): GrpcCall {
  return {
    path: `/${method.service}/${method.name}`,
    message: encodeMessage(method.input, request),
    timeoutMs: timeoutMs === 0 ? undefined : timeoutMs,
    signal,
    ...(namespace !== undefined && { headers: { "containerd-namespace": namespace } }),
  };
}

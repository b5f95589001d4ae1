import * as net from "node:net";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { DescMethodServerStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { DEFAULT_ENDPOINT, socketPath } from "./endpoint.ts";
import { convertError } from "./errors.ts";

/** Settings of a {@linkcode Runtime}. */
export interface RuntimeOptions {
  /** `unix:///run/containerd/containerd.sock` where it is left out. */
  readonly endpoint?: string;
  /** The deadline of a call that names no other, in milliseconds; 5 s where it is left out. */
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
export type UnaryMethod<I extends DescMessage, O extends DescMessage> = DescMethodUnary<I, O>;

/** A method that answers a request with many messages. */
export type StreamMethod<I extends DescMessage, O extends DescMessage> = DescMethodServerStreaming<
  I,
  O
>;

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
  call<I extends DescMessage, O extends DescMessage>(
    method: UnaryMethod<I, O>,
    request: MessageInitShape<I>,
    options?: CallOptions,
  ): Promise<MessageShape<O>>;
  /**
   * Calls one streaming method; has no deadline unless one is given. Leaving
   * the loop over it ends the call.
   *
   * @throws {PodsteadError} as `convertError` says, or the signal's reason.
   */
  stream<I extends DescMessage, O extends DescMessage>(
    method: StreamMethod<I, O>,
    request: MessageInitShape<I>,
    options?: CallOptions,
  ): AsyncIterable<MessageShape<O>>;
  /** Ends the connection and every call on it. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** A list of hundreds of pods is some megabytes: let it come without waiting for window updates. */
const HTTP2_WINDOW_BYTES = 4 * 1024 * 1024;

/** How much later than the runtime's own deadline ours strikes, for one that does not keep it. */
const DEADLINE_GRACE_MS = 100;

/**
 * Prepares a client of the runtime; nothing is opened before the first call.
 *
 * @throws {PodsteadError} `config` where the endpoint is not a unix socket.
 */
export function connectRuntime(options: RuntimeOptions = {}): Runtime {
  const endpoint = options.endpoint ?? DEFAULT_ENDPOINT;
  const path = socketPath(endpoint);
  const defaultTimeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  // The authority is not used for anything but must be a URL. "localhost" is what
  // gRPC servers in Go accept; they refuse the path of a socket as an authority.
  const baseUrl = "http://localhost";
  const sessions = new Http2SessionManager(baseUrl, {}, {
    createConnection: () => net.connect(path),
    settings: { initialWindowSize: HTTP2_WINDOW_BYTES },
  });
  const transport: Transport = createGrpcTransport({
    baseUrl,
    sessionManager: sessions,
    acceptCompression: [],
    binaryOptions: { readUnknownFields: false },
  });

  const contextOf = (
    method: { name: string; parent: { typeName: string } },
    timeoutMs: number,
  ) => ({
    endpoint,
    method: method.name,
    service: method.parent.typeName,
    timeoutMs: timeoutMs === 0 ? undefined : timeoutMs,
  });

  return {
    endpoint,
    async call(method, request, callOptions = {}) {
      const { signal } = callOptions;
      const timeoutMs = callOptions.timeoutMs ?? defaultTimeoutMs;
      const context = contextOf(method, timeoutMs);
      signal?.throwIfAborted();
      const deadline = startDeadline(timeoutMs, signal);
      try {
        const answer = transport.unary(
          method,
          deadline.signal,
          timeoutMs,
          headersOf(callOptions),
          request,
        );
        return (await Promise.race([answer, deadline.expired])).message;
      } catch (error) {
        signal?.throwIfAborted();
        throw convertError(error, context);
      } finally {
        deadline.stop();
      }
    },
    async *stream(method, request, callOptions = {}) {
      const { signal } = callOptions;
      const timeoutMs = callOptions.timeoutMs ?? 0;
      const context = contextOf(method, timeoutMs);
      signal?.throwIfAborted();
      const deadline = startDeadline(timeoutMs, signal);
      try {
        const answer = await transport.stream(
          method,
          deadline.signal,
          timeoutMs,
          headersOf(callOptions),
          once(request),
        );
        yield* answer.message;
      } catch (error) {
        signal?.throwIfAborted();
        throw convertError(error, context);
      } finally {
        // A reader that leaves the loop must not leave the call running.
        deadline.stop();
        deadline.abort();
      }
    },
    close() {
      sessions.abort();
    },
  };
}

function headersOf(options: CallOptions): HeadersInit | undefined {
  return options.namespace === undefined
    ? undefined
    : { "containerd-namespace": options.namespace };
}

async function* once<T>(value: T): AsyncIterable<T> {
  yield value;
}

/**
 * Our own deadline beside gRPC's: opening a connection to a runtime that hangs
 * is not covered by the latter.
 */
function startDeadline(timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  // Nobody may be waiting any more when it strikes.
  expired.catch(() => undefined);
  const abort = (reason?: unknown) => {
    controller.abort(reason);
    reject(reason);
  };
  const onAbort = () => abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeoutMs === 0 ? undefined : setTimeout(
    () => abort(new ConnectError("no answer", Code.DeadlineExceeded)),
    timeoutMs + DEADLINE_GRACE_MS,
  );
  return {
    signal: controller.signal,
    expired,
    abort,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/**
 * A gRPC client for one server.
 *
 * Why our own, and not @connectrpc/connect-node: loading that takes 30 ms, more than most
 * commands run; and its session manager spins and stops the whole process when the peer hangs
 * up while it connects, as a runtime that is being restarted does (2.2.0 on every runtime;
 * 2.3.0 still on Deno, no more on Bun and Node).
 */
import type { Buffer } from "node:buffer";
import * as http2 from "node:http2";
import { GrpcCode, GrpcError } from "./error.ts";
import { encodeFrame, FrameReader, MAX_MESSAGE_BYTES } from "./frame.ts";
import type { GrpcTarget } from "./target.ts";

/** One call of a method. */
export interface GrpcCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly message: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may take, in milliseconds; undefined forever. */
  readonly timeoutMs: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A list of hundreds of pods is some megabytes: let it come without waiting for window updates. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** How much later than the server's own deadline ours strikes, for one that does not keep it. */
const DEADLINE_GRACE_MS = 100;

/** gRPC writes a timeout with eight digits at most. */
const MAX_TIMEOUT_MS = 99_999_999;

/** One HTTP/2 connection and the calls on it. */
interface Connection {
  readonly session: http2.ClientHttp2Session;
  readonly calls: Set<Call>;
  /** Why it ended, as soon as that is known. */
  error: Error | undefined;
}

/**
 * Calls methods over one connection, which the first call opens; the first call
 * after it was lost opens another.
 */
export class GrpcClient {
  readonly #target: GrpcTarget;
  #connection: Connection | undefined;

  constructor(target: GrpcTarget) {
    this.#target = target;
  }

  /**
   * Calls a method that answers with one message.
   *
   * @throws {GrpcError} for any status but OK; `cause` has the system's error
   * where the connection failed. The signal's reason where it aborts.
   */
  async unary(request: GrpcCall): Promise<Uint8Array> {
    const call = this.#start(request, false);
    let message: Uint8Array | undefined;
    for await (const answer of call.messages()) message = answer;
    if (message === undefined) throw new GrpcError(GrpcCode.internal, "The answer is empty");
    return message;
  }

  /**
   * Calls a method that answers with any number of messages. A reader that is
   * slower than the server slows it down; leaving the loop ends the call.
   *
   * @throws {GrpcError} as `unary`.
   */
  async *stream(request: GrpcCall): AsyncIterable<Uint8Array> {
    yield* this.#start(request, true).messages();
  }

  /**
   * Ends the connection if the peer does not answer a PING within `timeoutMs`: a broken path
   * shows itself in no other way while nothing is sent. Does nothing without a connection.
   */
  async ping(timeoutMs: number): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || connection.session.destroyed) return;
    const answered = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => answered.resolve(false), timeoutMs);
    try {
      const sent = connection.session.ping((error) => answered.resolve(error === null));
      if (!sent) answered.resolve(false);
    } catch {
      answered.resolve(false); // it ended just now
    }
    const isAlive = await answered.promise;
    clearTimeout(timer);
    if (isAlive || this.#connection !== connection) return;
    this.#connection = undefined;
    connection.error ??= new GrpcError(GrpcCode.unavailable, "The peer answers no PING");
    failCalls(connection);
    connection.session.destroy();
  }

  /** Ends the connection and every call on it. */
  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    connection.error ??= new GrpcError(GrpcCode.canceled, "The client was closed");
    failCalls(connection);
    connection.session.destroy();
  }

  #start(request: GrpcCall, isStream: boolean): Call {
    request.signal?.throwIfAborted();
    // A connection may turn out to have ended when it is used.
    try {
      return new Call(this.#open(), request, isStream);
    } catch {
      this.#connection = undefined;
      return new Call(this.#open(), request, isStream);
    }
  }

  #open(): Connection {
    const current = this.#connection;
    if (current !== undefined && !current.session.closed && !current.session.destroyed) {
      return current;
    }
    const socket = this.#target.connect();
    const session = http2.connect(this.#target.authority, {
      createConnection: () => socket,
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
    });
    const connection: Connection = { session, calls: new Set(), error: undefined };
    const forget = () => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    // These stay for the life of the session: it may emit an error more than once.
    const onError = (error: Error) => {
      connection.error ??= error;
      forget();
    };
    const onClose = () => {
      forget();
      failCalls(connection);
    };
    socket.on("error", onError);
    session.on("error", onError);
    session.on("close", onClose);
    socket.on("close", onClose);
    // Calls that run may end; the next one needs a new connection.
    session.on("goaway", forget);
    // An idle connection does not keep the process alive.
    session.unref();
    this.#connection = connection;
    return connection;
  }
}

function failCalls(connection: Connection): void {
  for (const call of connection.calls) {
    call.fail(
      new GrpcError(GrpcCode.unavailable, connection.error?.message ?? "connection closed", {
        cause: connection.error,
      }),
    );
  }
}

/** One call in progress: collects what comes, and settles once. */
class Call {
  readonly #connection: Connection;
  readonly #stream: http2.ClientHttp2Stream;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #frames = new FrameReader();
  #status: GrpcError | "ok" | undefined;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: () => void = () => {};

  /** @param isStream stops reading until the reader has taken what is there. */
  constructor(connection: Connection, request: GrpcCall, isStream: boolean) {
    const { timeoutMs } = request;
    this.#connection = connection;
    this.#stream = connection.session.request({
      ":method": "POST",
      ":path": request.path,
      "content-type": "application/grpc+proto",
      te: "trailers",
      "user-agent": "podstead",
      ...(timeoutMs !== undefined && {
        "grpc-timeout": `${Math.min(Math.ceil(timeoutMs), MAX_TIMEOUT_MS)}m`,
      }),
      ...request.headers,
    });
    connection.calls.add(this);
    if (connection.calls.size === 1) connection.session.ref();
    this.#signal = request.signal;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(
        () => this.fail(new GrpcError(GrpcCode.deadlineExceeded, "no answer")),
        timeoutMs + DEADLINE_GRACE_MS,
      );
    }
    this.#listen(isStream);
    this.#stream.end(encodeFrame(request.message));
  }

  /** Ends the call with `reason`, unless it has ended. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake();
  }

  /** The messages of the answer, then its status as an error unless it is OK. */
  async *messages(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const message = this.#frames.next();
        if (message !== undefined) {
          yield message;
          continue;
        }
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#status instanceof GrpcError) throw this.#status;
        if (this.#ended && this.#status === "ok") {
          if (!this.#frames.isPartial) return;
          throw new GrpcError(GrpcCode.internal, "The answer ends in the middle of a message");
        }
        this.#stream.resume();
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#finish();
    }
  }

  readonly #onAbort = () => this.fail(this.#signal?.reason);

  #listen(isStream: boolean): void {
    const stream = this.#stream;
    stream.on("response", (headers) => {
      const status = headers[":status"];
      if (status !== 200) {
        // As grpc/grpc doc/http-grpc-status-mapping.md says.
        const code = status === 404 ? GrpcCode.unimplemented : GrpcCode.unavailable;
        this.fail(new GrpcError(code, `HTTP status ${status}`));
      }
      this.#readStatus(headers);
    });
    stream.on("trailers", (trailers) => this.#readStatus(trailers));
    stream.on("data", (chunk: Buffer) => {
      this.#frames.push(chunk);
      if (this.#frames.isTooLarge) {
        const limit = `${MAX_MESSAGE_BYTES / 1024 / 1024} MiB`;
        this.fail(new GrpcError(GrpcCode.resourceExhausted, `an answer of more than ${limit}`));
      }
      if (!isStream) return;
      stream.pause();
      this.#wake();
    });
    stream.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    stream.on("error", (error) => {
      const cause = this.#connection.error ?? error;
      this.fail(new GrpcError(GrpcCode.unavailable, cause.message, { cause }));
    });
    stream.on("close", () => {
      if (this.#status === undefined) {
        const cause = this.#connection.error;
        this.fail(
          new GrpcError(GrpcCode.unavailable, cause?.message ?? "call closed", { cause }),
        );
      }
      this.#ended = true;
      this.#wake();
    });
  }

  /** The status comes in the trailers, or with the headers where there is no answer. */
  #readStatus(headers: http2.IncomingHttpHeaders): void {
    const code = headers["grpc-status"];
    if (code === undefined) return;
    this.#status = code === "0"
      ? "ok"
      : new GrpcError(Number(code), decodeMessage(String(headers["grpc-message"] ?? "")));
    this.#wake();
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const { calls, session } = this.#connection;
    calls.delete(this);
    if (!this.#stream.closed) this.#stream.close(http2.constants.NGHTTP2_CANCEL);
    if (calls.size === 0 && !session.destroyed) session.unref();
  }
}

/** gRPC writes what is not printable ASCII in percents. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // written by a server that does not know
  }
}

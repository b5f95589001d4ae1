import { Buffer } from "node:buffer";
import * as http2 from "node:http2";
import {
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameReader,
  GrpcCode,
  GrpcError,
  type Init,
  type MessageType,
  type Method,
} from "../../mod/grpc/mod.ts";

/**
 * Answers one method: takes the bytes of the request, gives those of the messages, until the
 * signal aborts because the caller has gone.
 */
export interface GrpcRoute {
  readonly path: string;
  readonly answer: (
    request: Uint8Array,
    signal: AbortSignal,
  ) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A route for a method that answers with one message, or with several where it streams. */
export function route<I, O>(
  method: Method<I, O, "unary">,
  handle: (request: I) => Init<O>,
): GrpcRoute;
export function route<I, O>(
  method: Method<I, O, "stream">,
  handle: (request: I) => Iterable<Init<O>>,
): GrpcRoute;
export function route<I, O>(
  method: Method<I, O, "unary" | "stream">,
  handle: (request: I) => Init<O> | Iterable<Init<O>>,
): GrpcRoute {
  return {
    path: `/${method.service}/${method.name}`,
    *answer(bytes) {
      const answer = handle(decodeMessage(method.input, bytes));
      // The overloads tie the shape of the answer to the kind of the method.
      const all = method.kind === "stream" ? answer as Iterable<Init<O>> : [answer as Init<O>];
      for (const message of all) yield encodeOnce(method.output, message);
    },
  };
}

const encoded = new WeakMap<object, Uint8Array>();

/** A handler that answers the same value each time makes the server quick enough to measure a client. */
function encodeOnce<T>(type: MessageType<T>, message: Init<T>): Uint8Array {
  if (typeof message !== "object" || message === null) return encodeMessage(type, message);
  const bytes = encoded.get(message) ?? encodeMessage(type, message);
  encoded.set(message, bytes);
  return bytes;
}

/** A gRPC server for tests, as far as they need one: no deadlines, no compression. */
export function createGrpcServer(routes: readonly GrpcRoute[]): http2.Http2Server {
  const byPath = new Map(routes.map(({ path, answer }) => [path, answer]));
  return http2.createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    request.on("end", async () => {
      let status: GrpcError | undefined;
      response.writeHead(200, { "content-type": "application/grpc+proto" });
      try {
        const answer = byPath.get(request.url);
        if (answer === undefined) {
          throw new GrpcError(GrpcCode.unimplemented, `unknown method ${request.url}`);
        }
        const frames = new FrameReader();
        frames.push(Buffer.concat(chunks));
        for await (const message of answer(frames.next() ?? new Uint8Array(), gone.signal)) {
          if (gone.signal.aborted) return;
          response.write(encodeFrame(message));
        }
      } catch (error) {
        status = error instanceof GrpcError
          ? error
          : new GrpcError(GrpcCode.internal, String(error));
      }
      if (gone.signal.aborted) return;
      response.addTrailers({
        "grpc-status": String(status?.code ?? GrpcCode.ok),
        ...(status !== undefined && { "grpc-message": encodeURIComponent(status.message) }),
      });
      response.end();
    });
  });
}

/** An HTTP server whose connections are governed, on TCP or a unix socket. */
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { createServer as createHttp } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { systemClock } from "../core/mod.ts";
import {
  type Caller,
  type CloseReason,
  type ConnectionLimits,
  Connections,
} from "./connections.ts";

import { readFirstRequest } from "./first_request.ts";

/** What a route finds in `c.env`: who asks. Absent if a test asks without a connection. */
export interface CallerEnv {
  readonly Bindings: { readonly caller?: Caller };
}

/** What answers: a Hono app, whose environment is the caller. */
export interface App {
  fetch(request: Request, env: CallerEnv["Bindings"]): Response | Promise<Response>;
}

/** How a server is made. */
export interface HttpServerOptions {
  readonly limits: ConnectionLimits;
  /** The user at the other end of a connection. */
  readonly findUser: (socket: Socket) => Promise<number | undefined>;
  readonly onClosed?: (reason: CloseReason, uid: number | undefined) => void;
}

/** A server that can listen, and be closed. */
export interface HttpServer {
  /** What listens. */
  readonly listener: Server;
  /** How many connections are open. */
  readonly connections: number;
  /** Stops accepting, lets running requests end for `graceMs`, then cuts them off. */
  close(graceMs: number): Promise<void>;
}

/** More headers than this are no client's of ours, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * A server around an app. Each connection carries one request at a time,
 * and is closed after its answer unless the app has trusted its caller.
 *
 * The listener is `node:net`'s, because Bun's `node:http` listens elsewhere when
 * it is given a descriptor, and shows a connection only with its first request.
 */
export function createHttpServer(
  app: App,
  { limits, findUser, onClosed = () => undefined }: HttpServerOptions,
): HttpServer {
  const connections = new Connections({
    limits,
    findUser,
    onClosed,
    now: systemClock.monotonicMs,
  });
  const answer = getRequestListener((request, bindings) => {
    const { incoming, outgoing } = bindings as HttpBindings; // no http2 server is made here
    const mayStay = outgoing.shouldKeepAlive;
    outgoing.shouldKeepAlive = false;
    const connection = connections.of(incoming.socket);
    const caller: Caller | undefined = connection && {
      uid: () => connection.uid,
      trust() {
        connection.isTrusted = true;
        outgoing.shouldKeepAlive = mayStay;
      },
    };
    return app.fetch(request, caller === undefined ? {} : { caller });
  }, { overrideGlobalObjects: false });
  const http = createHttp({ maxHeaderSize: MAX_HEADER_BYTES }, (incoming, outgoing) => {
    const { socket } = incoming;
    const connection = connections.of(socket);
    if (connection === undefined || !connections.begin(connection)) return;
    const end = () => {
      outgoing.off("finish", end);
      outgoing.off("close", end);
      connections.end(connection);
      if (closing || !connection.isTrusted) socket.end();
    };
    // Deno closes an answer only with its connection; the others, and a broken one, do not finish.
    outgoing.once("finish", end);
    outgoing.once("close", end);
    void answer(incoming, outgoing);
  });
  let closing = false;
  const listener = createServer({ noDelay: true }, (socket) => {
    const connection = connections.accept(socket);
    readFirstRequest(socket, {
      limitBytes: MAX_HEADER_BYTES,
      onRefused: () => connections.refuse(connection),
      onHead(received) {
        http.emit("connection", socket);
        socket.unshift(received);
        socket.resume();
      },
    });
  });
  return {
    listener,
    get connections() {
      return connections.size;
    },
    async close(graceMs) {
      closing = true;
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      connections.close("idle");
      const timer = setTimeout(() => connections.close("all"), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

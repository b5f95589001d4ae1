import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";

/** Who may use the kubelet's own API, and with what. */
export interface ApiOptions {
  /** 0 for any free one. */
  readonly port?: number;
  /** PEM. Without it the API is plain HTTP and asks for nothing. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    /** PEM of the authority that client certificates must come from. */
    readonly clientAuthority?: string;
  };
  /** Bearer tokens that are known. */
  readonly tokens?: readonly string[];
  /** Whether a request without credentials is let in (as `system:anonymous`). */
  readonly anonymous?: boolean;
  /**
   * `AlwaysAllow`; `Forbidden` answers 403 as an authorizer that says no;
   * `Unavailable` answers 500 as a webhook authorizer without its API server.
   */
  readonly authorization?: "AlwaysAllow" | "Forbidden" | "Unavailable";
}

/** The answer to a path, or undefined for 404. */
export type Route = (path: string, method: string, query: URLSearchParams) =>
  | Promise<RouteAnswer | undefined>
  | RouteAnswer
  | undefined;

/** What a route answers; an object becomes JSON. */
export interface RouteAnswer {
  readonly status?: number;
  readonly body: string | object;
}

/** A listening endpoint. */
export interface Endpoint {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on loopback and answers with `route`, guarded as the kubelet guards
 * its API (pkg/kubelet/server/server.go, `InstallAuthFilter`): 401 without a
 * known identity, 403 or 500 by the authorizer.
 */
export async function listen(options: ApiOptions, route: Route): Promise<Endpoint> {
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    void answer(options, route, request).then(({ status = 200, body }) => {
      const isText = typeof body === "string";
      response.writeHead(status, { "Content-Type": isText ? "text/plain" : "application/json" });
      response.end(isText ? body : JSON.stringify(body));
    });
  };
  const { tls } = options;
  const server: Server = tls === undefined ? createServer(handler) : createTlsServer({
    cert: tls.certificate,
    key: tls.key,
    ...(tls.clientAuthority === undefined ? {} : { ca: tls.clientAuthority, requestCert: true }),
    // An unknown client certificate is an unknown identity, not a broken connection.
    rejectUnauthorized: false,
  }, handler);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    // A TCP server that listens has an address with a port.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: ApiOptions,
  route: Route,
  request: IncomingMessage,
): Promise<RouteAnswer> {
  const user = identify(options, request);
  if (user === undefined) return { status: 401, body: "Unauthorized" };
  const attributes = `(user=${user}, verb=get, resource=nodes, subresource(s)=[proxy])`;
  if (options.authorization === "Forbidden") {
    return { status: 403, body: `Forbidden ${attributes}` };
  }
  if (options.authorization === "Unavailable") {
    return { status: 500, body: `Authorization error ${attributes}` };
  }
  const url = new URL(request.url ?? "/", "http://localhost");
  try {
    return await route(url.pathname, request.method ?? "GET", url.searchParams) ??
      { status: 404, body: "404 page not found\n" };
  } catch (thrown) {
    return { status: 500, body: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function identify(options: ApiOptions, request: IncomingMessage): string | undefined {
  const guarded = options.tls !== undefined || options.tokens !== undefined;
  if (!guarded) return "system:unsecured";
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) {
    return options.tokens?.includes(bearer) === true ? "token" : undefined;
  }
  if (options.tls?.clientAuthority !== undefined) {
    // The server above is a TLS one, so is the socket.
    const socket = request.socket as TLSSocket;
    if (socket.authorized) return String(socket.getPeerCertificate?.()?.subject?.CN ?? "client");
  }
  return options.anonymous === true ? "system:anonymous" : undefined;
}

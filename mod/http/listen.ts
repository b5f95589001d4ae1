import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { Server } from "node:http";
import { errorText, PodsteadError } from "../core/mod.ts";

/**
 * How long a client may take, in milliseconds. The kubelet asks within
 * microseconds on loopback and gives up after 10 s itself, so whoever is
 * slower than this holds a connection for nothing.
 */
const CLIENT_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000, // longer than the kubelet's longest usual poll of 20 s
  connectionsCheckingInterval: 2_500, // a timer that wakes the agent: rarely is enough
} as const;

/** Connections at one time; a kubelet needs one, a node with exporters a handful. */
const MAX_CONNECTIONS = 128;

/** A Node HTTP server around a Hono app, with limits on slow and half-open clients. */
export function createHttpServer(app: Hono): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: CLIENT_LIMITS,
  }) as Server; // no http2 option is given, so it is node:http's
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/**
 * Listens on a TCP address.
 *
 * @throws {PodsteadError} naming the setting, when the address cannot be had
 */
export async function listenTcp(server: Server, address: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch((error: NodeJS.ErrnoException) => {
    const inUse = error.code === "EADDRINUSE";
    throw new PodsteadError(
      "failed",
      `Cannot listen on ${address}:${port}: ${inUse ? "the port is taken" : errorText(error)}`,
      {
        cause: error,
        hint: inUse
          ? `See who has it with "ss -ltnp 'sport = :${port}'", or change agent.manifest.port (a changed port restarts every pod)`
          : "Check agent.manifest.address and agent.manifest.port",
      },
    );
  });
}

/** Stops accepting, lets running requests end for `graceMs`, then cuts them off. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

import { Counter, Gauge, type Registry } from "prom-client";
import type { Socket } from "node:net";
import type { Clock } from "../core/mod.ts";
import type { ConnectionLimits, HttpServer, HttpServerOptions } from "../http/mod.ts";
import type { FindPeer, FindUnixPeer, Logger } from "../os/mod.ts";

/**
 * The servers of an agent, and how many connections each has. The kubelet needs
 * one and gives up after 10 s itself; a node with probes and exporters needs a
 * handful, each for a moment. Watches and followed logs stay open.
 */
const LIMITS = {
  manifest: {
    total: 128,
    forRoot: 16,
    perUser: 32,
    firstRequestMs: 5_000,
    idleMs: 65_000, // longer than the longest usual poll of 20 s
    answerMs: 30_000,
  },
  admin: {
    total: 128,
    forRoot: 32,
    perUser: 64,
    firstRequestMs: 5_000,
    idleMs: 5_000,
    answerMs: undefined,
  },
  read: {
    total: 64,
    forRoot: 16,
    perUser: 16,
    firstRequestMs: 5_000,
    idleMs: 5_000,
    answerMs: undefined,
  },
} as const satisfies Readonly<Record<string, ConnectionLimits>>;

/** What governing the connections needs. */
export interface GovernDeps {
  readonly registry: Registry;
  readonly log: Logger;
  readonly clock: Clock;
  readonly findPeer: FindPeer;
  readonly findUnixPeer: FindUnixPeer;
}

/** Of one user and one reason, a line in the log this often at most, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** Users that are remembered for that: one who has many would fill the memory. */
const MAX_REMEMBERED = 1_000;

/** Governs the connections of the agent's endpoints. */
export interface Governor {
  readonly options: (server: keyof typeof LIMITS) => HttpServerOptions;
  /** Counts the connections of a server. */
  readonly watch: (name: keyof typeof LIMITS, server: HttpServer) => void;
}

/** Options for the servers of an agent; what they close is counted and logged. */
export function governConnections(deps: GovernDeps): Governor {
  const { registry, log, clock } = deps;
  const closed = new Counter({
    name: "podstead_connections_closed_total",
    help: "Connections that were closed for others by server and reason " +
      "(limit, user-limit, pipelined, slow)",
    labelNames: ["server", "reason"] as const,
    registers: [registry],
  });
  const servers = new Map<string, HttpServer>();
  new Gauge({
    name: "podstead_connections",
    help: "Open connections by server (manifest, admin, read)",
    labelNames: ["server"] as const,
    registers: [registry],
    collect() {
      for (const [server, { connections }] of servers) this.set({ server }, connections);
    },
  });
  const silent = new Map<string, { untilMs: number; count: number }>();
  const say = (server: string, reason: string, uid: number | undefined) => {
    const key = `${server} ${reason} ${uid}`;
    const nowMs = clock.monotonicMs();
    const before = silent.get(key);
    if (before !== undefined && nowMs < before.untilMs) {
      before.count++;
      return;
    }
    const count = (before?.count ?? 0) + 1;
    if (silent.size > MAX_REMEMBERED) silent.clear();
    silent.set(key, { untilMs: nowMs + LOG_EVERY_MS, count: 0 });
    log.warn("Connections were closed", { server, reason, uid: uid ?? "unknown", count });
  };
  return {
    options: (server) => ({
      limits: LIMITS[server],
      findUser: (socket) =>
        server === "manifest"
          ? userOf(socket, deps.findPeer)
          : Promise.resolve(deps.findUnixPeer(socket)),
      onClosed(reason, uid) {
        closed.inc({ server, reason });
        say(server, reason, uid);
      },
    }),
    watch: (name, server) => void servers.set(name, server),
  };
}

async function userOf(socket: Socket, find: FindPeer): Promise<number | undefined> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (localAddress === undefined || localPort === undefined) return undefined;
  return await find(
    { address: remoteAddress, port: remotePort },
    { address: localAddress, port: localPort },
  );
}

/** Opens the addresses of the agent, and closes them together. */
import { unlink } from "node:fs/promises";
import { agentClient, readSocket, unixTransport } from "../api/client/mod.ts";
import type { Settings } from "../config/mod.ts";
import { PodsteadError, type Scope } from "../core/mod.ts";
import type { HttpServer } from "../http/mod.ts";
import { groupId, isSocketAlive, listenUnix, type Logger } from "../os/mod.ts";
import type { ManifestFront } from "./front/front.ts";

/** How long running requests may take to end after SIGTERM, in milliseconds. */
const DRAIN_MS = 2_000;

/** The servers of the agent, and the admin socket; the read socket is next to it. */
export interface Servers {
  /** Listens already. */
  readonly manifest: ManifestFront;
  readonly admin: HttpServer;
  readonly read: HttpServer;
  readonly socket: string;
}

/**
 * Listens on the unix sockets too; `scope` closes all, at once.
 *
 * @throws {PodsteadError} if the socket is not free or not allowed
 */
export async function listen(
  { manifest, admin, read, socket }: Servers,
  settings: Settings,
  log: Logger,
  scope: Scope,
): Promise<void> {
  const { group } = settings.admin;
  const gid = await groupId(group);
  if (gid === undefined) {
    log.warn("There is no such group; the admin socket is for root alone", { group });
  }
  await listenUnix(admin.listener, { path: socket, mode: 0o660, gid });
  const readGid = await groupId(settings.admin.readGroup);
  if (readGid !== undefined) {
    await listenUnix(read.listener, { path: readSocket(socket), mode: 0o660, gid: readGid });
  }
  scope.defer(async () => {
    await Promise.all([manifest, admin, read].map((server) => server.close(DRAIN_MS)));
    for (const path of [socket, readSocket(socket)]) {
      await unlink(path).catch(() => undefined); // never made, or removed by another process
    }
  });
}

/** @throws {PodsteadError} with the pid of the agent that holds the socket */
export async function refuseSecondAgent(socket: string): Promise<void> {
  if (!await isSocketAlive(socket)) return;
  const holder = await agentClient(unixTransport(socket)).agent({})
    .catch(() => undefined); // in any case the socket is taken
  throw new PodsteadError(
    "failed",
    `Another agent${holder === undefined ? "" : ` (pid ${holder.pid})`} runs on "${socket}"`,
    { hint: "Stop it first, or give this one another --socket, port and state directory" },
  );
}

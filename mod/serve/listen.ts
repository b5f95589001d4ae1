/** Opens the addresses of the agent, and closes them together. */
import { unlink } from "node:fs/promises";
import { agentClient, unixTransport } from "../api/client/mod.ts";
import type { Settings } from "../config/mod.ts";
import { PodsteadError, type Scope } from "../core/mod.ts";
import type { HttpServer } from "../http/mod.ts";
import { groupId, isSocketAlive, listenUnix } from "../os/mod.ts";
import { type AddressDeps, listenForKubelet } from "./address.ts";

/** How long running requests may take to end after SIGTERM, in milliseconds. */
const DRAIN_MS = 2_000;

/** The servers of the agent, and the socket of the second. */
export interface Servers {
  readonly manifest: HttpServer;
  readonly admin: HttpServer;
  readonly socket: string;
}

/**
 * Listens on both; `scope` closes them, both at once.
 *
 * @returns whether systemd holds the kubelet's address
 * @throws {PodsteadError} when an address is not free or not allowed
 */
export async function listen(
  { manifest, admin, socket }: Servers,
  settings: Settings,
  deps: AddressDeps,
  scope: Scope,
): Promise<{ readonly held: boolean }> {
  const { group } = settings.admin;
  const gid = await groupId(group);
  if (gid === undefined) {
    deps.log.warn("There is no such group; the admin socket is for root alone", { group });
  }
  const held = await listenForKubelet(manifest, settings.manifest, deps);
  try {
    await listenUnix(admin.listener, { path: socket, mode: 0o660, gid });
  } catch (error) {
    await manifest.close(0);
    throw error;
  }
  scope.defer(async () => {
    await Promise.all([manifest, admin].map((server) => server.close(DRAIN_MS)));
    await unlink(socket).catch(() => undefined); // another process has removed it
  });
  return { held };
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

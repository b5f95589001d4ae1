import { existsSync } from "node:fs";
import { type AgentClient, agentClient, DEFAULT_SOCKET } from "../admin/mod.ts";
import { unixGet } from "../os/unix_get.ts";
import type { CliContext } from "./context.ts";
import { clientSettings } from "./client_settings.ts";

/**
 * The admin socket to talk to: `--socket`, else `PODSTEAD_SOCKET`, else the
 * default one where it exists, else what the config says. The config is read
 * last because reading it takes longer than most answers.
 */
export async function socketPath(context: CliContext): Promise<string> {
  const { socket, config } = context.globals;
  if (socket !== undefined) return socket;
  if (config === undefined && existsSync(DEFAULT_SOCKET)) return DEFAULT_SOCKET;
  return (await clientSettings(context)).admin.socket;
}

/** A client for the agent of this node. */
export async function agentOf(context: CliContext): Promise<AgentClient> {
  return agentClient(await socketPath(context), unixGet);
}

import { resolve } from "node:path";
import { accessSync, constants, existsSync } from "node:fs";
import {
  type AgentClient,
  agentClient,
  DEFAULT_SOCKET,
  readSocket,
  unixTransport,
} from "../../api/client/mod.ts";
import type { AgentInfo } from "../../api/contract/mod.ts";
import { ConfigError } from "../../core/mod.ts";
import { buildInfo } from "../../os/runtime.ts";
import { unixGet } from "../../os/local_get.ts";
import type { CliContext, RemoteNode } from "./context.ts";
import { clientSettings } from "./client_settings.ts";

/** How the admin socket is looked for. */
export interface SocketOptions {
  /**
   * Whether the command only reads: then the agent at the default socket is
   * asked if the config that was named cannot be used. A command that changes a node
   * never goes to any other agent than the one that was meant.
   */
  readonly reads: boolean;
  /** The socket that is tried without a config. */
  readonly defaultSocket?: string;
}

/**
 * The admin socket to talk to: `--socket`, else `PODSTEAD_SOCKET`, else the
 * default one where it exists, else what the config says. The config is read
 * last because reading it takes longer than most answers.
 *
 * @throws {ConfigError} if only a config could tell, and cannot be used
 */
export async function socketPath(
  context: CliContext,
  { reads, defaultSocket = DEFAULT_SOCKET }: SocketOptions,
): Promise<string> {
  const known = knownSocket(context, defaultSocket);
  if (known !== undefined) return known;
  try {
    return (await clientSettings(context)).admin.socket;
  } catch (error) {
    if (!(error instanceof ConfigError) || !existsSync(defaultSocket)) throw error;
    if (!reads && !await isAgentOf(defaultSocket, context.globals.config)) throw error;
    context.world.stderr.write(
      `warning: ${error.message}; asking the agent at "${defaultSocket}"\n`,
    );
    return defaultSocket;
  }
}

/** Whether the agent at a socket runs with this very config: then it is the one that is meant. */
async function isAgentOf(socket: string, config: string | undefined): Promise<boolean> {
  if (config === undefined) return false;
  const signal = AbortSignal.timeout(INFO_LIMIT_MS);
  const info = await agentClient(unixTransport(socket, unixGet)).agent({}, { signal })
    .catch(() => undefined); // whatever process it is, it is not known to be the one
  return info !== undefined && info.configPath === resolve(config);
}

/** The socket, if it is known without the config. */
function knownSocket(
  { globals: { socket, config } }: CliContext,
  defaultSocket: string,
): string | undefined {
  if (socket !== undefined) return socket;
  return config === undefined && existsSync(defaultSocket) ? defaultSocket : undefined;
}

/** How long an agent may take to say who it is, in milliseconds, where the config can tell as well. */
const INFO_LIMIT_MS = 500;

/**
 * What the running agent says of itself: sooner than the config can be read,
 * and true if that is broken or was changed since. Undefined if no agent
 * answers at once, or only the config knows its socket.
 */
export async function runningAgent(context: CliContext): Promise<AgentInfo | undefined> {
  const socket = knownSocket(context, DEFAULT_SOCKET);
  if (socket === undefined) return undefined;
  const signal = AbortSignal.timeout(INFO_LIMIT_MS);
  return await agentClient(unixTransport(socket, unixGet)).agent({}, { signal })
    .catch(() => undefined); // the config is asked then
}

/** A client for the agent of this node, for commands that only read. */
export async function agentOf(context: CliContext): Promise<AgentClient> {
  if (context.node !== undefined) return remoteAgent(context.node);
  const socket = await socketPath(context, { reads: true });
  return clientAt(
    mayUse(socket) || !mayUse(readSocket(socket)) ? socket : readSocket(socket),
    context,
  );
}

/** Whether this user may connect to a socket. */
export function mayUse(socket: string): boolean {
  try {
    accessSync(socket, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A client for exactly the agent that is meant, for commands that change something. */
export async function actingAgentOf(context: CliContext): Promise<AgentClient> {
  if (context.node !== undefined) return remoteAgent(context.node);
  return clientAt(await socketPath(context, { reads: false }), context);
}

/** A client for the agent of another node; its version was checked when it was connected. */
function remoteAgent({ transport }: RemoteNode): AgentClient {
  return agentClient(transport);
}

/** A client that warns of an agent that was not restarted after an upgrade. */
function clientAt(socket: string, { world: { stderr } }: CliContext): AgentClient {
  const { version } = buildInfo();
  return agentClient(unixTransport(socket, unixGet), {
    version,
    onOtherVersion: (agentVersion) =>
      stderr.write(
        `warning: the agent is of version ${agentVersion}, this command of ${version}; ` +
          'restart the agent with "sudo systemctl restart podstead"\n',
      ),
  });
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment that `${env.NAME}` in a config stands for: that of the agent if it runs and its
 * caller may see it, else that of this command. It is looked for once, when it is asked for.
 */
export function agentEnvironment(context: CliContext): () => Promise<Environment> {
  let found: Promise<Environment> | undefined;
  return () => found ??= findEnvironment(context);
}

async function findEnvironment(context: CliContext): Promise<Environment> {
  try {
    const { pid } = await (await agentOf(context)).agent({});
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(`/proc/${pid}/environ`, "utf8");
    return Object.fromEntries(
      text.split("\0").flatMap((line) => {
        const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
    );
  } catch {
    return context.world.env; // no agent, or one of another user
  }
}

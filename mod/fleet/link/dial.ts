/** The node's end of a link: `podstead dial-stdio`, which ssh runs. */
import { connect } from "node:net";
import type { Duplex, Readable, Writable } from "node:stream";
import type { ErrorCode } from "../../core/mod.ts";
import { formatHello } from "./hello.ts";
import { Mux } from "./mux.ts";
import { runHere } from "./run.ts";

/** What the node's end needs. */
export interface DialOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** The sockets of the agent, the better one first. */
  readonly sockets: readonly { readonly path: string; readonly access: "admin" | "read" }[];
  readonly version: string;
}

/** How a connection to a socket went. */
export type Knock = "open" | "denied" | "absent";

/** Tries to connect to a unix socket, and hangs up. */
export function knock(path: string): Promise<Knock> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("open");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EACCES" || error.code === "EPERM" ? "denied" : "absent");
    });
  });
}

/** The target of a channel: the agent. */
export const AGENT_TARGET = "agent";

/** The target of a channel: a port of the node's own loopback, for the runtime's streaming server. */
export function portTarget(port: number): string {
  return `port:${port}`;
}

/** Says hello, and connects what the other side opens, until its input ends. */
export async function dialStdio({ input, output, sockets, version }: DialOptions): Promise<void> {
  const knocks = await Promise.all(sockets.map(({ path }) => knock(path)));
  const open = sockets.find((_, at) => knocks[at] === "open");
  const first = sockets[0]?.path ?? "";
  output.write(formatHello({
    version,
    ...(open === undefined ? { error: absence(first, knocks[0]) } : { access: open.access }),
  }));
  const mux = new Mux({
    output,
    dial: (target) => dial(target, { socket: first, agentSocket: open?.path }),
  });
  try {
    for await (const chunk of input) mux.receive(chunk as Uint8Array); // no encoding is set
  } finally {
    mux.close();
  }
}

function absence(
  path: string,
  knocked: Knock | undefined,
): { readonly code: ErrorCode; readonly message: string } {
  return knocked === "denied"
    ? { code: "permission", message: `No permission for the admin socket "${path}"` }
    : { code: "agent-unreachable", message: `No agent runs on "${path}"` };
}

function dial(
  target: string,
  { socket, agentSocket }: { readonly socket: string; readonly agentSocket: string | undefined },
): Duplex | string {
  const port = /^port:(\d{1,5})$/.exec(target)?.[1];
  if (port !== undefined) {
    return connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
  }
  const running = runHere(target, socket);
  if (running !== undefined) return running;
  if (target !== AGENT_TARGET || agentSocket === undefined) return `There is no "${target}" here`;
  return connect({ path: agentSocket, allowHalfOpen: true });
}

/** The way to the agent of this node: its admin socket. */
import { Buffer } from "node:buffer";
import type { ClientRequest, IncomingMessage } from "node:http";
import { AgentUnreachable, errorText, PodsteadError } from "../../core/mod.ts";
import { VERSION_HEADER } from "../contract/mod.ts";
import type { AgentAnswer, AgentRequest, Transport } from "./transport.ts";

/** Where the agent's admin socket is, unless the config says otherwise. */
export const DEFAULT_SOCKET = "/run/podstead/admin.sock";

/** The socket for those who may only look, beside an admin socket. */
export function readSocket(adminSocket: string): string {
  return `${adminSocket.replace(/[^/]*$/, "")}read.sock`;
}

/** The only one that the agent answers to. */
const HOST = "podstead";

/**
 * A quicker way to GET than `node:http`, if the runtime has one. It may fail for any reason:
 * the request is then made again in the ordinary way.
 */
export type QuickGet = (
  socketPath: string,
  path: string,
  options: { readonly host: string; readonly signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly text: string;
  readonly header: (name: string) => string | undefined;
}>;

/**
 * The transport over the unix socket at `socketPath`.
 *
 * @param target what it leads to, for messages, if that is not the socket's own agent
 */
export function unixTransport(
  socketPath: string,
  quickGet?: QuickGet,
  target = `The agent on "${socketPath}"`,
): Transport {
  return {
    target,
    async send(request) {
      return await sendQuickly(socketPath, request, quickGet) ??
        await send({ socketPath, target }, request);
    },
  };
}

/** Undefined if the ordinary way should be taken, which also tells exactly what is wrong. */
async function sendQuickly(
  socketPath: string,
  { method, path, streams, signal }: AgentRequest,
  quickGet: QuickGet | undefined,
): Promise<AgentAnswer | undefined> {
  if (method !== "GET" || streams || quickGet === undefined || signal === undefined) {
    return undefined;
  }
  try {
    const { status, text, header } = await quickGet(socketPath, path, { host: HOST, signal });
    return {
      status,
      version: header(VERSION_HEADER),
      text: () => Promise.resolve(text),
      async *bytes() {
        yield await Promise.resolve(new TextEncoder().encode(text));
      },
    };
  } catch {
    return undefined; // see above
  }
}

/** A socket, and what it leads to. */
interface Place {
  readonly socketPath: string;
  readonly target: string;
}

async function send(place: Place, request: AgentRequest): Promise<AgentAnswer> {
  const { socketPath, target } = place;
  const { method, path, body, signal } = request;
  const http = await import("node:http"); // slow to load, and not always needed
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing: ClientRequest = http.request({
      socketPath,
      method,
      path,
      headers: {
        Host: HOST,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    }, resolve);
    outgoing.once("error", (error) => reject(connectionError(error, socketPath)));
    outgoing.end(body);
  });
  const version = response.headers[VERSION_HEADER.toLowerCase()];
  const bytes = () => unbroken(response, target, signal);
  return {
    status: response.statusCode ?? 500,
    version: typeof version === "string" ? version : undefined,
    bytes,
    async text() {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes()) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

/** The answer's bytes; that it broke off in the middle is said in our own words. */
async function* unbroken(
  response: IncomingMessage,
  target: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array; // no encoding is set
  } catch (error) {
    signal?.throwIfAborted();
    throw new AgentUnreachable(`${target} broke off its answer`, {
      cause: error,
      hint: "It may have been stopped or restarted",
    });
  }
}

function connectionError(error: NodeJS.ErrnoException, socketPath: string): Error {
  if (error.name === "AbortError" || error.name === "TimeoutError") return error; // the caller knows why
  if (error.code === "EACCES" || error.code === "EPERM") {
    return new PodsteadError("permission", `No permission for the admin socket "${socketPath}"`, {
      cause: error,
      hint: 'Use sudo, or join its group: "sudo usermod -aG podstead $USER" and log in again',
    });
  }
  const absent = error.code === "ENOENT" || error.code === "ECONNREFUSED" ||
    /FailedToOpenSocket|ENOENT|ECONNREFUSED|No such file/.test(errorText(error));
  return new AgentUnreachable(
    absent
      ? `No agent runs on "${socketPath}"`
      : `Cannot reach the agent on "${socketPath}": ${errorText(error)}`,
    {
      cause: error,
      hint: 'Start it with "sudo systemctl start podstead" or "sudo podstead serve"',
    },
  );
}

/** The typed client of the agent's admin socket. */
import type { ClientRequest, IncomingMessage } from "node:http";
import {
  AgentUnreachable,
  canonicalJson,
  errorText,
  type JsonValue,
  parseJson,
  PodsteadError,
} from "../core/mod.ts";
import type { WireError } from "./contract.ts";

/** Where the agent's admin socket is, unless the config says otherwise. */
export const DEFAULT_SOCKET = "/run/podstead/admin.sock";

/** How long the agent may take for an answer that is not a stream, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;

/** The only one that the agent answers to. */
const HOST = "podstead";

/** Talks to one agent; each call is one connection. */
export interface AgentClient {
  /**
   * Asks and reads the whole answer as JSON.
   *
   * @throws {AgentUnreachable} when nobody answers on the socket
   * @throws {PodsteadError} what the agent itself reports, code and hint kept
   */
  call<T>(method: "GET" | "POST", path: string, options?: CallOptions): Promise<T>;
  /** Asks (GET, unless told otherwise) and gives the answer's bytes as they come. */
  stream(
    path: string,
    options?: CallOptions & { readonly method?: "GET" | "POST" },
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** What goes with a call. */
export interface CallOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * A quicker way to GET than `node:http`, where the runtime has one. It may fail
 * for any reason: the request is then made again in the ordinary way.
 */
export type QuickGet = (
  socketPath: string,
  path: string,
  options: { readonly host: string; readonly signal: AbortSignal },
) => Promise<{ readonly status: number; readonly text: string }>;

/** A client for the agent that listens on `socketPath`. */
export function agentClient(socketPath: string, quickGet?: QuickGet): AgentClient {
  return {
    async call<T>(method: "GET" | "POST", path: string, options: CallOptions = {}): Promise<T> {
      const signal = AbortSignal.any([
        AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        ...(options.signal === undefined ? [] : [options.signal]),
      ]);
      if (method === "GET" && quickGet !== undefined) {
        const answer = await quickGet(socketPath, path, { host: HOST, signal })
          .catch(() => undefined); // told exactly by the ordinary way, below
        if (answer !== undefined && answer.status < 300) return parseJson(answer.text) as T;
        if (answer !== undefined) throw reportedError(answer.text, answer.status);
      }
      const response = await send(socketPath, method, path, { ...options, signal });
      const text = await readText(response, socketPath);
      return parseJson(text) as T; // the agent is our own and the path names the version
    },
    async stream(path, options = {}) {
      const response = await send(socketPath, options.method ?? "GET", path, options);
      return unbroken(response, socketPath, options.signal);
    },
  };
}

async function send(
  socketPath: string,
  method: string,
  path: string,
  options: CallOptions,
): Promise<IncomingMessage> {
  const { request } = await import("node:http"); // slow to load, and not always needed
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const body = options.body === undefined ? undefined : canonicalJson(options.body as JsonValue); // plain data, by the contract's types
    const outgoing: ClientRequest = request({
      socketPath,
      method,
      path,
      headers: {
        Host: HOST,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      agent: false,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }, resolve);
    outgoing.once("error", (error) => reject(connectionError(error, socketPath)));
    outgoing.end(body);
  });
  if ((response.statusCode ?? 500) < 300) return response;
  throw reportedError(await readText(response, socketPath), response.statusCode ?? 500);
}

/** The answer's bytes; that it broke off in the middle is said in our own words. */
async function* unbroken(
  response: IncomingMessage,
  socketPath: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array; // no encoding is set
  } catch (error) {
    signal?.throwIfAborted();
    throw new AgentUnreachable(`The agent on "${socketPath}" broke off its answer`, {
      cause: error,
      hint: "It may have been stopped or restarted",
    });
  }
}

async function readText(response: IncomingMessage, socketPath: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Uint8Array); // no encoding is set
  } catch (error) {
    throw new AgentUnreachable(`The agent on "${socketPath}" broke off its answer`, {
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function connectionError(error: NodeJS.ErrnoException, socketPath: string): Error {
  if (error.name === "AbortError") return error;
  if (error.name === "TimeoutError") {
    return new AgentUnreachable(
      `The agent on "${socketPath}" did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`,
      { cause: error, hint: 'See "systemctl status podstead"' },
    );
  }
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

function reportedError(text: string, status: number): PodsteadError {
  const { error } = parseWireError(text);
  if (error === undefined) {
    return new PodsteadError("failed", `The agent answered ${status}: ${text.slice(0, 200)}`, {
      hint: "Agent and command may be of different versions; restart the agent after an upgrade",
    });
  }
  return new PodsteadError(
    error.code,
    error.message,
    error.hint === undefined ? {} : { hint: error.hint },
  );
}

function parseWireError(text: string): Partial<WireError> {
  try {
    return JSON.parse(text) as Partial<WireError>; // checked by the caller
  } catch {
    return {}; // not from our agent: the text itself is shown
  }
}

/** The operator's end of a link: the user's own ssh, with `podstead dial-stdio` at its other end. */
import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { AgentUnreachable, errorText, PodsteadError } from "../../core/mod.ts";
import { AGENT_TARGET, portTarget } from "./dial.ts";
import { findHello, type Hello, MAX_NOISE_BYTES } from "./hello.ts";
import { Mux } from "./mux.ts";
import { olderNode, readingEnd, runTarget } from "./run.ts";

/** Where a node is. */
export interface LinkTarget {
  /** As ssh takes it: `host`, `user@host` or `ssh://user@host:port`. */
  readonly ssh: string;
  /** The agent's admin socket, if it is not the usual one. */
  readonly socket?: string | undefined;
}

/** How a link is opened. */
export interface LinkOptions {
  /** How long the node may take to answer as a server of ssh does, in milliseconds. */
  readonly limitMs: number;
  /** A directory of this user alone, for the local socket. */
  readonly directory: string;
  /** Tells links of one directory apart. */
  readonly number: number;
  readonly signal?: AbortSignal | undefined;
}

/** One connection to a node. Must be closed. */
export interface NodeLink {
  readonly hello: Hello;
  /** Why no agent can be reached on the node; undefined if one can. */
  readonly absence: PodsteadError | undefined;
  /** A local unix socket that leads to the node's agent. */
  readonly socketPath: string;
  /** Why a connection over it broke, where the node said so; undefined if none did. */
  readonly failure: () => string | undefined;
  /** A local port that leads to one of the node's own loopback. */
  forwardPort(port: number): Promise<number>;
  /**
   * What a command of the node's own podstead prints: one of those that look at the node itself.
   * Breaks off with its message if it fails.
   */
  run(args: readonly string[]): Readable;
  close(): void;
}

/** Nothing is asked for here: questions of many nodes would run together. */
const SSH_OPTIONS: readonly string[] = [
  ...["-T", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes", "-o", "ForwardAgent=no"],
  ...["-o", "PermitLocalCommand=no", "-o", "RemoteCommand=none"],
  // A node that dies in the middle of a stream is noticed.
  ...["-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=2"],
];

/** Of what ssh says, the end is kept for messages, in bytes. */
const KEPT_STDERR = 2048;

/** Exit code of a shell that finds no such program. */
const NOT_FOUND = 127;

/** Exit code of podstead for a command that it does not know. */
const WRONG_USAGE = 64;

/**
 * Opens a link: one ssh process, over which every request goes.
 *
 * @throws {AgentUnreachable} if the node cannot be reached in time
 */
export async function openLink(target: LinkTarget, options: LinkOptions): Promise<NodeLink> {
  const child = startSsh(target, options.limitMs);
  try {
    const { hello, mux, failure } = await greet(child, target, options);
    const absence = hello.error === undefined ? undefined : helloError(hello.error, target);
    return await localEnd(child, { hello, absence, mux, failure, options });
  } catch (error) {
    child.kill();
    throw error;
  }
}

/**
 * How many times that limit all of it may take: the node is alive then, but a busy one needs time
 * for logging in and for starting podstead.
 */
const WHOLE_LIMIT = 3;

function startSsh({ ssh, socket }: LinkTarget, limitMs: number): ChildProcess {
  const command = socket === undefined
    ? "podstead dial-stdio"
    : `podstead dial-stdio --socket ${quoted(socket)}`;
  const limit = `ConnectTimeout=${Math.ceil(limitMs / 1000)}`;
  return spawn("ssh", [...SSH_OPTIONS, "-o", limit, "--", ssh, command], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
}

/** An argument for the node's shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Waits for the hello; what comes after it is the link's. */
function greet(
  child: ChildProcess,
  target: LinkTarget,
  { limitMs, signal }: LinkOptions,
): Promise<
  { readonly hello: Hello; readonly mux: Mux; readonly failure: () => string | undefined }
> {
  const { promise, resolve, reject } = Promise.withResolvers<
    { readonly hello: Hello; readonly mux: Mux; readonly failure: () => string | undefined }
  >();
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null) throw new Error("ssh was started without pipes");
  let said = "";
  let failure: string | undefined;
  stderr?.on("data", (chunk: Buffer) => said = (said + chunk.toString()).slice(-KEPT_STDERR));
  const mux = new Mux({ output: stdin, onReset: (why) => failure = why === "" ? failure : why });
  let waiting: Buffer | undefined = Buffer.alloc(0);
  stdin.on("error", () => {}); // ssh has ended, which `close` tells
  stdout.on("data", (chunk: Buffer) => {
    try {
      if (waiting === undefined) return mux.receive(chunk);
      waiting = Buffer.concat([waiting, chunk]);
      const found = findHello(waiting.toString("latin1"));
      if (found !== undefined) {
        const rest = waiting.subarray(found.end);
        waiting = undefined;
        resolve({ hello: found.hello, mux, failure: () => failure });
        if (rest.length > 0) mux.receive(rest);
      } else if (waiting.length > MAX_NOISE_BYTES) {
        reject(unreachable(target, "it answers something else than podstead does"));
      }
    } catch (error) {
      failure = errorText(error);
      child.kill();
    }
  });
  const wholeMs = WHOLE_LIMIT * limitMs;
  const timer = setTimeout(() => {
    reject(unreachable(target, `podstead did not answer within ${wholeMs / 1000} s`));
  }, wholeMs);
  const stop = () => reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  child.once("error", (error: NodeJS.ErrnoException) => reject(startError(error)));
  child.once("close", (code: number | null) => {
    failure ??= lastLine(said) ?? "the connection to the node ended";
    reject(endError(target, code, said));
    mux.close();
  });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  });
}

function unreachable({ ssh }: LinkTarget, why: string): AgentUnreachable {
  return new AgentUnreachable(`Not reachable: ${why}`, {
    hint: `Try it by hand: "ssh ${ssh} podstead version"`,
  });
}

function endError(target: LinkTarget, code: number | null, all: string): Error {
  const { ssh } = target;
  const known = REASONS.find(({ code: wanted, said }) =>
    (wanted === undefined || wanted === code) && (said === undefined || said.test(all))
  );
  if (known === undefined) return unreachable(target, lastLine(all) ?? `ssh ended with ${code}`);
  const { why, next } = known;
  return new AgentUnreachable(`Not reachable: ${why ?? lastLine(all)}`, { hint: next(ssh) });
}

/** Ends that have a next step of their own: by the exit code of ssh, and by what it said. */
const REASONS: readonly {
  readonly code?: number;
  readonly said?: RegExp;
  /** The last line that was said, if it is left out. */
  readonly why?: string;
  readonly next: (ssh: string) => string;
}[] = [
  {
    code: NOT_FOUND,
    why: "it has no podstead in its PATH",
    next: () => 'Install it there with "podstead install"',
  },
  {
    code: WRONG_USAGE,
    said: /podstead/,
    why: "its podstead is too old for -N: it has no dial-stdio",
    next: () => "Update podstead there",
  },
  {
    said: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    why: "its host key is not the one that ssh knows: another machine answers, or a new one",
    next: (ssh) => `See what ssh says of it: "ssh ${ssh}"`,
  },
  {
    said: /host key is known for .* strict checking|Host key verification failed/,
    why: "ssh does not know its host key yet",
    next: (ssh) => `Log in once and compare it: "ssh ${ssh}"`,
  },
  {
    said: /Permission denied \(/,
    next: (ssh) => `No question is asked here: let "ssh ${ssh}" log in with a key first`,
  },
];

function startError(error: NodeJS.ErrnoException): PodsteadError {
  return new PodsteadError("failed", `Cannot run ssh: ${error.code ?? error.message}`, {
    cause: error,
    hint: "Install an OpenSSH client",
  });
}

/** The last line that says something: before it are banners and warnings. */
function lastLine(text: string): string | undefined {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").at(-1);
}

function helloError(
  { code, message }: NonNullable<Hello["error"]>,
  { ssh }: LinkTarget,
): PodsteadError {
  if (code !== "permission") {
    return new AgentUnreachable(message, {
      hint: `Look at it there: "ssh ${ssh} systemctl status podstead"`,
    });
  }
  return new PodsteadError(code, message, {
    hint: 'Join its group there ("sudo usermod -aG podstead $USER"), or allow ' +
      '"sudo -n podstead dial-stdio" without a password',
  });
}

async function localEnd(
  child: ChildProcess,
  { hello, absence, mux, failure, options: { directory, number } }: {
    readonly hello: Hello;
    readonly absence: PodsteadError | undefined;
    readonly mux: Mux;
    readonly failure: () => string | undefined;
    readonly options: LinkOptions;
  },
): Promise<NodeLink> {
  const servers: Server[] = [];
  const listen = async (target: string, place: { path: string } | { port: 0; host: string }) => {
    const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
      mux.open(target, socket);
    });
    servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(place, resolve);
    await promise;
    return server;
  };
  const socketPath = join(directory, `${number}.sock`);
  await listen(AGENT_TARGET, { path: socketPath });
  return {
    hello,
    absence,
    run(args) {
      const { socket, output } = readingEnd((why) => olderNode(why, hello.version));
      mux.open(runTarget(args), socket);
      return output;
    },
    socketPath,
    failure,
    async forwardPort(port) {
      const server = await listen(portTarget(port), { host: "127.0.0.1", port: 0 });
      return (server.address() as AddressInfo).port; // a TCP server has one
    },
    close() {
      for (const server of servers) server.close();
      mux.close();
      child.kill();
    },
  };
}

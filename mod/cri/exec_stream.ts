/**
 * Runs a command with its standard streams connected, over the WebSocket that
 * the runtime's streaming server offers.
 *
 * Source: kubernetes staging/src/k8s.io/kubelet/pkg/cri/streaming (containerd
 * and CRI-O both use it): every message begins with the number of its stream,
 * the last one, of stream 3, is a `metav1.Status` with the exit code. Version 5
 * of the protocol can close standard input, version 4 cannot.
 */
import { errorText, PodsteadError, RuntimeUnavailable } from "../core/mod.ts";
import { RuntimeService } from "./gen/runtime.ts";
import { type ExecOptions, startError } from "./exec.ts";
import type { Runtime } from "./runtime.ts";

/** The size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What to run with its streams connected. */
export interface ExecSession extends Omit<ExecOptions, "timeoutMs"> {
  /** Gives it a terminal; standard error then comes as standard output. */
  readonly tty: boolean;
  /** Whether it has something to read. */
  readonly stdin: boolean;
}

/** Where the streams of a command go. */
export interface ExecStreams {
  readonly command: readonly string[];
  readonly tty: boolean;
  /** What it reads; nothing if it is left out. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  /** The sizes of the terminal, the first one at once. */
  readonly sizes?: AsyncIterable<TerminalSize> | undefined;
  readonly onStdout: (data: Uint8Array) => void;
  readonly onStderr: (data: Uint8Array) => void;
  /**
   * Called when its input has ended but the runtime has no way to tell it so
   * (containerd before 2.0, without a terminal): it keeps waiting for more.
   */
  readonly onInputStuck?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What to run, and where its streams go. */
export interface ExecStreamOptions extends ExecStreams {
  readonly containerId: string;
}

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** Beyond this much that is not sent yet, standard input is not read on. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const DRAIN_POLL_MS = 10;

/**
 * Runs a command in a container until it ends.
 *
 * @returns its exit code.
 * @throws {PodsteadError} as `openExec` and `attachExec`.
 */
export async function execStream(runtime: Runtime, options: ExecStreamOptions): Promise<number> {
  const stdin = options.stdin !== undefined;
  return await attachExec(await openExec(runtime, { ...options, stdin }), options);
}

/**
 * Prepares to run a command in a container.
 *
 * @returns an address of the runtime's streaming server on this node, for
 * `attachExec`; it works once, for a short time, and for anyone who has it.
 * @throws {PodsteadError} as `execSync`; `runtime-unavailable` where there is
 * no streaming server.
 */
export async function openExec(runtime: Runtime, session: ExecSession): Promise<string> {
  const { containerId, command, tty, stdin, signal } = session;
  const { url } = await runtime.call(RuntimeService.method.exec, {
    containerId,
    cmd: [...command],
    tty,
    // containerd 1.6 shows nothing of a terminal that has no input.
    stdin: stdin || tty,
    stdout: true,
    stderr: !tty,
  }, { signal });
  // Some runtimes give the path alone; there is no host then that we could know.
  if (!/^https?:\/\//.test(url)) {
    throw new RuntimeUnavailable(`The container runtime offers no streaming server: "${url}"`);
  }
  return url;
}

/**
 * Runs the command that was prepared, until it ends.
 *
 * @returns its exit code.
 * @throws {PodsteadError} as `execSync`; `runtime-unavailable` where the
 * streaming server cannot be reached. The signal's reason where it aborts.
 */
export async function attachExec(url: string, options: ExecStreams): Promise<number> {
  const { signal, command } = options;
  const socket = new WebSocket(url.replace(/^http/, "ws"), PROTOCOLS);
  socket.binaryType = "arraybuffer";
  const aborted = Promise.withResolvers<never>();
  // Not only by closing: that waits for what is not sent yet.
  const onAbort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await Promise.race([session(socket, options, url), aborted.promise]);
  } catch (error) {
    signal?.throwIfAborted();
    throw startError(command, error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    socket.close();
  }
}

function session(socket: WebSocket, options: ExecStreams, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const lost = (what: string) =>
      reject(
        new RuntimeUnavailable(`The runtime's streaming server at "${new URL(url).host}" ${what}`),
      );
    socket.onopen = () => {
      sendInput(socket, options).catch(reject);
      sendSizes(socket, options).catch(reject);
    };
    socket.onmessage = ({ data }) => {
      const message = new Uint8Array(data);
      const payload = message.subarray(1);
      // The server opens every stream with an empty message.
      if (message[0] === CHANNEL.stdout && payload.length > 0) options.onStdout(payload);
      else if (message[0] === CHANNEL.stderr && payload.length > 0) options.onStderr(payload);
      else if (message[0] === CHANNEL.status && payload.length > 0) {
        try {
          resolve(exitCodeOf(new TextDecoder().decode(payload)));
        } catch (error) {
          reject(error);
        }
      }
    };
    socket.onerror = () => lost("cannot be reached");
    socket.onclose = () => lost("hung up before the command ended");
  });
}

/**
 * The exit code in the status that ends a session.
 *
 * @throws {PodsteadError} `failed` where the command did not run.
 */
export function exitCodeOf(text: string): number {
  try {
    const status = JSON.parse(text);
    if (status.status === "Success") return 0;
    const causes: readonly { readonly reason?: string; readonly message?: string }[] =
      status.details?.causes ?? [];
    const code = Number(causes.find(({ reason }) => reason === "ExitCode")?.message);
    if (status.reason === "NonZeroExitCode" && Number.isInteger(code)) return code;
    throw new PodsteadError("failed", `Exec failed: ${status.message ?? text}`);
  } catch (error) {
    if (error instanceof PodsteadError) throw error;
    throw new PodsteadError("failed", `Exec failed: ${text}`, {
      cause: new Error(errorText(error)),
    });
  }
}

async function sendInput(
  socket: WebSocket,
  { stdin, tty, onInputStuck }: ExecStreams,
): Promise<void> {
  if (stdin === undefined) return;
  for await (const data of stdin) {
    if (!await send(socket, CHANNEL.stdin, data)) return;
  }
  if (socket.protocol === PROTOCOLS[0]) await send(socket, CHANNEL.close, Uint8Array.of(0));
  // A terminal takes this character for the end of input.
  else if (tty) await send(socket, CHANNEL.stdin, Uint8Array.of(4));
  else onInputStuck?.();
}

async function sendSizes(socket: WebSocket, { sizes }: ExecStreams): Promise<void> {
  if (sizes === undefined) return;
  for await (const { columns, rows } of sizes) {
    const text = JSON.stringify({ Width: columns, Height: rows });
    if (!await send(socket, CHANNEL.resize, new TextEncoder().encode(text))) return;
  }
}

/** Sends one message; false if the session is over. */
async function send(socket: WebSocket, channel: number, data: Uint8Array): Promise<boolean> {
  if (socket.readyState !== WebSocket.OPEN) return false;
  const message = new Uint8Array(1 + data.length);
  message[0] = channel;
  message.set(data, 1);
  socket.send(message);
  while (socket.bufferedAmount > MAX_BUFFERED_BYTES && socket.readyState === WebSocket.OPEN) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
  return true;
}

/** Whether a server on this node is there: an open connection ends the moment it dies. */
import { connect } from "node:net";
import type { Clock } from "../core/mod.ts";

/** What is watched, and what is called. */
export interface ConnectionWatchOptions {
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called with the first state, and after each change. */
  readonly onChange: (up: boolean) => void;
}

/** How often a server that is away is looked for, in milliseconds: a connection costs next to nothing. */
const RETRY_MS = 1_000;

/** How long a connection may take on this node, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Keeps one idle connection open until `signal` aborts. A connection that ends
 * while the server stays (its idle timeout) is opened again and is no change.
 */
export async function watchConnection(options: ConnectionWatchOptions): Promise<void> {
  const { clock, signal, onChange } = options;
  let up: boolean | undefined;
  const tell = (now: boolean) => {
    if (up !== now) onChange(now);
    up = now;
  };
  while (!signal.aborted) {
    const connection = await open(options);
    tell(connection !== undefined);
    const openedMs = clock.monotonicMs();
    await connection?.ended;
    // A server that hangs up at once would be connected to without a pause.
    const pauseMs = connection === undefined || clock.monotonicMs() - openedMs < RETRY_MS
      ? RETRY_MS
      : 0;
    if (pauseMs > 0) await clock.sleep(pauseMs, signal).catch(() => undefined); // the loop sees it
  }
}

/** An open connection; undefined if no process listens, or not in time. */
function open(
  { host, port, signal }: ConnectionWatchOptions,
): Promise<{ readonly ended: Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const ended = Promise.withResolvers<void>();
    const socket = connect({ host, port });
    const destroy = () => socket.destroy();
    signal.addEventListener("abort", destroy, { once: true });
    const timer = setTimeout(destroy, CONNECT_TIMEOUT_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.resume();
      resolve({ ended: ended.promise });
    });
    socket.on("error", () => undefined); // "close" follows
    socket.once("close", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", destroy);
      ended.resolve();
      resolve(undefined);
    });
    socket.unref();
  });
}

/** Everything a command touches outside itself, so that tests can hand it another world. */
import { fstatSync, writeSync } from "node:fs";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { type Clock, systemClock } from "../../core/mod.ts";

/** Standard output or standard error. */
export interface Output {
  readonly isTTY: boolean;
  /** Whether it is a file, so that a waiting user sees none of it. */
  readonly isFile?: boolean;
  /** Width in columns; undefined when it is not a terminal. */
  readonly columns: number | undefined;
  /** Height in rows; undefined when it is not a terminal. */
  readonly rows: number | undefined;
  /** Writes all of it; throws `OutputClosed` when the reader has gone. */
  write(data: string | Uint8Array): void;
}

/** The reader of our output has gone (`podstead logs … | head`): end quietly. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** What a command may use. */
export interface World {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** The user that the command runs as; 0 is root, undefined on a system without users. */
  readonly uid: number | undefined;
  /** Standard input to its end, or until it is larger than `maxBytes`. */
  readonly readStdin: (maxBytes: number) => Promise<Uint8Array>;
  /** Whether standard input is a terminal, so that a question can be asked. */
  readonly stdinIsTTY: boolean;
  /** Aborts on SIGINT and SIGTERM: long commands end when it does. */
  readonly interrupted: AbortSignal;
}

/** The world of the real process. */
export function processWorld(): World {
  return {
    stdout: descriptorOutput(1, () => process.stdout),
    stderr: descriptorOutput(2, () => process.stderr),
    env: process.env,
    clock: systemClock,
    uid: process.getuid?.(),
    readStdin: (maxBytes) => readUpTo(process.stdin, maxBytes),
    get stdinIsTTY() {
      return isTerminal(0);
    },
    get interrupted() {
      return interruptSignal();
    },
  };
}

/**
 * Writes straight to the file descriptor: complete when it returns, so that
 * exiting afterwards loses nothing, and the quickest way for a gigabyte.
 */
function descriptorOutput(
  descriptor: number,
  stream: () => { readonly columns?: number; readonly rows?: number },
): Output {
  return {
    get isTTY() {
      return isTerminal(descriptor);
    },
    get isFile() {
      return isRegularFile(descriptor);
    },
    get columns() {
      return isTerminal(descriptor) ? stream().columns : undefined;
    },
    get rows() {
      return isTerminal(descriptor) ? stream().rows : undefined;
    },
    write(data) {
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
      for (let offset = 0; offset < bytes.length;) {
        offset += writeSome(descriptor, bytes, offset);
      }
    },
  };
}

/**
 * Whether a descriptor is a terminal. Not by `process.stdout`: to make that
 * stream takes longer than all else that a short command does.
 */
function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false; // it is closed
  }
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

function isRegularFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false; // it is closed
  }
}

/** How long to wait for a full non-blocking pipe to drain, in milliseconds. */
const PIPE_RETRY_MS = 2;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function writeSome(descriptor: number, bytes: Uint8Array, offset: number): number {
  try {
    return writeSync(descriptor, bytes, offset);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // node:fs throws nothing else
    if (code === "EPIPE") throw new OutputClosed("The reader has gone", { cause: error });
    if (code !== "EAGAIN") throw error;
    // Another process made our pipe non-blocking; its reader is slower than we are.
    Atomics.wait(sleeper, 0, 0, PIPE_RETRY_MS);
    return 0;
  }
}

/** Standard input and output as streams, for what connects them to something. */
export function standardStreams(): { readonly input: Readable; readonly output: Writable } {
  return { input: process.stdin, output: process.stdout };
}

/** A stream to its end, or until it is larger than `maxBytes`: a pipe may never end. */
export async function readUpTo(
  stream: AsyncIterable<string | Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Uint8Array; // no encoding is set
    chunks.push(bytes);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

let interrupt: AbortController | undefined;

/** Handlers are installed on first use only: without them a signal simply ends the process. */
function interruptSignal(): AbortSignal {
  if (interrupt === undefined) {
    const controller = new AbortController();
    interrupt = controller;
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => controller.abort(new Error(`Stopped by ${name}`)));
    }
  }
  return interrupt.signal;
}

/**
 * Does something that must come to its end, or be undone, also where the terminal has gone: a lost
 * connection sends SIGHUP, which would end the process in the middle.
 */
export async function throughHangUp<T>(work: () => Promise<T>): Promise<T> {
  const ignore = () => undefined;
  process.on("SIGHUP", ignore);
  try {
    return await work();
  } finally {
    process.off("SIGHUP", ignore);
  }
}

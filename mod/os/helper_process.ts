/** A further process of this executable, which does one thing after the other and may be killed. */
import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { ownCommand } from "./executable.ts";
import { startLimit } from "./time_limit.ts";

/** How a helper answers: pieces of an answer, then its end. */
export interface Answer {
  /** Takes each piece of the answer; a piece that begins with 0 is the helper's own. */
  readonly onPiece: (piece: Uint8Array) => void;
  /** How long the helper may take to its next piece, in milliseconds; asked before each. */
  readonly limitMs: () => number;
}

/** The first byte of a piece that is a message about the answer: JSON follows. */
export const MESSAGE = 0;

const LENGTH_BYTES = 4;

/** How long a helper may take to start, in milliseconds: on a busy machine without compiling, seconds. */
const START_LIMIT_MS = 20_000;

/** The helper did not answer in time, or says that what it does hangs, and was killed. */
export class HelperLate extends Error {
  override readonly name = "HelperLate";
  /** Settles when the process has really gone: what hangs in the kernel cannot be killed. */
  readonly gone: Promise<void>;

  constructor(gone: Promise<void>) {
    super("the helper did not answer in time");
    this.gone = gone;
  }
}

/** One helper. It ends with its standard input, so with this process at the latest. */
export class HelperProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #received: Uint8Array[] = [];
  #receivedBytes = 0;
  /** From how many bytes on there is something to take: a length, or it with its piece. */
  #wantedBytes = LENGTH_BYTES;
  #onPiece: ((piece: Uint8Array) => void) | undefined;
  #onEnd: ((error?: Error) => void) | undefined;
  #ready = false;
  #failure: Error | undefined;
  #stopLimit = () => {};

  /** @param command what to start; default: this executable's own helper */
  constructor(command: readonly [string, ...string[]] = ownCommand(HELPER_COMMAND)) {
    const [file, ...args] = command;
    const child = spawn(file, args, {
      stdio: ["pipe", "pipe", "ignore"],
      env: helperEnvironment(),
    });
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve()); // it could not be started
    });
    const fail = (error: Error) => {
      this.#failure ??= error;
      this.#onEnd?.(error);
    };
    child.once("error", fail);
    child.once(
      "exit",
      (code, signal) => fail(new Error(`the helper ended with ${code ?? signal}`)),
    );
    child.stdin?.on("error", () => undefined); // the exit says it
    child.stdout?.on("data", (bytes: Uint8Array) => this.#take(bytes));
    // Neither a helper at rest nor one that hangs keeps this process.
    child.unref();
  }

  /** Whether it can be asked something. */
  get isUsable(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Asks for one thing; one at a time.
   *
   * @throws {HelperLate} if it does not answer in time
   * @throws {Error} if it cannot be started, or ends
   */
  async ask(request: object, { onPiece, limitMs }: Answer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await new Promise<void>((resolve, reject) => {
        const late = () => reject(new HelperLate(this.#kill()));
        const wait = (ms: number) => {
          this.#stopLimit();
          this.#stopLimit = startLimit(ms, late);
        };
        this.#onEnd = (error) => error === undefined ? resolve() : reject(error);
        this.#onPiece = (piece) => {
          if (this.#isReady(piece)) return wait(limitMs());
          try {
            if (messageOf(piece)?.late === true) return late();
            onPiece(piece);
            wait(limitMs());
            if (isEnd(piece)) resolve();
          } catch (error) {
            void this.#kill(); // what it sends makes no sense
            reject(error);
          }
        };
        wait(this.#ready ? limitMs() : START_LIMIT_MS);
        this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
      });
    } finally {
      this.#stopLimit();
      this.#onPiece = undefined;
      this.#onEnd = undefined;
    }
  }

  /** Lets it end. */
  close(): void {
    this.#failure ??= new Error("the helper is closed");
    this.#child.stdin?.end();
  }

  #kill(): Promise<void> {
    this.#failure ??= new Error("the helper was killed");
    this.#child.kill("SIGKILL");
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    return this.#gone;
  }

  #isReady(piece: Uint8Array): boolean {
    if (this.#ready) return false;
    this.#ready = true;
    return messageOf(piece)?.ready === true;
  }

  /** Cuts what arrives into pieces: each has its length before it, in four bytes. */
  #take(bytes: Uint8Array): void {
    this.#received.push(bytes);
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes < this.#wantedBytes) return;
    const data = Buffer.concat(this.#received);
    let at = 0;
    for (;;) {
      const left = data.length - at;
      this.#wantedBytes = LENGTH_BYTES + (left < LENGTH_BYTES ? 0 : data.readUInt32LE(at));
      if (left < this.#wantedBytes) break;
      this.#onPiece?.(data.subarray(at + LENGTH_BYTES, at + this.#wantedBytes));
      at += this.#wantedBytes;
    }
    this.#received = [data.subarray(at)];
    this.#receivedBytes = data.length - at;
  }
}

/** What a message piece says; undefined for any other piece. */
export function messageOf(piece: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (piece[0] !== MESSAGE) return undefined;
  return JSON.parse(new TextDecoder().decode(piece.subarray(1)));
}

function isEnd(piece: Uint8Array): boolean {
  const message = messageOf(piece);
  return message !== undefined && ("done" in message || "error" in message);
}

/** The name of the command that a helper runs. */
export const HELPER_COMMAND = "read-files";

/** Without what makes an idle agent light: a helper has to be quick. */
function helperEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      !name.startsWith("BUN_JSC_") && name !== "NOTIFY_SOCKET" && name !== "WATCHDOG_USEC"
    ),
  );
}

/** Files that a helper looks at: what hangs then hangs there, and can be given up. */
import type { FileFacts } from "./regular_file.ts";
import { FileRefused } from "./regular_file.ts";
import { HelperLate, HelperProcess, messageOf } from "./helper_process.ts";
import { FILE_LIMIT_MS, FileTimeout } from "./time_limit.ts";

/** What a helper can be asked; `parse` is the business of who answers it. */
export type FileRequest =
  | { readonly op: "stat" | "list" | "there"; readonly path: string }
  | { readonly op: "read" | "parse"; readonly path: string; readonly maxBytes: number };

/** How many helpers run at once: one that hangs or has much to do does not hold up the others. */
const MAX_HELPERS = 2;

/** How long a helper with nothing to do stays, in milliseconds: an idle agent has none. */
const REST_MS = 500;

/**
 * How long a helper may say nothing of a file, in milliseconds. It counts `FILE_LIMIT_MS` itself, in
 * its own turns on the processor; only one that hangs as a whole takes longer.
 */
const SILENCE_LIMIT_MS = 5 * FILE_LIMIT_MS;

/** How long a helper may work on what it has read, in milliseconds. */
const WORK_LIMIT_MS = 15_000;

/** The work on a file took too long. */
export class WorkTimeout extends Error {
  override readonly name = "WorkTimeout";

  constructor() {
    super(`to read it as YAML takes more than ${WORK_LIMIT_MS / 1000} s`);
  }
}

/** Asks helpers, and starts them as needed. */
export class FileHelpers {
  readonly #start: () => HelperProcess;
  readonly #free: HelperProcess[] = [];
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #rest: ReturnType<typeof setTimeout> | undefined;
  readonly #working = new Set<string>();

  /** @param start makes a helper */
  constructor(start = () => new HelperProcess()) {
    this.#start = start;
  }

  /** The paths that helpers are at. */
  get working(): readonly string[] {
    return [...this.#working];
  }

  /**
   * Asks for one thing.
   *
   * @param onPiece takes what the answer has besides its result
   * @param onHang called when the file system does not answer, with when it has let go
   * @throws {FileTimeout} if the file system does not answer in time
   * @throws {WorkTimeout} if it did, and the work on it takes too long
   * @throws what reading throws
   */
  async ask(
    request: FileRequest,
    onPiece: (piece: Uint8Array) => void = () => undefined,
    onHang: (gone: Promise<void>) => void = () => undefined,
  ): Promise<unknown> {
    const helper = await this.#take();
    let isRead = false;
    let result: unknown;
    let failure: Error | undefined;
    this.#working.add(request.path);
    try {
      await helper.ask(request, {
        limitMs: () => isRead ? WORK_LIMIT_MS : SILENCE_LIMIT_MS,
        onPiece: (piece) => {
          const message = messageOf(piece);
          isRead = true;
          if (message === undefined) onPiece(piece);
          else if ("error" in message) failure = asError(message.error);
          else if ("done" in message) result = message.done;
        },
      });
    } catch (error) {
      if (!(error instanceof HelperLate)) throw error;
      if (isRead) throw new WorkTimeout();
      onHang(error.gone);
      throw new FileTimeout(FILE_LIMIT_MS);
    } finally {
      this.#working.delete(request.path);
      this.#give(helper);
    }
    if (failure !== undefined) throw failure;
    return result;
  }

  /** Ends the helpers that have nothing to do. */
  close(): void {
    clearTimeout(this.#rest);
    for (const helper of this.#free.splice(0)) helper.close();
  }

  async #take(): Promise<HelperProcess> {
    clearTimeout(this.#rest);
    while (this.#running >= MAX_HELPERS) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    let helper = this.#free.pop();
    while (helper !== undefined && !helper.isUsable) helper = this.#free.pop();
    return helper ?? this.#start();
  }

  #give(helper: HelperProcess): void {
    this.#running -= 1;
    if (helper.isUsable) this.#free.push(helper);
    this.#waiting.shift()?.();
    if (this.#running > 0 || this.#free.length === 0) return;
    this.#rest = setTimeout(() => this.close(), REST_MS);
    this.#rest.unref();
  }
}

/** An error as the helper had it. */
function asError(sent: unknown): Error {
  // Written by `serveRequests`.
  const { message, code, why, facts } = sent as {
    readonly message: string;
    readonly code?: string;
    readonly why?: "kind" | "size";
    readonly facts?: FileFacts;
  };
  if (why !== undefined && facts !== undefined) return new FileRefused(why, facts);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

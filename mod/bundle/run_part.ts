/** Runs a program for its output, bounded in time and size. */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import type { Clock } from "../core/mod.ts";

/** What a program said. */
export interface PartOutput {
  /** Its beginning, up to the limit; whole lines if it was cut short. */
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined if it was ended by a signal or could not be started. */
  readonly exitCode: number | undefined;
  readonly durationMs: number;
  /** What is missing, as a sentence without its period; undefined if nothing is. */
  readonly missing: string | undefined;
}

/** Bounds of a program. */
export interface PartLimits {
  readonly timeMs: number;
  readonly sizeBytes: number;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

const STDERR_BYTES = 16 * 1024;

/** Runs a program. Never rejects: what went wrong is in `missing`. */
export async function runPart(
  [program, ...args]: readonly [string, ...string[]],
  { timeMs, sizeBytes, clock, env, signal }: PartLimits,
): Promise<PartOutput> {
  const startedMs = clock.now();
  if (timeMs <= 0) {
    const missing = "There was no time left for it";
    return { stdout: "", stderr: "", exitCode: undefined, durationMs: 0, missing };
  }
  const stdout = new Beginning(sizeBytes);
  const stderr = new Beginning(STDERR_BYTES);
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const { promise, resolve } = Promise.withResolvers<
    { readonly exitCode?: number; readonly missing?: string }
  >();
  const timer = setTimeout(
    () => resolve({ missing: `It did not end within ${Math.ceil(timeMs / 1000)} s` }),
    timeMs,
  );
  const stop = () => resolve({ missing: "It was interrupted" });
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  child.once("error", (error) => resolve({ missing: `It cannot be run: ${error.message}` }));
  child.once("close", (code: number | null, by: string | null) => {
    resolve(code === null ? { missing: `It was ended by ${by}` } : { exitCode: code });
  });
  child.stdout?.on("data", (chunk: Uint8Array) => {
    if (!stdout.add(chunk)) {
      resolve({ missing: `Only its first ${sizeBytes} bytes are here` });
    }
  });
  child.stderr?.on("data", (chunk: Uint8Array) => void stderr.add(chunk));
  const { exitCode, missing } = await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  // What hangs in the kernel cannot be killed, and is not waited for.
  child.kill("SIGKILL");
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (child.pid !== undefined) child.unref();
  return {
    // Half a line may have half a secret, which nothing finds.
    stdout: missing === undefined
      ? stdout.text
      : stdout.text.slice(0, stdout.text.lastIndexOf("\n") + 1),
    stderr: stderr.text,
    exitCode,
    durationMs: clock.now() - startedMs,
    missing,
  };
}

/** The beginning of a stream. */
class Beginning {
  readonly #chunks: Uint8Array[] = [];
  #left: number;

  constructor(sizeBytes: number) {
    this.#left = sizeBytes;
  }

  /** @returns whether there was room for all of it */
  add(chunk: Uint8Array): boolean {
    const kept = chunk.subarray(0, this.#left);
    this.#chunks.push(kept);
    this.#left -= kept.length;
    return kept.length === chunk.length;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

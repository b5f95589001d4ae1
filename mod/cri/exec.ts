import { RuntimeService } from "./gen/runtime.ts";
import { formatDuration, PodsteadError } from "../core/mod.ts";
import { isDeadlineExceeded } from "./errors.ts";
import type { Runtime } from "./runtime.ts";

/** What to run in a container. */
export interface ExecOptions {
  readonly containerId: string;
  /** The program with its arguments; no shell is put between. */
  readonly command: readonly string[];
  /** How long it may run, rounded up to seconds; forever if it is left out. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What happened to a command. */
export interface ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** The runtime kills the command at its deadline and then answers. */
const ANSWER_GRACE_MS = 5000;

/**
 * Runs a command in a container and collects what it prints; the runtime keeps
 * at most 16 MiB of it.
 *
 * @returns also where the command fails: its exit code says so.
 * @throws {PodsteadError} `not-found` for the container, `failed` where the
 * command cannot be started or does not end in time, else as `Runtime.call`.
 */
export async function execSync(
  runtime: Runtime,
  { containerId, command, timeoutMs, signal }: ExecOptions,
): Promise<ExecResult> {
  const seconds = timeoutMs === undefined ? 0 : Math.max(1, Math.ceil(timeoutMs / 1000));
  try {
    const { stdout, stderr, exitCode } = await runtime.call(RuntimeService.method.execSync, {
      containerId,
      cmd: [...command],
      timeout: BigInt(seconds),
    }, { signal, timeoutMs: seconds === 0 ? 0 : seconds * 1000 + ANSWER_GRACE_MS });
    return { stdout, stderr, exitCode };
  } catch (error) {
    if (timeoutMs !== undefined && isDeadlineExceeded(error)) {
      throw new PodsteadError(
        "failed",
        `The command "${command[0]}" did not end within ${formatDuration(seconds * 1000)}`,
        { cause: error },
      );
    }
    throw startError(command, error);
  }
}

/** Says in one sentence what runc says in five. */
export function startError(command: readonly string[], error: unknown): unknown {
  if (!(error instanceof PodsteadError) || error.code !== "failed") return error;
  const text = error.message;
  const reason = /executable file not found|no such file or directory/.test(text)
    ? "there is no such program in it"
    : /permission denied/.test(text)
    ? "it may not be executed"
    : /not running|in CONTAINER_EXITED state|is in .* state/i.test(text)
    ? "the container does not run"
    : undefined;
  if (reason === undefined) return error;
  return new PodsteadError("failed", `Cannot run "${command[0]}" in the container: ${reason}`, {
    cause: error,
  });
}

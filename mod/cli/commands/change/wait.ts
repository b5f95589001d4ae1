import { type AgentClient, PATHS, type WaitProgress } from "../../../admin/mod.ts";
import { formatDuration, parseDuration, PodsteadError, UsageError } from "../../../core/mod.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { readNdjson } from "../../shell/ndjson.ts";
import { unwellReport } from "../status/overview.ts";

const DEFAULT_WAIT_MS = 60_000;
const MAX_WAIT_MS = 3_600_000;

/** `--wait[=DURATION]`, as milliseconds, for commands that change pods. */
export const WAIT_FLAG = {
  kind: "parsed",
  parse: waitOf,
  inferEmpty: true,
  optional: true,
  brief: "Wait until the pods are ready, at most so long (60s where nothing is said)",
  placeholder: "DURATION",
} as const;

/** `--wait` alone, or with a duration. @throws {UsageError} */
function waitOf(text: string): number {
  const ms = text === "" ? DEFAULT_WAIT_MS : parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= MAX_WAIT_MS) return ms;
  throw new UsageError(
    `--wait must be a duration up to an hour (60s, 5m), current value is "${text}"`,
  );
}

/**
 * Waits until the pods are ready, tells on stderr for which, and at the end on
 * stdout that they are, or why they are not.
 *
 * @param tell whether the end is told; data formats have it in their document
 * @returns the last progress; an interrupted wait still waits for some
 */
export async function waitForPods(
  context: CliContext,
  agent: AgentClient,
  timeoutMs: number,
  tell: boolean,
): Promise<WaitProgress> {
  const { stdout, stderr, interrupted, clock } = context.world;
  const startMs = clock.monotonicMs();
  const path = `${PATHS.wait}?timeoutMs=${Math.round(timeoutMs)}`;
  let last: WaitProgress = { done: false, waitingFor: [], pods: [] };
  try {
    for await (
      const progress of readNdjson<WaitProgress>(
        await agent.stream(path, { signal: interrupted }),
      )
    ) {
      last = progress;
      if (!progress.done) stderr.write(`waiting for ${progress.waitingFor.join(", ")}\n`);
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
    return last;
  }
  if (!last.done) {
    throw new PodsteadError("agent-unreachable", "The agent ended the wait", {
      hint: 'It may have been stopped or restarted; see "podstead get staticpodstatus"',
    });
  }
  if (!tell) return last;
  const took = formatDuration(clock.monotonicMs() - startMs);
  stdout.write(
    last.waitingFor.length === 0
      ? `ready: every pod, after ${took}\n`
      : `not ready after ${took}: ${last.waitingFor.join(", ")}\n${
        unwellReport(last.pods, styleOf(context, stdout))
      }`,
  );
  return last;
}

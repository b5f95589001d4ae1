import type { AgentClient } from "../../../api/client/mod.ts";
import type {
  AwaitedPod,
  PodProgress,
  PodState,
  ReloadOutcome,
  WaitProgress,
  WaitRequest,
} from "../../../api/contract/mod.ts";
import { formatDuration, PodsteadError } from "../../../core/mod.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { unwellReport } from "../status/overview_report.ts";

/** States that no waiting ends: only another change of the sources does. */
const LASTING: ReadonlySet<PodState> = new Set<PodState>(["Stopped", "Rejected", "Kept"]);

/**
 * The pods that a reload has changed, or was meant to: added, changed and
 * removed ones, and those whose declared version is not served yet.
 */
export function changedPods({ pods }: ReloadOutcome): readonly AwaitedPod[] {
  return pods.flatMap(({ namespace, name, hash, change, state }): readonly AwaitedPod[] => {
    if (change === "removed") return [{ namespace, name }];
    if (state !== undefined && LASTING.has(state)) return [];
    const touched = change === "added" || change === "changed" ||
      (state !== undefined && state !== "Served");
    return touched ? [{ namespace, name, hash }] : [];
  });
}

/**
 * Waits for pods, tells on stderr for which, and at the end on stdout that they
 * are ready, or why they are not.
 *
 * @param tell whether the end is told; data formats have it in their document
 * @returns the last progress; an interrupted wait is not settled
 */
export async function waitForPods(
  context: CliContext,
  agent: AgentClient,
  request: WaitRequest,
  tell: boolean,
): Promise<WaitProgress> {
  const { stdout, stderr, interrupted, clock } = context.world;
  const startMs = clock.monotonicMs();
  let last: WaitProgress = { done: false, settled: false, waitingFor: [], pods: [] };
  try {
    for await (const progress of agent.wait(request, { signal: interrupted })) {
      last = progress;
      if (!progress.done) stderr.write(progressLine(progress.waitingFor));
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
  if (last.settled) {
    const what = request.pods.length === 0 ? "every pod" : counted(request.pods.length);
    const isEnd = request.pods.length > 0 && request.pods.every(({ hash }) => hash === undefined);
    stdout.write(`${isEnd ? "gone" : "ready"}: ${what}, after ${took}\n`);
    return last;
  }
  const explained = new Set(last.pods.map(({ id }) => id));
  stdout.write(
    [
      `not ready after ${took}: ${last.waitingFor.map(({ id }) => id).join(", ")}\n`,
      ...last.waitingFor.filter(({ id }) => !explained.has(id))
        .map(({ id, reason }) => `  ${id}: ${reason}\n`),
      unwellReport(last.pods, styleOf(context, stdout)),
    ].join(""),
  );
  return last;
}

/** Pods that are named in a line of progress; a count stands for the rest. */
const MAX_NAMED = 5;

function progressLine(waitingFor: readonly PodProgress[]): string {
  const named = waitingFor.slice(0, MAX_NAMED).map(({ id, reason }) => `${id} (${reason})`);
  const more = waitingFor.length - named.length;
  return `waiting for ${[...named, ...(more > 0 ? [`${more} more`] : [])].join(", ")}\n`;
}

function counted(count: number): string {
  return count === 1 ? "the changed pod" : `all ${count} changed pods`;
}

import type { Clock } from "../core/mod.ts";
import type { PodStatusRow } from "../status/mod.ts";
import { type Inspector, isWell, type PodSummary } from "./inspector.ts";
import type { StatusService } from "../observe/mod.ts";

/** How far a wait has come; the last one is `done`. */
export interface WaitProgress {
  readonly done: boolean;
  /** IDs of the pods that are not ready yet. */
  readonly waitingFor: readonly string[];
  /** At the end: those pods, explained. Empty when all are ready. */
  readonly pods: readonly PodSummary[];
}

/** How often kubelet and runtime are asked while somebody waits, in milliseconds. */
const LOOK_INTERVAL_MS = 300;

/**
 * Waits until every pod that is to run is ready in the version that is wanted,
 * or the time is up. Pods that were refused are not waited for: they would
 * never come.
 *
 * @returns progress whenever the set of pods changes, and the end
 */
export async function* waitForPods(
  deps: {
    readonly clock: Clock;
    readonly status: StatusService;
    readonly inspector: Inspector;
  },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): AsyncGenerator<WaitProgress> {
  const { clock, status, inspector } = deps;
  const endMs = clock.monotonicMs() + timeoutMs;
  let told = "";
  while (!signal.aborted) {
    const waitingFor = (await status.refresh()).filter(isAwaited).map(({ id }) => id);
    if (waitingFor.length === 0) {
      yield { done: true, waitingFor, pods: [] };
      return;
    }
    if (clock.monotonicMs() >= endMs) {
      const { pods } = await inspector.overview();
      yield { done: true, waitingFor, pods: pods.filter(({ id }) => waitingFor.includes(id)) };
      return;
    }
    if (waitingFor.join() !== told) yield { done: false, waitingFor, pods: [] };
    told = waitingFor.join();
    await clock.sleep(Math.min(LOOK_INTERVAL_MS, endMs - clock.monotonicMs()), signal)
      .catch(() => undefined); // only the signal ends it early, and the loop sees that
  }
}

function isAwaited(row: PodStatusRow): boolean {
  const { desired } = row.joined;
  if (desired === undefined || desired.state === "Rejected" || desired.state === "Kept") {
    return false;
  }
  return !isWell(row);
}

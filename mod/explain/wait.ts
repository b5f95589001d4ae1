import type { Clock } from "../core/mod.ts";
import type { StatusService } from "../observe/mod.ts";
import {
  type AwaitedPod,
  ChangeFollower,
  type ChangeProgress,
  type PodProgress,
} from "../verdict/mod.ts";
import type { Inspector } from "./inspector.ts";
import type { PodSummary } from "./overview.ts";

/** How far a wait has come; the last one is `done`. */
export interface WaitProgress {
  readonly done: boolean;
  /** At the end: whether every pod is ready and stays so. False before. */
  readonly settled: boolean;
  /** The pods that are not settled, and why. */
  readonly waitingFor: readonly PodProgress[];
  /** At the end: those pods, explained. Empty when all are settled. */
  readonly pods: readonly PodSummary[];
}

/** What is waited for, and for how long. */
export interface WaitOptions {
  /** The pods of a change; empty for every pod that the node should run. */
  readonly pods: readonly AwaitedPod[];
  /** How long each must stay ready, in milliseconds. */
  readonly settleMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What waiting needs of the agent. */
export interface WaitDeps {
  readonly clock: Clock;
  readonly status: Pick<StatusService, "refresh">;
  readonly inspector: Pick<Inspector, "overview">;
}

/** How often kubelet and runtime are asked during a wait, in milliseconds. */
const LOOK_INTERVAL_MS = 300;

/**
 * Follows a change of pods until each of them is settled or has failed for
 * good; `signal` ends it earlier. Unless it is aborted, the last value is not
 * `pending`.
 */
export async function* followChange(
  { clock, status }: Pick<WaitDeps, "clock" | "status">,
  { pods, settleMs, signal }: Omit<WaitOptions, "timeoutMs">,
): AsyncGenerator<ChangeProgress> {
  const follower = new ChangeFollower({ pods, settleMs });
  while (!signal.aborted) {
    const rows = await status.refresh();
    const progress = follower.look({
      rows,
      nowMs: clock.now(),
      monotonicMs: clock.monotonicMs(),
    });
    yield progress;
    if (progress.state !== "pending") return;
    await clock.sleep(LOOK_INTERVAL_MS, signal).catch(() => undefined); // the loop sees the signal
  }
}

/**
 * Waits until every pod runs in its desired version, is ready and stays
 * so; until one of them has failed for good and no other is on its way any
 * more; or until the time is up.
 *
 * @returns progress whenever it changes, and the end
 */
export async function* waitForPods(
  deps: WaitDeps,
  { timeoutMs, signal, ...change }: WaitOptions,
): AsyncGenerator<WaitProgress> {
  const { clock, inspector } = deps;
  const timeUp = new AbortController();
  void clock.sleep(timeoutMs, signal).then(() => timeUp.abort(), () => undefined); // it was aborted
  let told = "";
  let last: ChangeProgress = { state: "pending", pods: [] };
  const until = AbortSignal.any([signal, timeUp.signal]);
  for await (const progress of followChange(deps, { ...change, signal: until })) {
    last = progress;
    if (progress.state !== "pending") break;
    const waitingFor = unsettled(progress);
    const text = JSON.stringify(waitingFor);
    if (text !== told) yield { done: false, settled: false, waitingFor, pods: [] };
    told = text;
  }
  if (signal.aborted) return;
  const waitingFor = unsettled(last);
  if (last.state === "settled") {
    yield { done: true, settled: true, waitingFor, pods: [] };
    return;
  }
  const { pods } = await inspector.overview();
  const ids = new Set(waitingFor.map(({ id }) => id));
  yield { done: true, settled: false, waitingFor, pods: pods.filter(({ id }) => ids.has(id)) };
}

function unsettled({ pods }: ChangeProgress): readonly PodProgress[] {
  return pods.filter(({ state }) => state !== "settled");
}

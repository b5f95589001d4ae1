import type { RolloutDeps } from "./deps.ts";
import type { PodsUnderWay } from "./pods_under_way.ts";
import type { PollSight } from "./polls/poll_rate.ts";
import type { RolloutPod } from "./types.ts";

/** How long a stopping agent waits for replacements, and again for the last fetch, in milliseconds. */
const DRAIN_LIMIT_MS = 5_000;

/**
 * How long it waits for a control plane whose API server is out of etcd's way, in milliseconds:
 * from its end to its next start that takes about 7 s. With the limits above it is below
 * `TimeoutStopSec=` of the unit.
 */
const ROOM_LIMIT_MS = 9_000;

/**
 * Finishes, in a way that lasts, what has begun, before the agent stops: without
 * an agent, a pod that has left the list would stay away. Takes some seconds
 * at most; where the old version takes longer to end, the new one is left to
 * the kubelet's own time.
 */
export async function drainPods<P extends RolloutPod>(
  pods: PodsUnderWay<P>,
  { intervalMs = Infinity }: PollSight,
  { clock, log, changed }: Pick<RolloutDeps, "clock" | "log" | "changed">,
): Promise<void> {
  const until = async (done: () => boolean, limitMs = DRAIN_LIMIT_MS) => {
    const endMs = clock.monotonicMs() + limitMs;
    while (!done() && clock.monotonicMs() < endMs) await clock.sleep(50);
  };
  const isSlow = 2 * intervalMs > DRAIN_LIMIT_MS;
  if (pods.makesRoom && !isSlow) {
    log.info("Finishing a change of the control plane before stopping");
    await until(() => !pods.makesRoom, ROOM_LIMIT_MS);
  }
  const isBack = pods.bringBack();
  if (isBack) await changed();
  const replacing = () => pods.in("removed", "ending");
  // What is served is in the list only when that has been published.
  const listed = () => replacing().length === 0 && pods.aboutToBeServed().length === 0;
  const fetched = () => listed() && pods.isFetched;
  const isHeard = !isBack && pods.in("following").length === 0;
  if (listed() && (isHeard || fetched())) return;
  log.info("Finishing replacements before stopping", { pods: replacing() });
  if (isSlow) {
    // No kubelet will hear of these in time: it keeps the old version, or gets the new one.
    pods.giveUp("removed");
    await changed();
  }
  await until(listed);
  if (replacing().length > 0) {
    pods.giveUp("removed", "ending");
    await changed();
  }
  await until(fetched);
}

/** Tells an agent that takes its time from one that hangs. */
import { availableParallelism, loadavg } from "node:os";
import { AgentHangs, systemClock } from "../../core/mod.ts";
import { ROUTES } from "../contract/mod.ts";
import type { AgentAnswer, AgentRequest, Transport } from "./transport.ts";

/** An answer that begins within this needs no sign of life, in milliseconds. */
const QUIET_MS = 600;
/**
 * How long the agent may take to say who it is, which is no work, in milliseconds. One that was
 * asked to act is waited for longer: it may have begun, on a machine that has too much to do.
 */
const SIGN_LIMIT_MS = { GET: 1_300, POST: 8_000 } as const;
/** A machine that has more to do than it can is slow in everything: it is waited for so much longer. */
const MOST_PATIENCE = 8;

/** Timers that are this late, in milliseconds, show that this process itself had to wait. */
const LATE_MS = 300;

/**
 * Sends a request. While its answer has not begun, the agent is asked on the side who it is:
 * one that does not even say that hangs, and its answer is not waited for.
 *
 * @throws {AgentUnreachable} if the agent hangs: within two seconds where it was asked to look,
 * on a machine that keeps up with its work
 */
export async function sendWatched(
  transport: Transport,
  request: AgentRequest,
): Promise<AgentAnswer> {
  const over = new AbortController();
  const signal = request.signal === undefined
    ? over.signal
    : AbortSignal.any([request.signal, over.signal]);
  const watch = new AbortController();
  try {
    const answer = transport.send({ ...request, signal });
    return await Promise.race([answer, untilItHangs(transport, request.method, watch.signal)]);
  } catch (error) {
    over.abort();
    throw error;
  } finally {
    watch.abort();
  }
}

/** Never resolves. Rejects when the agent hangs; ends, unseen, with the signal. */
async function untilItHangs(
  transport: Transport,
  asked: AgentRequest["method"],
  signal: AbortSignal,
): Promise<never> {
  const limitMs = SIGN_LIMIT_MS[asked] * patience();
  for (;;) {
    await systemClock.sleep(QUIET_MS, signal);
    const startedMs = systemClock.monotonicMs();
    const limit = AbortSignal.timeout(limitMs);
    try {
      const { method, path } = ROUTES.agent;
      await transport.send({
        method,
        path,
        streams: false,
        signal: AbortSignal.any([signal, limit]),
      });
    } catch (error) {
      const tookMs = systemClock.monotonicMs() - startedMs;
      // What else went wrong, the request itself will tell.
      if (signal.aborted || !limit.aborted || tookMs > limitMs + LATE_MS) continue;
      throw new AgentHangs(
        `${transport.target} hangs: it takes connections and says nothing`,
        {
          cause: error,
          hint: '"systemctl restart podstead" starts it again; no pod restarts',
        },
      );
    }
  }
}

/** From 1 on a machine that keeps up with its work, by how many processes wait for a processor. */
function patience(): number {
  const [load = 0] = loadavg();
  return Math.min(MOST_PATIENCE, Math.max(1, load / availableParallelism()));
}

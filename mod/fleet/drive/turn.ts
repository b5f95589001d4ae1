/** One node's turn: a trial of the change, followed to its end over lost connections. */
import type { AgentClient } from "../../api/client/mod.ts";
import type { ChangeOutcome, TrialEnd } from "../../api/contract/mod.ts";
import { AgentUnreachable, type Clock, errorText, formatIssue } from "../../core/mod.ts";
import { rolloutTrigger, silenceLimitMs } from "../plan/mod.ts";
import type { NodeProgress, RolloutRecord, TurnBase } from "./record.ts";

/** A connection to a node's agent. */
export interface Connection extends AsyncDisposable {
  readonly agent: Pick<AgentClient, "change" | "trial" | "history">;
}

/** What a turn needs. */
export interface TurnDeps {
  /** @throws {PodsteadError} if the node cannot be reached */
  readonly connect: (node: string) => Promise<Connection>;
  readonly clock: Clock;
  /** Ends the waiting; what the node does continues. */
  readonly signal: AbortSignal;
}

/** What a turn has come to. */
export type Step = Omit<NodeProgress, "since">;

/** What stays the same in one turn. */
interface Turn extends TurnDeps {
  readonly record: RolloutRecord;
  readonly node: string;
  readonly base: TurnBase;
}

/** How often a running trial is asked for, in milliseconds. */
const TRIAL_POLL_MS = 500;

/** How long is waited before a node that was lost is connected to again, in milliseconds. */
const RECONNECT_MS = 2_000;

/**
 * Takes one node's turn. A node that cannot be reached before it was touched is skipped; one that
 * falls silent afterwards is waited for, because its trial continues by itself.
 *
 * @param known what the node has come to; a turn that has begun is continued
 * @param mayBegin called before the node is touched; false leaves it as it is
 * @returns how it ended; `pending` if it must not begin
 * @throws the signal's reason when it aborts
 */
export async function takeTurn(
  record: RolloutRecord,
  node: string,
  known: NodeProgress | undefined,
  deps: TurnDeps,
  mayBegin: (step: Step) => Promise<boolean>,
): Promise<Step> {
  const turn = (base: TurnBase): Turn => ({ ...deps, record, node, base });
  if (known?.state === "updating") return await follow(turn(known.base ?? { revision: 0 }));
  let connection: Connection;
  let base: TurnBase;
  try {
    connection = await deps.connect(node);
  } catch (error) {
    deps.signal.throwIfAborted();
    return { state: "skipped", message: errorText(error) };
  }
  try {
    base = await baseOf(connection.agent);
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    deps.signal.throwIfAborted();
    return { state: "skipped", message: errorText(error) };
  }
  if (await mayBegin({ state: "updating", base })) return await follow(turn(base), connection);
  await connection[Symbol.asyncDispose]();
  return { state: "pending" };
}

/** Begins the change where the node has not, and follows its trial. */
async function follow(turn: Turn, first?: Connection): Promise<Step> {
  const { record, node, clock, signal, connect } = turn;
  const limitMs = silenceLimitMs(record.rules);
  let connection = first;
  let heardMs = clock.monotonicMs();
  for (;;) {
    try {
      connection ??= await connect(node);
      await using open = connection;
      for (;;) {
        const step = await look(open.agent, turn) ?? undefined;
        heardMs = clock.monotonicMs();
        if (step !== undefined) return step;
        await clock.sleep(TRIAL_POLL_MS, signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AgentUnreachable)) {
        return { state: "failed", message: errorText(error) };
      }
      if (clock.monotonicMs() - heardMs > limitMs) {
        const seconds = Math.round(limitMs / 1000);
        const message = `nothing was heard of it for ${seconds} s: ${error.message}`;
        return { state: "failed", message };
      }
    }
    connection = undefined;
    await clock.sleep(RECONNECT_MS, signal);
  }
}

/** What has become of the change on the node; undefined while its trial runs. */
async function look(agent: Connection["agent"], turn: Turn): Promise<Step | undefined> {
  const seen = await seeOwn(agent, turn);
  if (seen !== "nothing") return seen;
  // It was not sent yet, or has got lost. It may also be on its way still: then the node says
  // that it is on trial, or has it.
  try {
    const step = await begin(agent, turn);
    if (step?.state !== "unchanged") return step;
    const late = await seeOwn(agent, turn);
    return late === "nothing" ? step : late;
  } catch (error) {
    if (error instanceof AgentUnreachable) throw error;
    const late = await seeOwn(agent, turn);
    if (late === "nothing") throw error;
    return late;
  }
}

/**
 * What the node tells of this turn's change: a trial of it, or else a revision that it brought.
 * A trial may have no revision: a pod whose image cannot be pulled is never served.
 *
 * @returns undefined while the trial runs
 */
async function seeOwn(
  agent: Connection["agent"],
  { record, base }: Turn,
): Promise<Step | undefined | "nothing"> {
  const trigger = rolloutTrigger(record.id);
  const history = await agent.history({});
  const { running, last } = await agent.trial({});
  const own = history.find((one) => one.trigger === trigger && one.number > base.revision);
  if (running?.trigger === trigger) return undefined;
  if (last?.trigger === trigger && last.at !== base.trialAt) return stepOf(last, own?.number);
  if (own === undefined) return "nothing";
  // It needed no trial, or a later one has taken the place of its end.
  const next = history.find((one) => one.number === own.number + 1);
  if (next?.trigger !== "trial-reverted") return { state: "ready", revision: own.number };
  return { state: "reverted", ...(next.message === undefined ? {} : { message: next.message }) };
}

function stepOf({ result, cause }: TrialEnd, revision: number | undefined): Step {
  const why = cause === undefined ? {} : { message: cause };
  const where = revision === undefined ? {} : { revision };
  switch (result) {
    case "kept":
      return { state: "ready", ...where };
    case "reverted":
      return { state: "reverted", ...why };
    case "failed":
      return { state: "failed", ...where, ...why };
  }
}

/** Sends the change. @returns undefined if it is on trial now */
async function begin(agent: Connection["agent"], { record }: Turn): Promise<Step | undefined> {
  const { id, operations, rules, message } = record;
  const outcome = await agent.change({
    operations,
    trigger: rolloutTrigger(id),
    ...(message === undefined ? {} : { message }),
    trial: { timeoutMs: rules.timeoutMs, settleMs: rules.settleMs, confirm: "auto" },
  });
  const { result, reload } = outcome;
  if (result === "refused") return { state: "failed", message: refusal(outcome) };
  if (result === "unchanged") return await hadIt(agent, id);
  if (outcome.trial !== undefined) return undefined;
  return reload.result === "failed"
    ? { state: "failed", message: refusal(outcome) }
    : { state: "ready", revision: reload.revision };
}

/** A node that an earlier turn of the same roll-out brought the change is ready with it. */
async function hadIt(agent: Connection["agent"], id: string): Promise<Step> {
  const own = (await agent.history({})).find(({ trigger }) => trigger === rolloutTrigger(id));
  return own === undefined ? { state: "unchanged" } : { state: "ready", revision: own.number };
}

/** Why a node does not take the change, in one line. */
export function refusal({ reload: { pods, problems } }: ChangeOutcome): string {
  const ofPods = pods.filter(({ state }) => state === "Rejected")
    .map(({ id, errors }) => `${id}: ${errors.map(formatIssue).join("; ")}`);
  const ofFiles = problems.filter(({ severity }) => severity === "error")
    .map(({ file, message }) => `${file}: ${message}`);
  return `refused: ${[...ofPods, ...ofFiles].join("; ") || "the node could not apply it"}`;
}

async function baseOf(agent: Connection["agent"]): Promise<TurnBase> {
  const history = await agent.history({});
  const { last } = await agent.trial({});
  return {
    revision: Math.max(0, ...history.map(({ number }) => number)),
    ...(last === undefined ? {} : { trialAt: last.at }),
  };
}

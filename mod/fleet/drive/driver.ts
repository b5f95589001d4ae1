/** Drives a roll-out from here: gives the nodes their turns, as the rule allows it. */
import type { Clock } from "../../core/mod.ts";
import {
  commandedState,
  type Judgement,
  judgeRollout,
  type NodeStates,
  statesToResume,
} from "../plan/mod.ts";
import type { NodeProgress, RolloutRecord, RolloutStore } from "./record.ts";
import { type Connection, type Step, takeTurn } from "./turn.ts";

/** What a driver needs. */
export interface DriverDeps {
  readonly store: RolloutStore;
  readonly clock: Clock;
  readonly connect: (node: string) => Promise<Connection>;
  /** Called after each step of a node, and of the whole. */
  readonly told: (record: RolloutRecord, node?: string) => void;
  /** Ends the driving; nodes in the middle continue by themselves, and so can the roll-out. */
  readonly signal: AbortSignal;
}

/** How often a request of another process is looked for, in milliseconds. */
const REQUEST_POLL_MS = 500;

/** How many nodes have their turn at the same time, whatever the batch. */
const MAX_AT_ONCE = 16;

/** Judges a roll-out as it stands. */
export function judgementOf(record: RolloutRecord): Judgement {
  return judgeRollout(record.rules, statesOf(record), record.state);
}

function statesOf({ nodes }: RolloutRecord): NodeStates {
  return Object.fromEntries(Object.entries(nodes).map(([name, { state }]) => [name, state]));
}

/**
 * The roll-out as it is resumed: running, with another turn for nodes that failed or were skipped.
 *
 * @throws {PodsteadError} if it cannot be resumed
 */
export function resumed(record: RolloutRecord, at: string): RolloutRecord {
  const states = statesToResume(statesOf(record));
  const { reason: _, ...rest } = record;
  const nodes = Object.fromEntries(
    Object.entries(record.nodes).map(([name, progress]): [string, NodeProgress] => {
      const state = states[name] ?? progress.state;
      return [name, state === progress.state ? progress : { state, since: at }];
    }),
  );
  return { ...rest, nodes, state: commandedState("resume", record.state) };
}

/**
 * Drives a roll-out until it is done, halted, paused or aborted; what is in the middle then is
 * waited for. Every step is on disk before the next one is made.
 *
 * @param started the roll-out as it was saved; its nodes that are `updating` are followed
 * @returns the roll-out at its end; still `running` if the signal has aborted
 */
export async function driveRollout(
  started: RolloutRecord,
  deps: DriverDeps,
): Promise<RolloutRecord> {
  const { store, clock, signal, told } = deps;
  let record = started;
  let saving: Promise<void> = Promise.resolve();
  const now = () => new Date(clock.now()).toISOString();
  const update = async (change: Partial<RolloutRecord>, node?: string) => {
    record = { ...record, ...change };
    const current = record;
    saving = saving.then(() => store.save(current));
    await saving;
    told(record, node);
  };
  const stepped = (node: string) => async (step: Step) =>
    await update({ nodes: { ...record.nodes, [node]: { ...step, since: now() } } }, node);
  const turns = new Map<string, Promise<void>>();
  const begin = (node: string) => {
    const known = record.nodes[node];
    // Another node may have failed while this one was connected to.
    const mayBegin = async (step: Step) => {
      if (judgementOf(record).state !== "running" || signal.aborted) return false;
      await stepped(node)(step);
      return true;
    };
    const end = takeTurn(record, node, known, deps, mayBegin)
      .then(stepped(node), (error) => {
        if (!signal.aborted) throw error;
      })
      .finally(() => turns.delete(node));
    turns.set(node, end);
  };
  for (const node of record.rules.nodes) {
    if (record.nodes[node]?.state === "updating") begin(node);
  }
  while (!signal.aborted) {
    const request = record.state === "running" ? await store.requested(record.id) : undefined;
    if (request !== undefined) {
      await store.forgetRequest(record.id);
      await update({ state: commandedState(request, record.state) });
    }
    const { state, reason, next } = judgementOf(record);
    if (state !== record.state) {
      await update({ state, ...(reason === undefined ? {} : { reason }) });
    }
    const waiting = next.filter((one) => !turns.has(one));
    for (const node of waiting.slice(0, Math.max(0, MAX_AT_ONCE - turns.size))) begin(node);
    if (turns.size === 0) break;
    await Promise.race([...turns.values(), clock.sleep(REQUEST_POLL_MS)]);
  }
  await Promise.all(turns.values());
  return record;
}

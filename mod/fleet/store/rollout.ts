/** A roll-out as etcd has it at one revision, and the transaction that moves it. */
import {
  absent,
  type Condition,
  type Etcd,
  putKey,
  sameModRevision,
  type Step,
} from "../../etcd/mod.ts";
import { type Judgement, judgeRollout, type NodeStates, type RolloutState } from "../plan/mod.ts";
import {
  type Current,
  type Progress,
  readCurrent,
  readProgress,
  readSpec,
  type RolloutSpec,
  write,
} from "./documents.ts";
import type { FleetKeys } from "./keys.ts";
import { formatStates, parseStates } from "./states.ts";

/** The current roll-out, whole. */
export interface RolloutView {
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
  readonly reason: string | undefined;
  readonly states: NodeStates;
  /** What a transaction on it compares. */
  readonly fence: { readonly current: bigint; readonly progress: bigint };
}

/** The current roll-out; undefined if there was none yet. @throws {PodsteadError} as etcd */
export async function readRollout(
  etcd: Pick<Etcd, "read">,
  keys: FleetKeys,
  options: {
    readonly signal?: AbortSignal | undefined;
    /** Specs never change: one that is known is not read again. */
    readonly known?: RolloutSpec | undefined;
  } = {},
): Promise<RolloutView | undefined> {
  const { signal, known } = options;
  for (;;) {
    const { keys: [currentKey] } = await etcd.read({ key: keys.current }, { signal });
    if (currentKey === undefined) return undefined;
    const { id } = readCurrent(currentKey);
    const spec = known?.id === id ? known : await specOf(etcd, keys, id, signal);
    const { keys: [progressKey] } = await etcd.read({ key: keys.progress(id) }, { signal });
    // Another roll-out has come in between, and this one's keys were tidied away.
    if (spec === undefined || progressKey === undefined) continue;
    const { state, reason, states } = readProgress(progressKey);
    return {
      spec,
      state,
      reason,
      states: parseStates(spec.rules.nodes, states),
      fence: { current: currentKey.modRevision, progress: progressKey.modRevision },
    };
  }
}

async function specOf(
  etcd: Pick<Etcd, "read">,
  keys: FleetKeys,
  id: string,
  signal: AbortSignal | undefined,
): Promise<RolloutSpec | undefined> {
  const { keys: [found] } = await etcd.read({ key: keys.spec(id) }, { signal });
  return found && readSpec(found);
}

/** How a roll-out shall stand. */
export interface RolloutMove {
  readonly states: NodeStates;
  readonly state: RolloutState;
  /** Of a state that the rule does not give a reason for. */
  readonly reason?: string | undefined;
}

/** A move, ready to be written together with what else belongs to it. */
export interface PlannedMove {
  readonly judgement: Judgement;
  /** The roll-out has not moved since it was read. */
  readonly conditions: readonly Condition[];
  readonly steps: readonly Step[];
}

/**
 * Judges a move and says how it is written: the progress, which fences; the key that every node
 * watches, if the state or the batch changes; and a hint to each node whose turn it has become.
 *
 * @param from what was read; undefined for a roll-out that begins, with the revision of the
 * `current` that it replaces in `replaces`
 */
export function planMove(
  keys: FleetKeys,
  spec: RolloutSpec,
  move: RolloutMove,
  from: RolloutView | undefined,
  replaces?: bigint,
): PlannedMove {
  const { rules, id } = spec;
  const judgement = judgeRollout(rules, move.states, move.state);
  const { state } = judgement;
  const reason = judgement.reason ?? move.reason;
  const because = reason === undefined ? {} : { reason };
  const progress: Progress = { state, ...because, states: formatStates(rules.nodes, move.states) };
  const { batch, batches } = judgement;
  const current: Current = { id, state, ...because, batch, batches };
  const before = from && judgeRollout(rules, from.states, from.state);
  const isTold = from !== undefined && from.state === state && from.reason === reason &&
    before?.batch === batch;
  const known = new Set(before?.next);
  const fence = from === undefined
    ? [replaces === undefined ? absent(keys.current) : sameModRevision(keys.current, replaces)]
    : [
      sameModRevision(keys.current, from.fence.current),
      sameModRevision(keys.progress(id), from.fence.progress),
    ];
  return {
    judgement,
    conditions: fence,
    steps: [
      putKey(keys.progress(id), write(progress)),
      ...(isTold ? [] : [putKey(keys.current, write(current))]),
      // A new batch is told to everybody by `current`.
      ...(isTold ? judgement.next.filter((node) => !known.has(node)) : [])
        .slice(0, MAX_HINTS).map((node) => putKey(keys.turn(node), id)),
    ],
  };
}

/** etcd takes 128 operations a transaction; nodes without a hint find out by themselves. */
const MAX_HINTS = 64;

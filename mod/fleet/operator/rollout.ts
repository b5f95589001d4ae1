/** What a person does with a roll-out: begin, pause, resume, abort, look back. */
import { PodsteadError } from "../../core/mod.ts";
import { absent, deleteKey, type Etcd, putKey } from "../../etcd/mod.ts";
import {
  commandedState,
  type Judgement,
  judgeRollout,
  type NodeStates,
  type RolloutCommand,
  rolloutNameAfter,
  type RolloutRules,
  type RolloutState,
  type StateCounts,
  statesToResume,
} from "../plan/mod.ts";
import {
  type FleetKeys,
  parseStates,
  planMove,
  readProgress,
  readRollout,
  readSpec,
  type RolloutSpec,
  type RolloutView,
  storeContent,
  writeSpec,
} from "../store/mod.ts";
import type { FleetOverview } from "./overview.ts";

/** A roll-out as it is asked for. */
export interface RolloutRequest {
  /** As `rolloutName` makes it; a later one is taken if it does not sort after the roll-out before. */
  readonly id: string;
  /** What the nodes shall have: pods, ConfigMaps and sealed Secrets. */
  readonly text: string;
  readonly rules: RolloutRules;
  readonly createdAt: string;
  readonly by: string;
  readonly message?: string;
  /** Nodes that stopped because etcd was restored take it nevertheless. */
  readonly afterRestore?: boolean;
}

/** What has begun. */
export interface BegunRollout {
  readonly spec: RolloutSpec;
  readonly judgement: Judgement;
  /** Nodes that were not there; they have their turn when they come back. */
  readonly skipped: readonly string[];
}

/** How many roll-outs are kept, and their configs. */
const KEPT = 20;

/**
 * Begins a roll-out. A second one is refused while one runs or is paused.
 *
 * @throws {PodsteadError} if one runs, if another begins in this moment, or as etcd
 */
export async function beginRollout(
  etcd: Pick<Etcd, "read" | "txn">,
  keys: FleetKeys,
  { nodes, rollout, clusterId }: FleetOverview,
  request: RolloutRequest,
): Promise<BegunRollout> {
  const { text, rules, createdAt, by, message, afterRestore = false } = request;
  if (rollout !== undefined && (rollout.state === "running" || rollout.state === "paused")) {
    throw refused(rollout);
  }
  const id = rolloutNameAfter(request.id, rollout?.spec.id);
  const content = await storeContent(etcd, keys, text);
  const spec: RolloutSpec = {
    ...{ id, ...content, rules, createdAt, by },
    ...(message === undefined ? {} : { message }),
    ...(afterRestore ? { afterRestore: clusterId } : {}),
  };
  const isThere = new Map(nodes.map((node) => [node.name, node.alive !== undefined]));
  const skipped = rules.nodes.filter((node) => isThere.get(node) !== true);
  const states: NodeStates = Object.fromEntries(skipped.map((node) => [node, "skipped"]));
  const move = { states, state: "running" as const };
  const plan = planMove(keys, spec, move, undefined, rollout?.fence.current);
  const { succeeded } = await etcd.txn(
    [...plan.conditions, absent(keys.spec(id))],
    [...plan.steps, putKey(keys.spec(id), writeSpec(spec))],
  );
  if (!succeeded) {
    const other = await readRollout(etcd, keys);
    throw other === undefined
      ? new PodsteadError("failed", "The fleet has changed")
      : refused(other);
  }
  await tidy(etcd, keys);
  return { spec, judgement: plan.judgement, skipped };
}

function refused({ spec, state }: RolloutView): PodsteadError {
  return new PodsteadError("failed", `The roll-out ${spec.id} is ${state}`, {
    hint: 'Wait for its end, or "podstead fleet rollout abort" it: nodes keep what they have',
  });
}

/**
 * Pauses, resumes or aborts the current roll-out.
 *
 * @returns the state after it
 * @throws {PodsteadError} if its state does not allow it, or as etcd
 */
export async function commandRollout(
  etcd: Pick<Etcd, "read" | "txn">,
  keys: FleetKeys,
  command: RolloutCommand,
  reason: string,
): Promise<{ readonly id: string; readonly state: RolloutState }> {
  for (;;) {
    const view = await readRollout(etcd, keys);
    if (view === undefined) {
      throw new PodsteadError("not-found", "The fleet had no roll-out yet", {
        hint: 'Begin one: "podstead fleet rollout apply -f FILE"',
      });
    }
    const state = commandedState(command, view.state);
    const states = command === "resume" ? statesToResume(view.states) : view.states;
    const why = command === "resume" ? {} : { reason };
    const plan = planMove(keys, view.spec, { states, state, ...why }, view);
    // A node that moved in between was quicker: look again.
    if ((await etcd.txn(plan.conditions, plan.steps)).succeeded) {
      return { id: view.spec.id, state: plan.judgement.state };
    }
  }
}

/** One roll-out of the past, or the current one. */
export interface PastRollout {
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
  readonly reason: string | undefined;
  readonly states: NodeStates;
  readonly counts: StateCounts;
}

/** The roll-outs that are kept, newest first. @throws {PodsteadError} as etcd */
export async function listRollouts(
  etcd: Pick<Etcd, "read">,
  keys: FleetKeys,
): Promise<readonly PastRollout[]> {
  const [found, progresses] = await Promise.all([
    etcd.read({ prefix: keys.rollouts }),
    etcd.read({ prefix: keys.progresses }),
  ]);
  const byKey = new Map(progresses.keys.map((one) => [one.key, one]));
  const specs = found.keys.map(readSpec);
  return specs.toSorted((left, right) => left.id < right.id ? 1 : -1).flatMap((spec) => {
    const key = byKey.get(keys.progress(spec.id));
    if (key === undefined) return [];
    const { state, reason, states: letters } = readProgress(key);
    const states = parseStates(spec.rules.nodes, letters);
    const { counts } = judgeRollout(spec.rules, states, state);
    return [{ spec, state, reason, states, counts }];
  });
}

/** Removes the oldest roll-outs, and the contents that none of those that stay has. */
async function tidy(etcd: Pick<Etcd, "read" | "txn">, keys: FleetKeys): Promise<void> {
  const all = await listRollouts(etcd, keys);
  const kept = new Set(all.slice(0, KEPT).map(({ spec }) => spec.sha256));
  const old = all.slice(KEPT);
  const contents = await etcd.read({ prefix: keys.contents }, { keysOnly: true });
  // Contents go with old roll-outs alone: one that is just being begun has no spec yet.
  const unused = contents.keys.map(({ key }) => key)
    .filter((key) => !kept.has(key.slice(keys.contents.length).split("/")[0] ?? ""));
  const steps = [
    ...old.flatMap(({ spec }) => [
      deleteKey({ key: keys.spec(spec.id) }),
      deleteKey({ key: keys.progress(spec.id) }),
    ]),
    ...(old.length === 0 ? [] : unused.map((key) => deleteKey({ key }))),
  ];
  for (let at = 0; at < steps.length; at += 100) await etcd.txn([], steps.slice(at, at + 100));
}

/** What a roll-out over nodes is told at its start, and what becomes of it. */
import type { BatchSize } from "./batch.ts";

/** The rules of one roll-out; they do not change while it lasts. */
export interface RolloutRules {
  /** Names of the nodes, in the order of their turns; frozen at the start. */
  readonly nodes: readonly string[];
  /** At least one. */
  readonly batches: readonly BatchSize[];
  /** How many nodes may fail before no other node begins. */
  readonly maxFailures: number;
  /** How many nodes of a batch may change at the same time; absent for all of the batch. */
  readonly maxUnavailable?: number;
  /** How long the changed pods of a node must stay ready, in milliseconds. */
  readonly settleMs: number;
  /** How long the trial of one node may take in all, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Where one node stands:
 * - `pending`: its turn has not come
 * - `updating`: its trial runs, or its end is not known yet
 * - `ready`: it has the change, and its pods stayed ready
 * - `unchanged`: it had everything before; it proves nothing about the change
 * - `reverted`: the change failed on it, and it has what it had before
 * - `failed`: the change was refused, could not be taken back, or the node fell silent with it
 * - `skipped`: it was not reachable when its turn came, and has not been touched
 */
export type NodeState =
  | "pending"
  | "updating"
  | "ready"
  | "unchanged"
  | "reverted"
  | "failed"
  | "skipped";

/**
 * Where a roll-out stands:
 * - `running`: nodes may begin
 * - `paused`: a person has stopped it; nodes that have begun finish
 * - `halted`: too many nodes failed; only a person lets it continue
 * - `done`: every node had its turn
 * - `aborted`: a person has ended it; what nodes have, they keep
 */
export type RolloutState = "running" | "paused" | "halted" | "done" | "aborted";

/** The state of each node by its name; one without an entry is `pending`. */
export type NodeStates = Readonly<Record<string, NodeState>>;

/** How many nodes are in each state. */
export type StateCounts = Readonly<Record<NodeState, number>>;

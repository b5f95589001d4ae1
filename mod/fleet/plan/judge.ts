import { splitIntoBatches } from "./batch.ts";
import type { NodeState, NodeStates, RolloutRules, RolloutState, StateCounts } from "./spec.ts";

/** What follows from where the nodes stand. */
export interface Judgement {
  /** Of a roll-out that was `running`; every other state stays until a person changes it. */
  readonly state: RolloutState;
  /** Why it is halted; absent otherwise. */
  readonly reason?: string;
  /** The nodes that may begin now, in their order; none unless it runs. */
  readonly next: readonly string[];
  /** The open batch, counted from 1; the number of batches if all are done. */
  readonly batch: number;
  /** Batches in all, as it looks now. */
  readonly batches: number;
  readonly counts: StateCounts;
}

/** States in which nothing more happens by itself. */
const ENDED: ReadonlySet<NodeState> = new Set<NodeState>([
  ...["ready", "unchanged", "reverted", "failed", "skipped"] as const,
]);

/** Nodes that say nothing about the change, so that they fill no batch. */
const NO_PROOF: ReadonlySet<NodeState> = new Set<NodeState>(["unchanged", "skipped"]);

/**
 * Judges a roll-out: which nodes may begin, whether it is done, whether it must halt.
 *
 * A batch opens when every node of the ones before has ended. Batches are made of the nodes that
 * try the change: where the first one is skipped, or had everything, the next takes its place, so
 * that a change never reaches a large batch untried.
 */
export function judgeRollout(
  rules: RolloutRules,
  states: NodeStates,
  state: RolloutState,
): Judgement {
  const stateOf = (node: string): NodeState => states[node] ?? "pending";
  const counts = countStates(rules.nodes.map(stateOf));
  const batches = batchesOf(rules, states);
  const openAt = batches.findIndex((batch) => batch.some((node) => !ENDED.has(stateOf(node))));
  const batch = openAt < 0 ? batches.length : openAt + 1;
  const told = { batch, batches: batches.length, counts };
  if (state !== "running") return { state, next: [], ...told };
  const failures = counts.failed + counts.reverted;
  if (failures > rules.maxFailures) {
    return { state: "halted", reason: haltReason(rules, failures), next: [], ...told };
  }
  const open = batches[openAt];
  if (open === undefined) return { state: "done", next: [], ...told };
  const free = (rules.maxUnavailable ?? open.length) - counts.updating;
  const waiting = open.filter((node) => stateOf(node) === "pending");
  return { state, next: waiting.slice(0, Math.max(0, free)), ...told };
}

/** The batches as they are now, each with its nodes in their order; without nodes that prove nothing. */
export function batchesOf(
  rules: RolloutRules,
  states: NodeStates,
): readonly (readonly string[])[] {
  const trying = rules.nodes.filter((node) => !NO_PROOF.has(states[node] ?? "pending"));
  return splitIntoBatches(trying, rules.batches, rules.nodes.length);
}

function haltReason({ maxFailures }: RolloutRules, failures: number): string {
  const nodes = failures === 1 ? "1 node" : `${failures} nodes`;
  return `the change failed on ${nodes}, and ${maxFailures} may fail`;
}

function countStates(states: readonly NodeState[]): StateCounts {
  const count = (wanted: NodeState) => states.filter((state) => state === wanted).length;
  return {
    pending: count("pending"),
    updating: count("updating"),
    ready: count("ready"),
    unchanged: count("unchanged"),
    reverted: count("reverted"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
}

/**
 * The longest that a node may be silent once it has begun, in milliseconds. Past it the node counts
 * as `failed`: it may be gone because of the change.
 */
export function silenceLimitMs({ timeoutMs }: Pick<RolloutRules, "timeoutMs">): number {
  return timeoutMs + SILENCE_MARGIN_MS;
}

/** Time for a node to take the change back, and to tell of it. */
const SILENCE_MARGIN_MS = 60_000;

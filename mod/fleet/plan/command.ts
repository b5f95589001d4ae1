import { PodsteadError } from "../../core/mod.ts";
import type { NodeState, NodeStates, RolloutState } from "./spec.ts";

/** What a person may do with a roll-out. */
export type RolloutCommand = "pause" | "resume" | "abort";

const AFTER: Readonly<
  Record<RolloutCommand, Readonly<Partial<Record<RolloutState, RolloutState>>>>
> = {
  pause: { running: "paused", paused: "paused" },
  // One that is done has skipped nodes to try, if it is resumed.
  resume: { running: "running", paused: "running", halted: "running", done: "running" },
  abort: { running: "aborted", paused: "aborted", halted: "aborted", aborted: "aborted" },
};

/**
 * The state of a roll-out after a command.
 *
 * @throws {PodsteadError} if the roll-out is in a state that does not allow it
 */
export function commandedState(command: RolloutCommand, state: RolloutState): RolloutState {
  const after = AFTER[command][state];
  if (after !== undefined) return after;
  throw new PodsteadError("failed", `Cannot ${command} a roll-out that is ${state}`, {
    hint: state === "aborted" ? "Start a new one" : 'See "podstead rollout status"',
  });
}

/** States of nodes that a resumed roll-out tries again. */
const AGAIN: ReadonlySet<NodeState> = new Set<NodeState>(["reverted", "failed", "skipped"]);

/**
 * The nodes as a resumed roll-out sees them: those that failed or were skipped have their turn
 * again. They keep their places, so a change that is still bad fails there first.
 */
export function statesToResume(states: NodeStates): NodeStates {
  return Object.fromEntries(
    Object.entries(states).map(([node, state]) => [node, AGAIN.has(state) ? "pending" : state]),
  );
}

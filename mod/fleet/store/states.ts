/** The states of a roll-out's nodes as text: a letter for each, so that a thousand are a kilobyte. */
import { PodsteadError } from "../../core/mod.ts";
import type { NodeState, NodeStates } from "../plan/mod.ts";

const LETTERS: Readonly<Record<NodeState, string>> = {
  pending: "p",
  updating: "u",
  ready: "r",
  unchanged: "=",
  reverted: "x",
  failed: "f",
  skipped: "s",
};

const BY_LETTER: ReadonlyMap<string, NodeState> = new Map(
  Object.entries(LETTERS).map(([state, letter]) => [letter, state as NodeState]),
);

/** @param nodes in the order of the roll-out */
export function formatStates(nodes: readonly string[], states: NodeStates): string {
  return nodes.map((node) => LETTERS[states[node] ?? "pending"]).join("");
}

/** @throws {PodsteadError} if the text does not fit the nodes */
export function parseStates(nodes: readonly string[], text: string): NodeStates {
  const states = [...text].map((letter) => BY_LETTER.get(letter));
  if (states.length !== nodes.length || states.includes(undefined)) {
    throw new PodsteadError("failed", "The progress of the roll-out does not fit its nodes", {
      hint: "Was it written by a newer podstead, or by hand?",
    });
  }
  return Object.fromEntries(nodes.map((node, index) => [node, states[index] ?? "pending"]));
}

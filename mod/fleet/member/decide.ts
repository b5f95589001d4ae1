/** What a node does next in a roll-out; pure. */
import { judgeRollout } from "../plan/mod.ts";
import type { RolloutView } from "../store/mod.ts";
import type { Local, TurnEnd } from "./local.ts";

/** What a node does next. */
export type Decision =
  /** Nothing: it has had its turn, it is not its turn, or the roll-out is not its own. */
  | { readonly kind: "rest"; readonly why: string }
  /** Its turn: it takes a slot. */
  | { readonly kind: "take" }
  /** It has a slot, or had, and its trial has not ended: it begins, or waits for the end. */
  | { readonly kind: "work" }
  /** Its turn has ended, and etcd does not know. */
  | { readonly kind: "tell"; readonly end: TurnEnd; readonly message: string | undefined }
  /** It was skipped, and is there again: it wants a turn like any other. */
  | { readonly kind: "return" };

/** Decides. @param local what this node remembers of its turn */
export function decide(view: RolloutView, local: Local, node: string): Decision {
  const { spec, states, state } = view;
  const own = states[node];
  if (own === undefined) return { kind: "rest", why: "the roll-out began without this node" };
  const turn = local.turn?.id === spec.id ? local.turn : undefined;
  if (turn?.end !== undefined && !turn.told) {
    return { kind: "tell", end: turn.end, message: turn.message };
  }
  // A slot is left by its holder alone, whatever has become of the roll-out; and who was given up
  // for silent still finishes.
  if (own === "updating" || turn?.end === undefined && turn !== undefined) return { kind: "work" };
  if (state !== "running" && state !== "done") {
    return { kind: "rest", why: `the roll-out is ${state}` };
  }
  if (own === "skipped") return { kind: "return" };
  if (own !== "pending") return { kind: "rest", why: `this node is ${own}` };
  const { next } = judgeRollout(spec.rules, states, state);
  return next.includes(node) ? { kind: "take" } : { kind: "rest", why: "other nodes come first" };
}

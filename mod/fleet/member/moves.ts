/** The transactions by which a member moves a roll-out, and reports on itself. */
import type { Clock } from "../../core/mod.ts";
import { type Condition, type Etcd, putKey, type Step } from "../../etcd/mod.ts";
import type { NodeState, NodeStates } from "../plan/mod.ts";
import { type FleetKeys, planMove, type RolloutView, write } from "../store/mod.ts";
import type { Hands } from "./hands.ts";

/** What goes with a move. */
export interface MoveOptions {
  readonly signal: AbortSignal;
  readonly steps?: readonly Step[];
  readonly conditions?: readonly Condition[];
  /** A roll-out that is done runs again, for this node. */
  readonly revive?: boolean;
}

/** Moves the roll-out if it still is as it was read; false if another node came first. */
export async function move(
  { etcd, keys }: { readonly etcd: Pick<Etcd, "txn">; readonly keys: FleetKeys },
  view: RolloutView,
  change: NodeStates,
  { signal, steps = [], conditions = [], revive = false }: MoveOptions,
): Promise<boolean> {
  const states = { ...view.states, ...change };
  const state = revive && view.state === "done" ? "running" : view.state;
  const plan = planMove(keys, view.spec, { states, state, reason: view.reason }, view);
  const { succeeded } = await etcd.txn(
    [...plan.conditions, ...conditions],
    [...plan.steps, ...steps],
    [],
    { signal },
  );
  return succeeded;
}

/** Writes what a node says of itself in a roll-out. */
export function report(
  { keys, node, hands, clock }: {
    readonly keys: FleetKeys;
    readonly node: string;
    readonly hands: Pick<Hands, "revision">;
    readonly clock: Pick<Clock, "now">;
  },
  { spec }: Pick<RolloutView, "spec">,
  state: NodeState,
  message?: string,
): Step {
  return putKey(
    keys.report(node),
    write({
      id: spec.id,
      state,
      since: new Date(clock.now()).toISOString(),
      revision: hands.revision(),
      ...(message === undefined ? {} : { message }),
    }),
  );
}

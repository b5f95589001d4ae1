/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** A roll-out as it goes from batch to batch. */
import type { FC } from "hono/jsx";
import {
  batchesOf,
  judgeRollout,
  type NodeState,
  type RolloutRules,
  type RolloutState,
} from "../../fleet/plan/mod.ts";
import { shown } from "../parts/format.ts";
import { Mark, pathOf } from "../parts/layout.tsx";

/** A roll-out as the pages take it, whatever drives it. */
export interface SeenRollout {
  readonly id: string;
  readonly state: RolloutState;
  /** Why it is halted; absent otherwise. */
  readonly reason?: string | undefined;
  readonly rules: RolloutRules;
  /** Where each node stands, by name; one without an entry has not had its turn. */
  readonly nodes: Readonly<
    Record<string, { readonly state: NodeState; readonly message?: string }>
  >;
}

/** How each state is marked. */
const MARK: Readonly<Record<NodeState | RolloutState, string>> = {
  pending: "waiting",
  updating: "changing",
  ready: "holds",
  unchanged: "holds",
  reverted: "broken",
  failed: "broken",
  skipped: "unknown",
  running: "changing",
  paused: "unknown",
  halted: "broken",
  done: "holds",
  aborted: "unknown",
};

/** @param known the nodes that have a page here */
export const RolloutCard: FC<{
  readonly rollout: SeenRollout;
  readonly known: ReadonlySet<string>;
}> = ({ rollout: { id, state, reason, rules, nodes }, known }) => {
  const states = Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => [name, node.state]),
  );
  const { batch, counts } = judgeRollout(rules, states, state);
  const batches = batchesOf(rules, states);
  const tried = new Set(batches.flat());
  const untried = rules.nodes.filter((node) => !tried.has(node));
  const told = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`).join(", ");
  const list = (names: readonly string[]) => (
    <ul>
      {names.map((name) => <Turn name={name} progress={nodes[name]} hasPage={known.has(name)} />)}
    </ul>
  );
  return (
    <section class={`rollout ${MARK[state]}`} id={`rollout-${id}`}>
      <h2>
        Roll-out {shown(id)}: <Mark state={MARK[state]} word={state} />
      </h2>
      <p>
        Batch {batch} of {batches.length}; {told}
        {reason !== undefined && `; ${shown(reason)}`}
      </p>
      <ol class="batches" aria-label="Batches in their order">
        {batches.map((names, at) => (
          <li
            tabindex={0}
            aria-current={at + 1 === batch && state === "running" ? "step" : undefined}
          >
            <h3>Batch {at + 1}</h3>
            {list(names)}
          </li>
        ))}
        {untried.length > 0 && (
          <li tabindex={0}>
            <h3>In no batch</h3>
            {list(untried)}
          </li>
        )}
      </ol>
    </section>
  );
};

const Turn: FC<{
  readonly name: string;
  readonly progress: SeenRollout["nodes"][string] | undefined;
  readonly hasPage: boolean;
}> = ({ name, progress, hasPage }) => {
  const state = progress?.state ?? "pending";
  return (
    <li>
      {hasPage ? <a href={pathOf(name)}>{shown(name)}</a> : shown(name)}{" "}
      <Mark state={MARK[state]} word={state} />
      {progress?.message !== undefined && <div class="dim">{shown(progress.message)}</div>}
    </li>
  );
};

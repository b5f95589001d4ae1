/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** The same verdict for many nodes: a card each, also for one that is away. */
import type { FC } from "hono/jsx";
import type { Overview } from "../../api/contract/mod.ts";
import { shown } from "../parts/format.ts";
import { Mark, pathOf } from "../parts/layout.tsx";
import { RolloutCard, type SeenRollout } from "./rollout.tsx";

/** What is known of a node. */
export interface NodeCard {
  readonly name: string;
  readonly seen: { readonly value: Overview } | { readonly failure: string };
}

const RANK = ["away", "unwell", "unconfirmed", "changing", "well"];

export const NodesPage: FC<{
  readonly cards: readonly NodeCard[];
  readonly rollouts: readonly SeenRollout[];
  /** Why roll-outs cannot be told of; absent if they can. */
  readonly rolloutFailure?: string | undefined;
}> = ({ cards, rollouts, rolloutFailure }) => {
  const stateOf = ({ seen }: NodeCard) => "value" in seen ? seen.value.state : "away";
  const sorted = [...cards].sort((left, right) =>
    RANK.indexOf(stateOf(left)) - RANK.indexOf(stateOf(right)) || (left.name < right.name ? -1 : 1)
  );
  const known = new Set(cards.map(({ name }) => name));
  const wellCount = cards.filter((card) => stateOf(card) === "well").length;
  return (
    <>
      <h1>{wellCount} of {cards.length} nodes are well</h1>
      <ul class="cards">
        {sorted.map((card) => (
          <li class={`card ${stateOf(card)}`} id={`node-${card.name}`}>
            <h2>
              <a href={pathOf(card.name)}>{shown(card.name)}</a>
            </h2>
            {"value" in card.seen ? <Seen overview={card.seen.value} /> : (
              <p>
                <Mark state="unknown" word="away" /> {shown(card.seen.failure)}
              </p>
            )}
          </li>
        ))}
      </ul>
      {rolloutFailure !== undefined && <p class="dim">Roll-outs: {shown(rolloutFailure)}</p>}
      {rollouts.map((rollout) => <RolloutCard rollout={rollout} known={known} />)}
    </>
  );
};

const Seen: FC<{ readonly overview: Overview }> = (
  { overview: { state, pods, causes, trial } },
) => (
  <>
    <p>
      <Mark state={state} /> {pods.filter((pod) => pod.state === "holds").length} of {pods.length}
      {" "}
      pods
    </p>
    {causes[0] !== undefined && <p class="dim">{shown(causes[0].cause)}</p>}
    {trial?.running !== undefined && <p>Revision {trial.running.revision} is on trial</p>}
  </>
);

/** Notices holders that fell silent, and nodes that do not take their turn; by its own clock. */
import { judgeRollout, silenceLimitMs } from "../plan/mod.ts";
import type { RolloutView } from "../store/mod.ts";

/** After this long a node whose turn it is counts as absent, if it shows no presence either. */
export const TURN_LIMIT_MS = 90_000;

/** What has been noticed. */
export interface Noticed {
  /** Nodes that hold a slot for longer than a trial can take. */
  readonly silent: readonly string[];
  /** Nodes whose turn it is since long. */
  readonly late: readonly string[];
}

/**
 * Remembers since when it has seen each node in its place. Times are of the observer's own
 * monotonic clock: the clocks of two machines are never compared.
 */
export class Watchman {
  #seen = new Map<string, number>();

  /** Looks at a roll-out. @param nowMs of a clock that never goes back */
  look(view: RolloutView, nowMs: number): Noticed {
    const { spec, states, state } = view;
    const updating = spec.rules.nodes.filter((node) => states[node] === "updating");
    const { next } = judgeRollout(spec.rules, states, state);
    const key = (place: string, node: string) => `${spec.id} ${place} ${node}`;
    const places = [
      ...updating.map((node) => key("updating", node)),
      ...next.map((node) => key("next", node)),
    ];
    this.#seen = new Map(places.map((place) => [place, this.#seen.get(place) ?? nowMs]));
    const forMs = (place: string, node: string) =>
      nowMs - (this.#seen.get(key(place, node)) ?? nowMs);
    const limitMs = silenceLimitMs(spec.rules);
    return {
      silent: updating.filter((node) => forMs("updating", node) >= limitMs),
      late: next.filter((node) => forMs("next", node) >= TURN_LIMIT_MS),
    };
  }
}

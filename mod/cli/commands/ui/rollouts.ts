/** The roll-outs that a page shows. */
import { rolloutsPath, RolloutStore } from "../../../fleet/drive/mod.ts";
import { type FleetOverview, readFleet } from "../../../fleet/operator/mod.ts";
import type { SeenRollout } from "../../../ui/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";
import { openFleet } from "../fleet/connect.ts";

/** Where roll-outs are read from. */
export interface RolloutSource {
  /** The newest first. @throws {PodsteadError} as what tells of them */
  readonly ask: () => Promise<readonly SeenRollout[]>;
  close(): void;
}

/**
 * With `-N`: the newest roll-out from this machine that one of the nodes is in. Without: the current
 * one of this node's fleet.
 *
 * @param names of the nodes that the page shows
 * @returns undefined for a node that is in no fleet
 */
export async function rolloutsOf(
  context: CliContext,
  names: readonly string[],
): Promise<RolloutSource | undefined> {
  const { globals, world } = context;
  if (globals.nodes !== undefined) {
    const store = new RolloutStore(rolloutsPath(world.env));
    return { ask: () => fromHere(store, names), close: () => undefined };
  }
  // Settings that cannot be read name no fleet; the page of the node says what is wrong with them.
  const settings = await clientSettings(context).catch(() => undefined);
  if ((settings?.fleet ?? null) === null) return undefined;
  try {
    const { etcd, keys } = await openFleet(context, {});
    return {
      ask: async () => fromFleet(await readFleet(etcd, keys)),
      close: () => etcd.close(),
    };
  } catch (error) {
    // Such as keys that only root may read: told on the page, which has more than that.
    return { ask: () => Promise.reject(error), close: () => undefined };
  }
}

async function fromHere(
  store: RolloutStore,
  names: readonly string[],
): Promise<readonly SeenRollout[]> {
  const records = await store.list();
  return records.filter(({ rules }) => rules.nodes.some((node) => names.includes(node))).slice(
    0,
    1,
  );
}

function fromFleet({ rollout, nodes }: FleetOverview): readonly SeenRollout[] {
  if (rollout === undefined) return [];
  const { spec, state, reason, states } = rollout;
  const messages = new Map(nodes.map(({ name, report }) => [name, report?.message]));
  return [{
    id: spec.id,
    state,
    reason,
    rules: spec.rules,
    nodes: Object.fromEntries(
      Object.entries(states).map(([name, nodeState]) => {
        const message = messages.get(name);
        return [name, { state: nodeState, ...(message === undefined ? {} : { message }) }];
      }),
    ),
  }];
}

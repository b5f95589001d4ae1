import { PodsteadError } from "../../core/mod.ts";
import type { FleetView } from "../contract/mod.ts";
import type { Handlers } from "./handlers.ts";

/** What the handlers show and move; undefined if the node is a member of no fleet. */
export interface FleetHandlersDeps {
  readonly view: () => FleetView;
  readonly leave: () => Promise<boolean>;
  readonly join: () => Promise<void>;
}

/** The node's part in its fleet. */
export function fleetHandlers(
  fleet: FleetHandlersDeps | undefined,
): Pick<Handlers, "fleet" | "fleetLeave" | "fleetJoin"> {
  return {
    fleet: () => fleet?.view() ?? { connection: "none" },
    async fleetLeave() {
      const member = fleet ?? refuseWithout();
      const told = await member.leave();
      return { fleet: member.view(), told };
    },
    async fleetJoin() {
      const member = fleet ?? refuseWithout();
      await member.join();
      return { fleet: member.view(), told: true };
    },
  };
}

function refuseWithout(): never {
  throw new PodsteadError("not-found", "This node is a member of no fleet", {
    hint: "Set agent.fleet in its config, and restart the agent: no pod restarts with it",
  });
}

import { buildRouteMap } from "@stricli/core";
import { authCommand } from "./auth.ts";
import { initCommand } from "./init.ts";
import { joinCommand, leaveCommand } from "./leave.ts";
import { membersCommand } from "./members.ts";
import { removeCommand } from "./remove.ts";
import { rolloutCommands } from "./rollout.ts";
import { statusCommand } from "./status.ts";

/** `podstead fleet`. */
export const fleetCommands = buildRouteMap({
  routes: {
    status: statusCommand,
    members: membersCommand,
    rollout: rolloutCommands,
    leave: leaveCommand,
    join: joinCommand,
    remove: removeCommand,
    init: initCommand,
    auth: authCommand,
  },
  docs: { brief: "Look after many nodes over etcd: members, roll-outs" },
});

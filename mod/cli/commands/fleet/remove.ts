import { defineCommand } from "../../shell/command.ts";
import { confirm } from "../../shell/confirm.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";

interface RemoveFlags extends FleetPlaceFlags {
  readonly yes: boolean;
}

export const removeCommand = defineCommand<RemoveFlags, [string]>({
  docs: {
    brief: "Forget a node that is gone for good",
    fullDescription: [
      "For a machine that can no longer leave: roll-outs begin without it from then on. A node",
      "that is there is refused: it leaves by itself. One that comes back is a member again.",
      "",
      "Needs an operator's certificate where etcd knows users.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...FLEET_PLACE_FLAGS,
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
    },
    aliases: { y: "yes" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "Its name", placeholder: "NODE" }],
    },
  },
  examples: [["podstead fleet remove node-7", "it is no longer in fleet members"]],
  async func(this: CliContext, flags, node) {
    const { removeMember } = await import("../../../fleet/operator/mod.ts");
    await withFleet(this, flags, async ({ etcd, keys, name }) => {
      if (!flags.yes && !await confirm(this, `Remove ${node} from the fleet "${name}"?`)) {
        this.process.exitCode = EXIT.failed;
        return;
      }
      await removeMember(etcd, keys, node);
      this.world.stdout.write(`${node} is no longer a member of the fleet "${name}"\n`);
    });
  },
});

import { defineCommand } from "../../shell/command.ts";
import { confirm } from "../../shell/confirm.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";

interface AuthFlags extends FleetPlaceFlags {
  readonly member?: readonly string[];
  readonly operator?: readonly string[];
  readonly yes: boolean;
}

export const authCommand = defineCommand<AuthFlags>({
  docs: {
    brief: "Let each node do its part in the fleet, and nothing else: etcd's users",
    fullDescription: [
      "Makes a user without a password for each member, whose certificate has that common name, and",
      "turns etcd's authentication on. A node reads the fleet's keys, writes what its own steps need,",
      "and alone says where it stands; what is rolled out, only an operator writes",
      "(podstead-operator unless one is named).",
      "What is there already stays, so it can be repeated for further members.",
      "",
      'Needs a certificate with the common name root, such as that of "podstead fleet init".',
      "From then on every client of that etcd needs a user: do not do it to an etcd that others use.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...FLEET_PLACE_FLAGS,
      member: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "A node of the fleet; may be repeated",
        placeholder: "NODE",
      },
      operator: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "Who may begin roll-outs (default: podstead-operator); may be repeated",
        placeholder: "NAME",
      },
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
    },
    aliases: { y: "yes" },
  },
  examples: [
    [
      "podstead fleet auth --cert root.crt --key root.key --member node-1 --member node-2",
      "both may take part",
    ],
  ],
  async func(this: CliContext, flags) {
    const { enableAuth } = await import("../../../etcd/mod.ts");
    const { fleetRoles, fleetUsers } = await import("../../../fleet/operator/mod.ts");
    const { FLEET_OPERATOR } = await import("../../../pki/mod.ts");
    const { member: members = [], operator: operators = [FLEET_OPERATOR] } = flags;
    await withFleet(this, flags, async ({ etcd, keys, name }) => {
      const question = "Turn etcd's authentication on? Every client needs a user then.";
      if (!flags.yes && !await confirm(this, question)) {
        this.process.exitCode = EXIT.failed;
        return;
      }
      await enableAuth(etcd, fleetUsers(fleetRoles(name, keys), members, operators));
      const { stdout } = this.world;
      for (const one of members) stdout.write(`${one} may take part in the fleet "${name}"\n`);
      for (const one of operators) stdout.write(`${one} may begin roll-outs\n`);
    });
  },
});

import { defineCommand } from "../../shell/command.ts";
import { confirm } from "../../shell/confirm.ts";
import type { CliContext } from "../../shell/context.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";

interface AuthFlags extends FleetPlaceFlags {
  readonly member: readonly string[];
  readonly yes: boolean;
}

export const authCommand = defineCommand<AuthFlags>({
  docs: {
    brief: "Let nodes write below the fleet's keys alone: etcd's users and roles",
    fullDescription: [
      "Makes the role podstead-NAME with the fleet's prefix, a user without a password for each",
      "member, whose certificate has that common name, and turns etcd's authentication on. What is",
      "there already stays, so it can be repeated for further members.",
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
        brief: "A node of the fleet, or another name of a certificate; may be repeated",
        placeholder: "NODE",
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
    await withFleet(this, flags, async ({ etcd, keys, name }) => {
      const question = "Turn etcd's authentication on? Every client needs a user then.";
      if (!flags.yes && !await confirm(this, question)) return;
      const role = `podstead-${name}`;
      await enableAuth(etcd, {
        roles: [{ name: role, rights: [{ prefix: keys.prefix, access: "readwrite" }] }],
        users: flags.member.map((member) => ({ name: member, roles: [role] })),
      });
      this.world.stdout.write(
        `${flags.member.map((member) => `${member} may write below ${keys.prefix}\n`).join("")}`,
      );
    });
  },
});

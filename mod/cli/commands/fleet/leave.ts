import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { confirm } from "../../shell/confirm.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { nodeLines } from "./status.ts";

interface LeaveFlags {
  readonly yes: boolean;
}

export const leaveCommand = defineCommand<LeaveFlags>({
  docs: {
    brief: "Take this node out of its fleet; its pods stay",
    fullDescription: [
      "Works without etcd too. The fleet's file stays as it is, and is the node's own from then on:",
      "no roll-out reaches it. A trial that runs ends by itself. Survives restarts, until",
      '"podstead fleet join".',
    ].join("\n"),
  },
  parameters: {
    flags: { yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" } },
    aliases: { y: "yes" },
  },
  nodes: { policy: "many", changes: true },
  examples: [["podstead fleet leave --yes", "no roll-out changes this node from now on"]],
  async func(this: CliContext, { yes }) {
    if (!yes && !await confirm(this, "Take this node out of its fleet?")) {
      this.process.exitCode = EXIT.failed;
      return;
    }
    const { fleet, told } = await (await actingAgentOf(this)).fleetLeave({});
    this.world.stdout.write(nodeLines(fleet));
    if (told) return;
    this.world.stderr.write(
      "etcd does not answer: the fleet sees the node go within a minute, and keeps its name until it is removed\n",
    );
  },
});

export const joinCommand = defineCommand({
  docs: {
    brief: "Take part in the fleet again, after leave",
    fullDescription: "The node takes what the current roll-out brings, in its turn, on trial.",
  },
  parameters: { flags: {} },
  nodes: { policy: "many", changes: true },
  examples: [["podstead fleet join", "the node takes part again"]],
  async func(this: CliContext) {
    const { fleet } = await (await actingAgentOf(this)).fleetJoin({});
    this.world.stdout.write(nodeLines(fleet));
  },
});

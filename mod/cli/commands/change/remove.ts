import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { makeChange } from "./make_change.ts";
import { declaredPod } from "./pod_reference.ts";

export const removeCommand = defineCommand<ChangeFlags, [string]>({
  docs: {
    brief: "Take a pod out of the config",
    fullDescription: [
      "Takes the pod out of the file that declares it, and deletes a drop-in of which nothing is",
      "left. It asks on a terminal, and wants --yes elsewhere.",
    ].join("\n"),
  },
  parameters: {
    flags: CHANGE_FLAGS,
    aliases: CHANGE_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [{ parse: podReference, brief: "POD", placeholder: "POD" }],
    },
  },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [["podstead remove nginx", "asks, and waits until it is gone"]],
  async func(this: CliContext, flags, reference) {
    const agent = await actingAgentOf(this);
    const { namespace, name } = await declaredPod(agent, reference);
    const operations = [{ kind: "remove", pod: { namespace, name } }] as const;
    await makeChange(this, agent, { operations, trigger: "remove", needsYes: true }, flags);
  },
});

/** `podstead stop` and `podstead start`: a pod that stays declared, and is down for now. */
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { makeChange } from "./make_change.ts";
import { knownPod } from "./pod_reference.ts";

const POD = {
  kind: "tuple",
  parameters: [{ parse: podReference, brief: "POD", placeholder: "POD" }],
} as const;

export const stopCommand = defineCommand<ChangeFlags, [string]>({
  docs: {
    brief: "End a pod, and keep it declared",
    fullDescription: [
      "The pod leaves the list, so that the kubelet ends it, and its declaration stays as it is.",
      "It stays down over reloads, restarts, reboots and upgrades, until `podstead start`. Every",
      "listing says who stopped it, when, and why (-m). It is written to podstead-stopped.yaml",
      "among the drop-ins, and is a revision like any other change.",
      "It asks on a terminal, and wants --yes elsewhere.",
    ].join("\n"),
  },
  parameters: { flags: CHANGE_FLAGS, aliases: CHANGE_ALIASES, positional: POD },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [
    ["podstead stop web -m 'its disk is full'", "asks, and waits until it is gone"],
    ["podstead stop web --yes -o json", "for a program: `changed` says whether it ran"],
  ],
  async func(this: CliContext, flags, reference) {
    const agent = await actingAgentOf(this);
    const { namespace, name } = await knownPod(agent, reference);
    const operations = [{ kind: "stop", pod: { namespace, name } }] as const;
    await makeChange(this, agent, { operations, trigger: "stop", needsYes: true }, flags);
  },
});

export const startCommand = defineCommand<ChangeFlags, [string]>({
  docs: {
    brief: "Serve a stopped pod again",
    fullDescription: [
      "Ends what `podstead stop` began: the pod is served again, as it is declared now.",
    ].join("\n"),
  },
  parameters: { flags: CHANGE_FLAGS, aliases: CHANGE_ALIASES, positional: POD },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [["podstead start web", "and waits until it is ready"]],
  async func(this: CliContext, flags, reference) {
    const agent = await actingAgentOf(this);
    const { namespace, name } = await knownPod(agent, reference);
    const operations = [{ kind: "start", pod: { namespace, name } }] as const;
    // "start" in the history is the agent's.
    await makeChange(this, agent, { operations, trigger: "start pod" }, flags);
  },
});

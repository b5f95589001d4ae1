import type { AgentClient } from "../../../api/client/mod.ts";
import type { ChangeOperation } from "../../../api/contract/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { podReference } from "../../shell/parsers.ts";
import { objectReference, pickObject } from "../status/describe_object.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { makeChange } from "./make_change.ts";
import { declaredPod } from "./pod_reference.ts";

interface RemoveFlags extends ChangeFlags {
  readonly objects: boolean;
}

export const removeCommand = defineCommand<RemoveFlags, [string]>({
  docs: {
    brief: "Take a pod, a ConfigMap or a Secret out of the config",
    fullDescription: [
      "Takes the pod out of the file that declares it, and deletes a drop-in of which nothing is",
      "left. It asks on a terminal, and wants --yes elsewhere. Its ConfigMaps and Secrets stay,",
      "unless --objects is given; configmap/NAME and secret/NAME take one out by name, if no pod",
      "needs it.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      objects: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Also the ConfigMaps and Secrets that no other pod uses",
      },
    },
    aliases: CHANGE_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [{
        parse: podReference,
        brief: "POD, configmap/NAME or secret/NAME",
        placeholder: "POD",
      }],
    },
  },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [
    ["podstead remove nginx", "asks, and waits until it is gone"],
    ["podstead remove nginx --objects", "and takes what only it used with it"],
    ["podstead remove secret/web", "refused as long as a pod needs it"],
  ],
  async func(this: CliContext, { objects, ...flags }, reference) {
    const agent = await actingAgentOf(this);
    const object = objectReference(reference, this.namespace);
    if (object !== undefined) {
      const { items } = await agent.resources({ type: object.type });
      const { namespace, name } = pickObject(items, object).spec;
      const operation: ChangeOperation = {
        kind: "remove-object",
        object: { kind: object.type, namespace: String(namespace), name: String(name) },
      };
      return await makeChange(this, agent, { operations: [operation], trigger: "remove" }, flags);
    }
    const { namespace, name } = await declaredPod(agent, reference);
    const own = await objectsOf(agent, `${namespace}/${name}`);
    const operations: readonly ChangeOperation[] = [
      { kind: "remove", pod: { namespace, name } },
      ...(objects ? own : []).map((one) => ({ kind: "remove-object", object: one } as const)),
    ];
    await makeChange(this, agent, { operations, trigger: "remove", needsYes: true }, flags);
    if (objects || own.length === 0 || this.process.exitCode !== EXIT.ok) return;
    this.world.stderr.write(
      `no pod uses ${
        own.map((one) => `${one.kind.toLowerCase()}/${one.name}`).join(", ")
      } now; "podstead remove" takes each out, --objects all of them with the pod\n`,
    );
  },
});

/** The ConfigMaps and Secrets that this pod alone uses. */
async function objectsOf(agent: AgentClient, pod: string) {
  const lists = await Promise.all((["ConfigMap", "Secret"] as const).map(async (kind) => {
    const { items } = await agent.resources({ type: kind });
    return items.filter(({ status }) => String(status?.usedBy) === pod).map(({ spec }) => ({
      kind,
      namespace: String(spec.namespace),
      name: String(spec.name),
    }));
  }));
  return lists.flat();
}

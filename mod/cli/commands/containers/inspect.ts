import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import { type DataOutput, documentOf, parseDataOutput, podMetadata } from "../../output/mod.ts";
import { podReference } from "../../shell/parsers.ts";
import { containerFlag, kubernetesFlag } from "../../shell/shared_flags.ts";

interface InspectFlags {
  readonly kubernetes: boolean;
  readonly container?: string;
  readonly sandbox: boolean;
  readonly output: DataOutput;
}

export const inspectCommand = defineCommand<InspectFlags, [string]>({
  docs: {
    brief: "Show everything that the runtime says about a container",
    fullDescription: [
      "Its status by CRI, and what the runtime itself says of it: mounts, resources, the whole",
      "OCI spec. The environment, with whatever secrets are in it, is part of that.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      container: containerFlag,
      sandbox: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The sandbox of the container instead: network, IP addresses",
      },
      output: {
        kind: "parsed",
        parse: parseDataOutput,
        default: "json",
        brief: "json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
    },
    aliases: { k: "kubernetes", c: "container", s: "sandbox", o: "output" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: podReference, brief: "POD[:CONTAINER[:HASH]]", placeholder: "ID" },
      ],
    },
  },
  nodes: { policy: "many" },
  traits: { takesPods: true },
  examples: [
    ["podstead inspect nginx", "everything about the container of this pod"],
    ["podstead inspect nginx -o jsonpath='{.status.mounts[*].hostPath}'", "what it mounts"],
    ["podstead inspect nginx --sandbox", "its pod's network"],
  ],
  async func(this: CliContext, flags, reference) {
    const { container, sandbox } = flags;
    const inspection = await withNode(this, async (node) => {
      const found = await node.find({
        reference,
        ...(container === undefined ? {} : { container }),
      });
      const said = sandbox
        ? await node.inspect(found.pod.sandboxId, "sandbox")
        : await node.inspect(found.container.id, "container");
      return { metadata: podMetadata(found.pod), ...said };
    });
    await this.print.data(flags.output, documentOf("Inspection", inspection));
  },
});

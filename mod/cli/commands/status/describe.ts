import type { AgentClient } from "../../../api/client/mod.ts";
import { AgentUnreachable } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import {
  type ObjectReference,
  objectReference,
  objectReport,
  pickObject,
} from "./describe_object.ts";
import { describeReport } from "./describe_report.ts";
import { resourceDocument } from "./resource_types.ts";
import { documentOf, isDataOutput, type Output, podMetadata } from "../../output/mod.ts";
import { podReference } from "../../shell/parsers.ts";
import { proseOutputFlag, showSecretsFlag } from "../../shell/shared_flags.ts";

interface DescribeFlags {
  readonly output: Output<"text">;
  readonly showSecrets: boolean;
}

export const describeCommand = defineCommand<DescribeFlags, [string]>({
  docs: {
    brief: "Say everything about one pod, and why it does not run",
    fullDescription: [
      "One page: where the pod is declared, the verdict on it, since when it is served and when the",
      "kubelet fetched it, its containers with states, exit codes and the last log lines, and what",
      "happened. Its last lines are the likely cause and the next step.",
      "",
      "POD is default/nginx-NODE, default/nginx, default-nginx or nginx, cut short as long as only",
      "one fits. configmap/NAME and secret/NAME tell of an object of this node: its keys and sizes,",
      "the pods that use it, and why its last good version stays.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      showSecrets: showSecretsFlag,
    },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: podReference,
        brief: "The pod, configmap/NAME or secret/NAME",
        placeholder: "POD",
      }],
    },
  },
  nodes: { policy: "many" },
  traits: { takesPods: true },
  examples: [
    ["podstead describe nginx", "why nginx is not running, or that all is well with it"],
    [
      "podstead why kube-system/etcd -o jsonpath='{.explanation.code}'",
      "the cause in one word, for scripts",
    ],
    ["podstead describe secret/web", "its keys, and the pods that use it; no values"],
  ],
  async func(this: CliContext, flags, pod) {
    const { stdout, clock } = this.world;
    const agent = await agentOf(this);
    const reference = objectReference(pod, this.namespace);
    if (reference !== undefined) return await describeObject(this, agent, reference, flags);
    const report = await agent.describe({ pod })
      .catch((error: unknown) => tellLogs(this, pod, error));
    if (isDataOutput(flags.output)) {
      const document = documentOf("PodReport", { metadata: podMetadata(report), ...report });
      await this.print.data(flags.output, document);
    } else {stdout.write(
        describeReport(report, { nowMs: clock.now(), style: styleOf(this, stdout) }),
      );}
  },
});

async function describeObject(
  context: CliContext,
  agent: AgentClient,
  reference: ObjectReference,
  { output, showSecrets }: DescribeFlags,
): Promise<void> {
  const { stdout, clock } = context.world;
  const { items } = await agent.resources({
    type: reference.type,
    ...(showSecrets ? { showSecrets } : {}),
  });
  const object = pickObject(items, reference);
  if (isDataOutput(output)) await context.print.data(output, resourceDocument(object));
  else stdout.write(objectReport(object, { nowMs: clock.now(), style: styleOf(context, stdout) }));
}

/**
 * Without an agent only the logs on disk can be shown, to users who may read them.
 *
 * @throws `error` always
 */
async function tellLogs(context: CliContext, pod: string, error: unknown): Promise<never> {
  if (error instanceof AgentUnreachable && context.node === undefined) {
    const { loggedPods } = await import("./log_tails.ts");
    const { node } = await clientSettings(context);
    const short = pod.replace(/^[^/]*\//, "");
    for (const { id, logTail } of await loggedPods(node.name)) {
      const isMeant = id === pod || id.split("/")[1]?.startsWith(short) === true;
      if (!isMeant) continue;
      context.world.stdout.write(
        `${id}: the last lines of its container "${logTail.container}", attempt ${logTail.attempt}\n` +
          logTail.lines.map((line) => `  ${line}\n`).join(""),
      );
    }
  }
  throw error;
}

import { AgentUnreachable } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { describeReport } from "./describe_report.ts";
import { isDataOutput, type Output } from "../../output/mod.ts";
import { podReference } from "../../shell/parsers.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";

interface DescribeFlags {
  readonly output: Output<"text">;
}

export const describeCommand = defineCommand<DescribeFlags, [string]>({
  docs: {
    brief: "Say everything about one pod, and why it is not running",
    fullDescription: [
      "One page: where the pod is declared, the verdict on it, since when it is served and when the",
      "kubelet fetched it, its containers with states, exit codes and the last log lines, and what",
      "happened. Its last lines are the likely cause and the next step.",
      "",
      "POD is default/nginx-NODE, default/nginx, default-nginx or nginx, cut short as long as only",
      "one fits.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
    },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: podReference, brief: "The pod", placeholder: "POD" }],
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
  ],
  async func(this: CliContext, flags, pod) {
    const { stdout, clock } = this.world;
    const agent = await agentOf(this);
    const report = await agent.describe({ pod })
      .catch((error: unknown) => tellLogs(this, pod, error));
    if (isDataOutput(flags.output)) await this.print.data(flags.output, report);
    else stdout.write(describeReport(report, { nowMs: clock.now(), style: styleOf(this, stdout) }));
  },
});

/**
 * Without an agent only the logs on the disk can be told of, to those who may read them.
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

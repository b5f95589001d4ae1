import { type Overview, PATHS, type PodSummary } from "../../../admin/mod.ts";
import { AgentUnreachable } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { formatData, isDataOutput, type Output } from "../../output/mod.ts";
import { oneLine, type Style } from "../../../text/mod.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";

interface OverviewFlags {
  readonly output: Output<"text">;
}

/** What `podstead` alone does. */
export const overviewCommand = defineCommand<OverviewFlags>({
  docs: {
    brief: "Say which pods are not running, and why (the same as podstead alone)",
    fullDescription: [
      "One line when all is well. Otherwise each pod that is not ready, with the likely cause and",
      "the next step, and the last log lines of the first one that has any. Without an agent: what",
      "the container runtime runs.",
      "",
      "Exit code 0: every pod is ready. 1: one is not, or no agent runs. 69: the",
      "runtime does not answer either.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
    },
    aliases: { o: "output" },
  },
  examples: [["podstead", "which pods of this node are not running, and why"]],
  async func(this: CliContext, flags) {
    const { overview, withoutAgent } = await overviewOf(this);
    const { stdout, stderr } = this.world;
    if (isDataOutput(flags.output)) stdout.write(await formatData(flags.output, overview));
    else stdout.write(overviewReport(overview, styleOf(this, stdout)));
    if (withoutAgent) {
      stderr.write(
        'Start the agent with "sudo systemctl start podstead" or "sudo podstead serve"\n',
      );
    }
    const well = !withoutAgent && overview.node.length === 0 &&
      overview.pods.every((pod) => pod.well);
    this.process.exitCode = well ? EXIT.ok : EXIT.failed;
  },
});

async function overviewOf(
  context: CliContext,
): Promise<{ readonly overview: Overview; readonly withoutAgent: boolean }> {
  try {
    const agent = await agentOf(context);
    return { overview: await agent.call<Overview>("GET", PATHS.overview), withoutAgent: false };
  } catch (error) {
    if (!(error instanceof AgentUnreachable)) throw error;
    context.world.stderr.write(`${error.message}; asking the container runtime directly\n`);
    const { overviewOfRuntime } = await import("./overview_direct.ts");
    return { overview: await overviewOfRuntime(context), withoutAgent: true };
  }
}

/** What a person reads about all pods. */
export function overviewReport({ pods, node }: Overview, style: Style): string {
  const unwell = pods.filter((pod) => !pod.well);
  const faults = node.flatMap(({ cause, nextStep }) => [
    `${style("red", "!")} ${oneLine(cause)}`,
    `    ${style("dim", "Next:")} ${oneLine(nextStep)}`,
  ]).map((line) => `${line}\n`).join("");
  if (pods.length === 0) return `${faults}No static pod is declared on this node\n`;
  if (unwell.length === 0) {
    return faults +
      `${style("green", pods.length === 1 ? "The pod" : `All ${pods.length} pods`)} ${
        pods.length === 1 ? "is" : "are"
      } well: ${pods.map(({ id }) => id).join(", ")}\n`;
  }
  const count = `${unwell.length} of ${pods.length} pods`;
  const verb = unwell.length === 1 ? "is" : "are";
  // What holds for the whole node need not be said of each pod again.
  const causes = new Set(node.map(({ cause }) => cause));
  const sharesCause = ({ explanation }: PodSummary) =>
    explanation === undefined ? causes.size > 0 : causes.has(explanation.cause);
  const alike = unwell.filter(sharesCause);
  const others = unwell.filter((pod) => !sharesCause(pod));
  const more = alike.length > MAX_ALIKE ? `, and ${alike.length - MAX_ALIKE} more` : "";
  const named = alike.slice(0, MAX_ALIKE).map(({ id, ready }) => `${id} (READY ${ready})`);
  return [
    faults,
    `${style("red", count)} ${verb} not well\n`,
    alike.length === 0 ? "" : `\nFor this: ${named.join(", ")}${more}\n`,
    unwellReport(others, style),
  ].join("");
}

/** Pods that are named where they share a cause of the node. */
const MAX_ALIKE = 10;

/** Each pod that is not well, why, and the last log lines of the first that has any. */
export function unwellReport(unwell: readonly PodSummary[], style: Style): string {
  const lines: string[] = [];
  for (const pod of unwell) {
    lines.push("", `${style("red", "!")} ${style("bold", pod.id)}  ${stateText(pod)}`);
    if (pod.explanation === undefined) continue;
    const { cause, nextStep } = pod.explanation;
    lines.push(`    ${oneLine(cause)}`);
    if (nextStep !== "") lines.push(`    ${style("dim", "Next:")} ${oneLine(nextStep)}`);
  }
  const talking = unwell.find(({ logTail }) => logTail !== undefined);
  if (talking?.logTail !== undefined) {
    const { container, lines: tail } = talking.logTail;
    lines.push("", `Last log lines of ${talking.id}:${container}`);
    lines.push(...tail.map((line) => `    ${oneLine(line)}`));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function stateText(pod: PodSummary): string {
  return [
    `READY ${pod.ready}`,
    ...(pod.containers === "0/0" ? [] : [`${pod.containers} containers`]),
    ...(pod.restarts === 0 ? [] : [`${pod.restarts} restart${pod.restarts === 1 ? "" : "s"}`]),
    ...(pod.reason === "" ? [] : [oneLine(pod.reason)]),
    ...(pod.drift === "Current" || pod.drift === "Unknown" ? [] : [pod.drift]),
  ].join(", ");
}

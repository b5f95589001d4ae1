import type { Overview } from "../../../api/contract/mod.ts";
import { AgentHangs, AgentUnreachable } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { isDataOutput, type Output } from "../../output/mod.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { placeOf, resourcesOf } from "./get_resources.ts";
import { overviewDocument, overviewReport } from "./overview_report.ts";
import { worstFirst } from "./pod_view.ts";
import { resourceView } from "./resource_types.ts";

interface OverviewFlags {
  readonly output: Output<"text">;
}

/** What `podstead` alone does. */
export const overviewCommand = defineCommand<OverviewFlags>({
  docs: {
    brief: "Say which pods do not run, and why (the default)",
    fullDescription: [
      "One line and the pods when all is well: the config is in use, the kubelet runs and polls, the",
      "container runtime answers, every pod is ready. Otherwise each cause with the next step, worst first,",
      "and the last log lines of the first pod that has any. Without an agent: what the container",
      "runtime runs.",
      "",
      "Exit code 0: all is well, or pods are on their way within their time. 1: something is broken",
      "or not confirmed, or no agent runs. 69: the runtime does not answer either.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
    },
    aliases: { o: "output" },
  },
  nodes: { policy: "many" },
  examples: [["podstead", "which pods of this node are not running, and why"]],
  async func(this: CliContext, flags) {
    const { overview, absence } = await overviewOf(this);
    const { stdout, stderr, clock } = this.world;
    if (isDataOutput(flags.output)) await this.print.data(flags.output, overviewDocument(overview));
    else {
      const { columns, rows } = stdout;
      const place = { style: styleOf(this, stdout), nowMs: clock.now(), columns, rows };
      // Of many nodes each has its line.
      const tableFollows = overview.state === "well" && overview.pods.length > 0 &&
        this.node === undefined;
      stdout.write(overviewReport(overview, { ...place, tableFollows }));
      if (tableFollows) await showPods(this);
    }
    if (absence !== undefined && !(absence instanceof AgentHangs)) {
      stderr.write(
        'Start the agent with "sudo systemctl start podstead" or "sudo podstead serve"\n',
      );
    }
    const { state } = overview;
    this.process.exitCode = state === "well" || state === "changing" ? EXIT.ok : EXIT.failed;
  },
});

/** Lines of a terminal that are not the table's: the verdict, the header, and the prompt. */
const OTHER_LINES = 4;

/** The pods as `podstead get pods` shows them, as far as a terminal has lines for them. */
async function showPods(context: CliContext): Promise<void> {
  const { stdout } = context.world;
  const view = resourceView("pods");
  const pods = worstFirst(await resourcesOf(context, view, { showSecrets: false }));
  const room = stdout.rows === undefined ? Infinity : Math.max(1, stdout.rows - OTHER_LINES);
  const place = placeOf(context, { allNamespaces: false });
  context.print.table(view.columns(place), pods.slice(0, room), { wide: false });
  const more = pods.length - room;
  if (more > 0) stdout.write(`and ${more} more: podstead get pods\n`);
}

async function overviewOf(
  context: CliContext,
): Promise<{ readonly overview: Overview; readonly absence?: AgentUnreachable }> {
  try {
    const agent = await agentOf(context);
    return { overview: await agent.overview({}) };
  } catch (error) {
    if (!(error instanceof AgentUnreachable) || context.node !== undefined) throw error;
    context.world.stderr.write(`${error.message}; asking the container runtime directly\n`);
    const { overviewOfRuntime } = await import("./overview_direct.ts");
    return { overview: await overviewOfRuntime(context, error), absence: error };
  }
}

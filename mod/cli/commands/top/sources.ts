/** Where `podstead top` gets its data: the agent, or the container runtime without one. */
import { AgentUnreachable } from "../../../core/mod.ts";
import type { NodePods, NodeUsage, Overview } from "../../../api/contract/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { plainStyle } from "../../../text/mod.ts";

/** Answers about one node; each call fails for itself. */
export interface TopSources {
  overview(): Promise<Overview>;
  pods(): Promise<NodePods>;
  usage(intervalMs: number, signal: AbortSignal): AsyncIterable<NodeUsage>;
  /** The end of a pod's log, and what comes. */
  log(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** The page about a pod, as lines. */
  describe(id: string): Promise<readonly string[]>;
  events(id: string): Promise<readonly string[]>;
  close(): void;
}

/** Lines of a log that are there when it is opened. */
const TAIL_LINES = 200;

/**
 * The agent's answers if one runs; else those of the container runtime.
 *
 * @throws {PodsteadError} if neither can be asked
 */
export async function topSources(context: CliContext): Promise<TopSources> {
  const agent = await agentOf(context);
  try {
    await agent.agent({});
  } catch (error) {
    if (!(error instanceof AgentUnreachable) || context.node !== undefined) throw error;
    return await runtimeSources(context, error.message);
  }
  const { remoteNode } = await import("../../../api/client/mod.ts");
  const node = remoteNode(agent);
  return {
    ...readerSources(node),
    overview: () => agent.overview({}),
    async describe(id) {
      const { describeReport } = await import("../status/describe_report.ts");
      const nowMs = context.world.clock.now();
      return linesOf(
        describeReport(await agent.describe({ pod: id }), { nowMs, style: plainStyle }),
      );
    },
    async events(id) {
      const lines: string[] = [];
      for await (const { at, type, message } of agent.events({ pod: id })) {
        lines.push(`${at.replace(/\.\d+Z$/, "Z")}  ${type.padEnd(10)}  ${message}`);
      }
      return lines.reverse();
    },
    close: () => undefined,
  };
}

async function runtimeSources(context: CliContext, absence: string): Promise<TopSources> {
  const [{ connectNode }, { overviewOfRuntime }] = await Promise.all([
    import("../../../node/mod.ts"),
    import("../status/overview_direct.ts"),
  ]);
  const { node: nodeFacts, runtime } = await clientSettings(context);
  const node = connectNode({ node: nodeFacts, ...runtime });
  const needsAgent = () => Promise.resolve([absence, "Only the agent knows that"]);
  return {
    ...readerSources(node),
    overview: () => overviewOfRuntime(context),
    describe: needsAgent,
    events: needsAgent,
    close: () => node.close(),
  };
}

function readerSources(node: NodeReader): Pick<TopSources, "pods" | "usage" | "log"> {
  return {
    pods: () => node.pods({ labels: false }),
    usage: (intervalMs, signal) => node.usage({ intervalMs }, signal),
    log: (id, signal) =>
      node.logs({
        references: [id],
        previous: false,
        follow: true,
        selection: { tail: TAIL_LINES },
        format: "text",
        color: false,
      }, { signal, onNotice: () => undefined }),
  };
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split("\n");
}

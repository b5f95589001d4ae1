import { remoteNode } from "../admin/mod.ts";
import { AgentUnreachable } from "../core/mod.ts";
import type { NodeReader } from "../node/mod.ts";
import { agentOf } from "./agent.ts";
import { clientSettings } from "./client_settings.ts";
import type { CliContext } from "./context.ts";

/**
 * Does something with a reader of this node: through its agent, or directly
 * with the container runtime where no agent runs, which is said on stderr.
 */
export async function withNode<T>(
  context: CliContext,
  use: (node: NodeReader) => Promise<T>,
): Promise<T> {
  try {
    return await use(remoteNode(await agentOf(context)));
  } catch (error) {
    if (!(error instanceof AgentUnreachable)) throw error;
    const { node: nodeSettings, runtime } = await clientSettings(context);
    context.world.stderr.write(`${error.message}; asking ${runtime.endpoint} directly\n`);
    const { connectNode } = await import("../node/mod.ts");
    const node = connectNode({ node: nodeSettings, ...runtime });
    try {
      return await use(node);
    } finally {
      node.close();
    }
  }
}

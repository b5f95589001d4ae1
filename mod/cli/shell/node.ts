import { remoteNode } from "../../api/client/mod.ts";
import { AgentUnreachable } from "../../core/mod.ts";
import type { NodeAccess, NodeReader } from "../../node/mod.ts";
import { actingAgentOf, agentOf } from "./agent.ts";
import { clientSettings } from "./client_settings.ts";
import type { CliContext } from "./context.ts";

/**
 * Does something with a reader of this node: through its agent, or directly
 * with the container runtime if no agent runs, which is said on stderr.
 * Repeated from its start if the agent turns out not to answer, so it must
 * change nothing: see `withActingNode`.
 */
export async function withNode<T>(
  context: CliContext,
  use: (node: NodeReader) => Promise<T>,
): Promise<T> {
  try {
    return await use(remoteNode(await agentOf(context)));
  } catch (error) {
    if (!(error instanceof AgentUnreachable) || context.node !== undefined) throw error;
    return await withDirectNode(context, error, use);
  }
}

/** The same for what changes something: nothing is ever done twice. */
export async function withActingNode<T>(
  context: CliContext,
  use: (node: NodeAccess) => Promise<T>,
): Promise<T> {
  const agent = await actingAgentOf(context);
  try {
    await agent.agent({});
  } catch (error) {
    if (!(error instanceof AgentUnreachable) || context.node !== undefined) throw error;
    return await withDirectNode(context, error, use);
  }
  return await use(remoteNode(agent));
}

async function withDirectNode<T>(
  context: CliContext,
  absence: AgentUnreachable,
  use: (node: NodeAccess) => Promise<T>,
): Promise<T> {
  const { node: nodeSettings, runtime, pull, volumesDir } = await clientSettings(context);
  context.world.stderr.write(`${absence.message}; asking ${runtime.endpoint} directly\n`);
  const { connectNode } = await import("../../node/mod.ts");
  const node = connectNode({
    node: nodeSettings,
    ...runtime,
    async logins() {
      const { loginFileBeside, readLoginFile } = await import("../../registry/mod.ts");
      // Of an agent that ran since the boot; without one, pods' logins are not known here.
      const left = await readLoginFile(loginFileBeside(volumesDir)).catch(() => undefined);
      return { pods: left?.pods ?? [], credentialsFile: pull.credentialsFile };
    },
  });
  try {
    return await use(node);
  } finally {
    node.close();
  }
}

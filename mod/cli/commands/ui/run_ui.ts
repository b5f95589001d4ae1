/** Runs the pages: for this node, or for those that `-N` names. */
import { agentClient } from "../../../api/client/mod.ts";
import { nodesPath, readNodes, selectNodes } from "../../../fleet/nodes/mod.ts";
import { startUi, type UiNode } from "../../../ui/mod.ts";
import { agentOf, mayUse, socketPath } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { openLinks } from "../../shell/many/links.ts";
import { readChange } from "../change/change_input.ts";
import { rolloutsOf } from "./rollouts.ts";

/** How the pages are served. */
export interface RunUiOptions {
  readonly port: number;
  readonly readOnly: boolean;
}

/** Serves until the command is interrupted. */
export async function runUi(context: CliContext, { port, readOnly }: RunUiOptions): Promise<void> {
  const { stdout, clock, interrupted } = context.world;
  const { nodes, close } = await nodesOf(context, readOnly);
  const seen = await rolloutsOf(context, nodes.map(({ name }) => name));
  const ui = await startUi({
    nodes,
    port,
    clock,
    rollouts: seen?.ask,
    operationsOf: (text) => {
      const readStdin = () => Promise.resolve(new TextEncoder().encode(text));
      return readChange({ ...context, world: { ...context.world, readStdin } }, ["-"]);
    },
  });
  try {
    stdout.write(`${ui.url}\n`);
    context.world.stderr.write(
      "Open it in a browser of this machine. It signs one browser in, once. Ctrl-C ends it.\n",
    );
    await clock.sleep(MAX_TIMER_MS, interrupted).catch(() => undefined); // it is ended by that
  } finally {
    await ui.close();
    seen?.close();
    await close();
  }
}

/** The longest that a timer can be set to, in milliseconds: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

async function nodesOf(
  context: CliContext,
  readOnly: boolean,
): Promise<{ readonly nodes: readonly UiNode[]; readonly close: () => Promise<void> }> {
  const { globals, world } = context;
  if (globals.nodes === undefined) {
    return { nodes: [await thisNode(context, readOnly)], close: () => Promise.resolve() };
  }
  const file = await readNodes(nodesPath(world.env));
  const links = await openLinks(file.connectTimeoutMs, world.interrupted);
  const nodes = selectNodes(globals.nodes, file).map((entry): UiNode => ({
    name: entry.name,
    async connect() {
      const { transport, access, close } = await links.open(entry);
      return { agent: agentClient(transport), mayAct: access === "admin" && !readOnly, close };
    },
  }));
  return { nodes, close: () => links.close() };
}

async function thisNode(context: CliContext, readOnly: boolean): Promise<UiNode> {
  const agent = await agentOf(context);
  const socket = await socketPath(context, { reads: true });
  const name = await agent.agent({}).then(({ node }) => node.name, () => "this node");
  return {
    name,
    connect: () => Promise.resolve({ agent, mayAct: !readOnly && mayUse(socket) }),
  };
}

import { connectRuntime, listPods, type Runtime } from "../cri/mod.ts";
import { localActions } from "./local_actions.ts";
import { openLogs } from "./logs.ts";
import type { NodeAccess } from "./reader.ts";

/** What a local reader is made from. */
export interface LocalNodeOptions {
  readonly node: () => { readonly name: string; readonly address: string };
  readonly runtime: Runtime;
  /** Registry credentials, asked for each pull (`agent.pull.credentialsFile`); null for none. */
  readonly credentialsFile?: () => string | null;
}

/** Reads the node from its container runtime. */
export function localNode(
  { node, runtime, credentialsFile = () => null }: LocalNodeOptions,
): NodeAccess {
  return {
    ...localActions(runtime, node, credentialsFile),
    async pods(query = {}) {
      const pods = await listPods(runtime, query);
      return { node: node().address, nodeName: node().name, pods };
    },
    logs: (request, options) => openLogs(request, { ...options, runtime, node: node() }),
    close: () => runtime.close(),
  };
}

/** The same with a connection of its own, which `close` ends. */
export function connectNode(options: {
  readonly node: { readonly name: string; readonly address: string };
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly credentialsFile?: string | null;
}): NodeAccess {
  const { endpoint, timeoutMs, credentialsFile = null } = options;
  return localNode({
    node: () => options.node,
    runtime: connectRuntime({ endpoint, timeoutMs }),
    credentialsFile: () => credentialsFile,
  });
}

import { connectRuntime, listPods, type Runtime } from "../cri/mod.ts";
import { localActions } from "./local_actions.ts";
import { openLogs } from "./logs.ts";
import type { NodeAccess } from "./reader.ts";

/** What a local reader is made from. */
export interface LocalNodeOptions {
  readonly node: () => { readonly name: string; readonly address: string };
  readonly runtime: Runtime;
}

/** Reads the node from its container runtime. */
export function localNode({ node, runtime }: LocalNodeOptions): NodeAccess {
  return {
    ...localActions(runtime, node),
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
}): NodeAccess {
  const { endpoint, timeoutMs } = options;
  return localNode({ node: () => options.node, runtime: connectRuntime({ endpoint, timeoutMs }) });
}

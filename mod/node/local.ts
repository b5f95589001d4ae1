import { connectRuntime, listPods, type Runtime } from "../cri/mod.ts";
import type { LoginSources } from "../registry/mod.ts";
import { localActions } from "./local_actions.ts";
import { openLogs } from "./logs.ts";
import type { NodeAccess } from "./reader.ts";

/** What a local reader is made from. */
export interface LocalNodeOptions {
  readonly node: () => { readonly name: string; readonly address: string };
  readonly runtime: Runtime;
  /** Where registry logins are looked for, asked for each pull; default: in the kubelet's files. */
  readonly logins?: () => LoginSources | Promise<LoginSources>;
}

/** Reads the node from its container runtime. */
export function localNode(
  { node, runtime, logins = () => ({ credentialsFile: null }) }: LocalNodeOptions,
): NodeAccess {
  return {
    ...localActions(runtime, node, logins),
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
  readonly logins?: () => LoginSources | Promise<LoginSources>;
}): NodeAccess {
  const { endpoint, timeoutMs, logins } = options;
  return localNode({
    node: () => options.node,
    runtime: connectRuntime({ endpoint, timeoutMs }),
    ...(logins === undefined ? {} : { logins }),
  });
}

import type { NodePods, NodeReader } from "../node/mod.ts";
import type { AgentClient } from "./client.ts";
import { PATHS } from "./contract.ts";

/** Reads the node through its agent: for those who may use the admin socket but are not root. */
export function remoteNode(agent: AgentClient): NodeReader {
  return {
    async pods({ statuses = "none", signal } = {}) {
      return await agent.call<NodePods>("GET", `${PATHS.containers}?statuses=${statuses}`, {
        ...(signal === undefined ? {} : { signal }),
      });
    },
    close: () => undefined,
  };
}

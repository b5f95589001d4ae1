import type { NodePods, NodeReader } from "../node/mod.ts";
import type { AgentClient } from "./client.ts";
import { PATHS } from "./contract.ts";
import { type Frame, readFrames } from "./frames.ts";
import { remoteActions } from "./remote_actions.ts";

/** Reads the node through its agent: for those who may use the admin socket but are not root. */
export function remoteNode(agent: AgentClient): NodeReader {
  return {
    ...remoteActions(agent),
    async pods({ statuses = "none", labels = true, signal } = {}) {
      const query = `statuses=${statuses}&labels=${labels}`;
      return await agent.call<NodePods>("GET", `${PATHS.containers}?${query}`, {
        ...(signal === undefined ? {} : { signal }),
      });
    },
    async logs(request, { signal, onNotice }) {
      const bytes = await agent.stream(PATHS.logs, { method: "POST", body: request, signal });
      return onlyData(readFrames(bytes), onNotice);
    },
    close: () => undefined,
  };
}

async function* onlyData(
  frames: AsyncIterable<Frame>,
  onNotice: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    if (frame.kind === "data") yield frame.bytes;
    else onNotice(frame.text);
  }
}

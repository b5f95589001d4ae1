import { Buffer } from "node:buffer";
import type { NodeAccess } from "../../node/mod.ts";
import type { Frame } from "../contract/mod.ts";
import type { AgentClient } from "./client.ts";

/** The node through its agent: for those who may use the admin socket but are not root. */
export function remoteNode(agent: AgentClient): NodeAccess {
  return {
    pods: ({ signal, ...query } = {}) => agent.containers(query, { signal }),
    async logs(request, { signal, onNotice }) {
      return onlyData(await agent.logs(request, { signal }), onNotice);
    },
    find: (reference, signal) => agent.find(reference, { signal }),
    otherContainers: (signal) => agent.otherContainers({}, { signal }),
    images: (signal) => agent.images({}, { signal }),
    usage: (request, signal) => agent.usage(request, { signal }),
    inspect: (id, kind, signal) => agent.inspect({ id, kind }, { signal }),
    async stop(request, signal) {
      await agent.stop(request, { signal });
    },
    pull: (request, signal) => agent.pull(request, { signal }),
    async exec(request, signal) {
      const { stdout, stderr, exitCode } = await agent.exec(request, { signal });
      const bytes = (text: string) => Buffer.from(text, "base64");
      return { stdout: bytes(stdout), stderr: bytes(stderr), exitCode };
    },
    openExec: async (request, signal) => (await agent.execSession(request, { signal })).url,
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

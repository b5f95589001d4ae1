import { Buffer } from "node:buffer";
import type { NodeAccess } from "../../node/mod.ts";
import type { Frame } from "../contract/mod.ts";
import type { Handlers } from "./handlers.ts";

/** What runs on the node, and what is done to it. */
export function nodeHandlers(node: NodeAccess): Pick<
  Handlers,
  | "containers"
  | "find"
  | "otherContainers"
  | "images"
  | "inspect"
  | "usage"
  | "logs"
  | "stop"
  | "pull"
  | "exec"
  | "execSession"
> {
  return {
    containers: (query, signal) => node.pods({ ...query, signal }),
    find: (reference, signal) => node.find(reference, signal),
    otherContainers: (_, signal) => node.otherContainers(signal),
    images: (_, signal) => node.images(signal),
    inspect: ({ id, kind }, signal) => node.inspect(id, kind, signal),
    usage: (request, signal) => node.usage(request, signal),
    async logs(request, signal) {
      const notices: string[] = [];
      const onNotice = (text: string) => void notices.push(text);
      return withNotices(await node.logs(request, { signal, onNotice }), notices);
    },
    async stop(request, signal) {
      await node.stop(request, signal);
      return {};
    },
    pull: (request, signal) => node.pull(request, signal),
    async exec(request, signal) {
      const { stdout, stderr, exitCode } = await node.exec(request, signal);
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
      return { stdout: text(stdout), stderr: text(stderr), exitCode };
    },
    execSession: async (request, signal) => ({ url: await node.openExec(request, signal) }),
  };
}

/** Data and notices as frames, in their order. */
async function* withNotices(
  chunks: AsyncIterable<Uint8Array>,
  notices: string[],
): AsyncGenerator<Frame> {
  for await (const bytes of chunks) {
    for (const text of notices.splice(0)) yield { kind: "notice", text };
    yield { kind: "data", bytes };
  }
  for (const text of notices.splice(0)) yield { kind: "notice", text };
}

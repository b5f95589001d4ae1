import { Buffer } from "node:buffer";
import { type JsonValue, parseJson, PodsteadError } from "../core/mod.ts";
import type {
  FoundContainer,
  NodeActions,
  NodeImages,
  NodeUsage,
  OtherContainers,
  PullStep,
} from "../node/mod.ts";
import type { AgentClient } from "./client.ts";
import { readNdjson } from "./ndjson.ts";
import { NODE_PATHS, type WireExecOutcome, type WireExecSession } from "./node_contract.ts";

/** Acts on the node through its agent. */
export function remoteActions(agent: AgentClient): NodeActions {
  return {
    find: ({ reference, container }, signal) =>
      agent.call<FoundContainer>(
        "GET",
        query(NODE_PATHS.find, { reference, container }),
        withSignal(signal),
      ),
    otherContainers: (signal) =>
      agent.call<OtherContainers>("GET", NODE_PATHS.otherContainers, withSignal(signal)),
    images: (signal) => agent.call<NodeImages>("GET", NODE_PATHS.images, withSignal(signal)),
    async *usage({ reference, intervalMs }, signal) {
      const path = query(NODE_PATHS.usage, { reference, intervalMs: String(intervalMs) });
      yield* readNdjson<NodeUsage>(await agent.stream(path, { signal }));
    },
    inspect: (id, kind, signal) =>
      agent.call("GET", query(NODE_PATHS.inspect, { id, kind }), withSignal(signal)),
    async stop(request, signal) {
      await post(agent, NODE_PATHS.stop, request, signal);
    },
    async *pull(request, signal) {
      const bytes = await agent.stream(NODE_PATHS.pull, { method: "POST", body: request, signal });
      yield* readNdjson<PullStep>(bytes);
    },
    async exec(request, signal) {
      const outcome = await post<WireExecOutcome>(agent, NODE_PATHS.exec, request, signal);
      return {
        stdout: Buffer.from(outcome.stdout, "base64"),
        stderr: Buffer.from(outcome.stderr, "base64"),
        exitCode: outcome.exitCode,
      };
    },
    async openExec(request, signal) {
      return (await post<WireExecSession>(agent, NODE_PATHS.execSession, request, signal)).url;
    },
  };
}

/** Not `call`: what is asked for here may take as long as it takes. */
async function post<T>(
  agent: AgentClient,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<T> {
  const bytes = await agent.stream(path, { method: "POST", body, ...withSignal(signal) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return parsed(Buffer.concat(chunks).toString("utf8")) as unknown as T; // the agent is our own
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new PodsteadError("agent-unreachable", "The agent broke off its answer", {
      cause: error,
      hint: 'See "systemctl status podstead"',
    });
  }
}

function query(path: string, values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values)
    .flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
  return `${path}?${new URLSearchParams(given)}`;
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

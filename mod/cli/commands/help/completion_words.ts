import { proposeCompletions } from "@stricli/core";
import { remoteNode } from "../../../api/client/mod.ts";
import type { ResourceType } from "../../../api/contract/mod.ts";
import { formatContainer, formatPod } from "../../../core/mod.ts";
import { completeField } from "../../../pods/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { GLOBAL_OPTIONS, takeGlobals } from "../../shell/globals.ts";
import { RESOURCE_VIEWS } from "../status/resource_types.ts";

/** A word that can stand where the cursor is, and what it means. */
export type Candidate = readonly [word: string, brief: string];

/** Nobody waits longer than this for a Tab key, in milliseconds. */
const LIVE_TIMEOUT_MS = 700;

/** Commands whose arguments are containers, and those whose arguments are static pods. */
const OF_CONTAINERS: ReadonlySet<string> = new Set([
  "logs",
  "restart",
  "inspect",
  "exec",
  "stats",
]);
const OF_PODS: ReadonlySet<string> = new Set(["describe", "why"]);

/**
 * What can stand at the end of a command line: commands and options from the
 * command line's own definition, IDs from the running agent. An agent that does
 * not answer at once only means that there are no IDs.
 *
 * @param words what was typed after `podstead`; the last one may be unfinished or empty
 */
export async function completeWords(
  words: readonly string[],
  context: CliContext,
): Promise<readonly Candidate[]> {
  const partial = words.at(-1) ?? "";
  const { globals, rest } = takeGlobals(words.slice(0, -1), context.world.env);
  const program = await context.program.buildCli(rest[0]);
  const proposed = await proposeCompletions(program, [...rest, partial], context)
    .catch(() => []); // half a command line is often not a valid one
  const live = rest[0] === "explain" && !partial.startsWith("-")
    ? completeField(partial).map((field): Candidate => [field, "field"])
    : partial.startsWith("-")
    ? GLOBAL_OPTIONS.map(([name, brief]): Candidate => [name.split(" ")[0] ?? "", brief])
    : await liveIds(rest, { ...context, globals });
  const candidates = [
    ...proposed.map(({ completion, brief }): Candidate => [completion, brief]),
    ...live,
  ].filter(([word]) => word.startsWith(partial));
  return [...new Map(candidates)];
}

async function liveIds(
  words: readonly string[],
  context: CliContext,
): Promise<readonly Candidate[]> {
  const [command = "", first] = words.filter((word) => !word.startsWith("-"));
  if (!OF_CONTAINERS.has(command) && !OF_PODS.has(command) && first === undefined) return [];
  const signal = AbortSignal.timeout(LIVE_TIMEOUT_MS);
  try {
    const agent = await agentOf(context);
    const ids = async (type: ResourceType): Promise<readonly Candidate[]> => {
      const list = await agent.resources({ type }, { signal });
      return list.items.map(({ id }) => [id, type]);
    };
    if (OF_PODS.has(command)) return await ids("StaticPod");
    if (OF_CONTAINERS.has(command)) {
      const { pods } = await remoteNode(agent).pods({ signal });
      return pods.flatMap((pod): readonly Candidate[] => [
        [formatPod(pod), pod.state],
        ...pod.containers.map((container): Candidate => [
          formatContainer(pod, container),
          container.state,
        ]),
      ]);
    }
    const view = RESOURCE_VIEWS.find(({ names }) => names.includes(first ?? ""));
    return (command === "get" || command === "g") && view !== undefined ? await ids(view.type) : [];
  } catch {
    return []; // no agent, no IDs: the shell shows the rest
  }
}

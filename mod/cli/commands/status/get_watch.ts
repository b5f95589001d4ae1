import type { Resource, ResourceEvent } from "../../../api/contract/mod.ts";
import { PodsteadError, UsageError } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { isDataOutput } from "../../output/mod.ts";
import type { Change } from "../../../text/mod.ts";
import { type GetFlags, isWanted, placeOf, queryOf } from "./get_resources.ts";
import { namesOf, resourceNotFound } from "./resource_name.ts";
import type { ResourceView } from "./resource_types.ts";

type Show = (event: ResourceEvent) => unknown;

/**
 * Shows resources and every change of them until it is interrupted.
 *
 * @throws {PodsteadError} `agent-unreachable` when the agent ends the watch
 */
export async function watchResources(
  context: CliContext,
  flags: GetFlags,
  view: ResourceView,
  name: string | undefined,
): Promise<void> {
  const { stderr, interrupted } = context.world;
  const isMeant = (resource: Resource) =>
    isWanted(flags, resource) &&
    (name === undefined || resource.id === name || namesOf(resource).includes(name));
  const agent = await agentOf(context);
  // A table is made for what is there first; data has no columns.
  const { items } = name === undefined && isDataOutput(flags.output)
    ? { items: [] }
    : await agent.resources(queryOf(view, flags));
  // It may come; but a mistyped name should not be waited for without a word.
  if (name !== undefined && !items.some(isMeant)) {
    const { message, hint } = resourceNotFound(items, view, name);
    stderr.write(`${message} yet, waiting for it\n  ${hint}\n`);
  }
  const events = agent.watch(queryOf(view, flags), { signal: interrupted });
  const show = printerOf(context, flags, view, items.filter(isMeant));
  try {
    for await (const line of events) if (isMeant(line.resource)) await show(line);
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
  if (interrupted.aborted) return;
  throw new PodsteadError("agent-unreachable", "The agent ended the watch", {
    hint: "It may have been stopped or restarted; watch again",
  });
}

function printerOf(
  context: CliContext,
  flags: GetFlags,
  view: ResourceView,
  first: readonly Resource[],
): Show {
  const { print } = context;
  const { output } = flags;
  if (output.kind === "name" || output.kind === "custom-columns" || flags.quiet) {
    throw new UsageError("Names and custom columns cannot be watched", {
      hint: "Watch a table, json, yaml or jsonpath=TEMPLATE",
    });
  }
  if (isDataOutput(output)) {
    const isNews = documentNews(view);
    return async (line: ResourceEvent) => {
      if (!isNews(line)) return;
      const { event, resource } = line;
      await print.item(output, { event, ...view.document(resource) });
    };
  }
  const printer = print.watch<Resource>({
    wide: output.kind === "wide",
    header: !flags.noHeaders,
    columns: view.columns(placeOf(context, flags)),
    signAfter: view.kind === "PodStatus" ? 0 : 1,
    key: (resource) => resource.id,
    first,
  });
  return ({ event, resource }) => printer.update([{ change: CHANGE[event], row: resource }]);
}

/** Members that change with every look at the node. */
const ALWAYS_NEW: ReadonlySet<string> = new Set(["seenAtMs"]);

/** Lets an object through that is other than before, apart from when it was last seen. */
function documentNews(view: ResourceView): (line: ResourceEvent) => boolean {
  const last = new Map<string, string>();
  return ({ event, resource }) => {
    const text = JSON.stringify(
      view.document(resource),
      (key, value) => ALWAYS_NEW.has(key) ? undefined : value,
    );
    if (event === "updated" && last.get(resource.id) === text) return false;
    if (event === "destroyed") last.delete(resource.id);
    else last.set(resource.id, text);
    return true;
  };
}

const CHANGE: Readonly<Record<ResourceEvent["event"], Change>> = {
  created: "added",
  updated: "changed",
  destroyed: "removed",
};

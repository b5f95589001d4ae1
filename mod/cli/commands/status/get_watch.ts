import type { Resource, ResourceEvent } from "../../../api/contract/mod.ts";
import { PodsteadError } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { customColumns, isDataOutput } from "../../output/mod.ts";
import type { Change, Column } from "../../../text/mod.ts";
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
  names: readonly string[],
): Promise<void> {
  const { stderr, interrupted } = context.world;
  const isMeant = (resource: Resource) =>
    isWanted(flags, resource) &&
    (names.length === 0 || names.some((name) => isNamed(resource, name)));
  const agent = await agentOf(context);
  // A table is made for what is there first; data has no columns.
  const { items } = names.length === 0 && isDataOutput(flags.output)
    ? { items: [] }
    : await agent.resources(queryOf(view, flags));
  // It may come; but a mistyped name should not be waited for without a word.
  for (const name of names) {
    if (items.some((item) => isWanted(flags, item) && isNamed(item, name))) continue;
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

const isNamed = (resource: Resource, name: string) =>
  resource.id === name || namesOf(resource).includes(name);

function printerOf(
  context: CliContext,
  flags: GetFlags,
  view: ResourceView,
  first: readonly Resource[],
): Show {
  const { print } = context;
  const { output } = flags;
  const own = ownColumns(flags, view);
  if (own !== undefined) {
    const rows = print.rows(own.columns, { wide: false, header: own.header, first });
    const isNews = documentNews(view);
    return (line) => isNews(line) ? rows.print([line.resource]) : undefined;
  }
  if (isDataOutput(output)) {
    const isNews = documentNews(view);
    return async (line: ResourceEvent) => {
      if (!isNews(line)) return;
      const { event, resource } = line;
      const document = { event, ...view.document(resource) };
      await print.item(output, document);
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

/** Columns that are watched as rows below one another: names, and those of `-o custom-columns`. */
function ownColumns(
  { output, quiet, noHeaders }: GetFlags,
  view: ResourceView,
): { readonly columns: readonly Column<Resource>[]; readonly header: boolean } | undefined {
  if (quiet) return { columns: [{ header: "", cell: view.nameOf }], header: false };
  if (output.kind === "name") {
    const cell = (resource: Resource) => `${view.shortType}/${view.nameOf(resource)}`;
    return { columns: [{ header: "", cell }], header: false };
  }
  if (output.kind !== "custom-columns") return undefined;
  const columns = customColumns(output.columns).map(({ header, cell }) => ({
    header,
    cell: (resource: Resource) => cell(view.document(resource)),
  }));
  return { columns, header: !noHeaders };
}

/**
 * Members that change with every look at the node: when it was, and which of two sources that agree
 * was asked last, with that source's own time.
 */
const ALWAYS_NEW: ReadonlySet<string> = new Set(["seenAtMs", "confirmedBy", "readySinceMs"]);

/** Lets an object through that is other than before, apart from those members. */
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

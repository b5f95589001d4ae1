import type { Resource, ResourceEvent } from "../../../api/contract/mod.ts";
import { nearest, PodsteadError } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import type { Change } from "../../../text/mod.ts";
import { isDataOutput, type Output, parseOutput } from "../../output/mod.ts";
import {
  COMMON_COLUMNS,
  RESOURCE_VIEWS,
  resourceDocument,
  type ResourceView,
  resourceView,
} from "./resource_types.ts";
import { showSecretsFlag } from "../../shell/shared_flags.ts";

interface GetFlags {
  readonly output: Output;
  readonly watch: boolean;
  readonly showSecrets: boolean;
}

export const getCommand = defineCommand<GetFlags, [ResourceView, string?]>({
  docs: {
    brief: "Show resources: static pods, their status, the config",
    fullDescription: [
      "Shows resources of one type, or the one with an ID.",
      "",
      "Types:",
      ...RESOURCE_VIEWS.map(({ names, brief }) => `  ${names.join(", ")}\n      ${brief}`),
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text),
        default: "table",
        brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
      watch: { kind: "boolean", default: false, withNegated: false, brief: "Show changes too" },
      showSecrets: showSecretsFlag,
    },
    aliases: { o: "output", w: "watch" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: resourceView,
          brief: "Type of the resources",
          placeholder: "TYPE",
          proposeCompletions: (partial: string) =>
            RESOURCE_VIEWS.map(({ names }) => names[0] ?? "")
              .filter((name) => name.startsWith(partial)),
        },
        { parse: String, brief: "ID of one resource", placeholder: "ID", optional: true },
      ],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead get staticpods", "the pods of this node, with the version of each"],
    ["podstead get staticpods -o wide", "also whether each is served, and where it is declared"],
    ["podstead get staticpodstatus -w", "what became of them, and every change from now on"],
    [
      "podstead get sp default-nginx -o jsonpath='{.spec.spec.containers[*].image}'",
      "one field of one pod",
    ],
  ],
  async func(this: CliContext, flags, view, id) {
    if (flags.watch) await watch(this, flags, view, id);
    else await list(this, flags, view, id);
  },
});

function query(view: ResourceView, { showSecrets }: GetFlags) {
  return { type: view.type, ...(showSecrets ? { showSecrets } : {}) };
}

async function list(
  context: CliContext,
  flags: GetFlags,
  view: ResourceView,
  id: string | undefined,
): Promise<void> {
  const agent = await agentOf(context);
  const answer = await agent.resources(query(view, flags));
  const items = id === undefined ? answer.items : [pick(answer.items, view, id)];
  if (!isDataOutput(flags.output)) {
    context.print.table(columnsOf(view), items, { wide: flags.output.kind === "wide" });
    if (flags.output.kind === "table") noteUnserved(context, items);
    return;
  }
  const documents = items.map(resourceDocument);
  await context.print.data(
    flags.output,
    id === undefined ? { apiVersion: answer.apiVersion, items: documents } : documents[0],
  );
}

/** The page's table has no column for it: a pod that is not served must not pass unnoticed. */
function noteUnserved(context: CliContext, items: readonly Resource[]): void {
  const states = items.map(({ status }) => status?.state)
    .filter((state) => state !== undefined && state !== "Served");
  if (states.length === 0) return;
  context.world.stderr.write(
    `${states.length} of these ${states.length === 1 ? "is" : "are"} not served as declared (${
      [...new Set(states)].join(", ")
    }): see -o wide\n`,
  );
}

async function watch(
  context: CliContext,
  flags: GetFlags,
  view: ResourceView,
  id: string | undefined,
): Promise<void> {
  const { stderr, interrupted } = context.world;
  const agent = await agentOf(context);
  // A table is made for what is there first; data has no columns.
  const { items } = id === undefined && isDataOutput(flags.output)
    ? { items: [] }
    : await agent.resources(query(view, flags));
  // It may come; but somebody who mistyped it should not wait for ever.
  if (id !== undefined && !items.some((item) => item.id === id)) {
    const { message, hint } = notFound(items, view, id);
    stderr.write(`${message} yet, waiting for it\n  ${hint}\n`);
  }
  const events = agent.watch(query(view, flags), { signal: interrupted });
  const show = eventPrinter();
  try {
    for await (const line of events) {
      if (id === undefined || line.resource.id === id) await show(line);
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
  if (interrupted.aborted) return;
  throw new PodsteadError("agent-unreachable", "The agent ended the watch", {
    hint: "It may have been stopped or restarted; watch again",
  });

  function eventPrinter() {
    const { output } = flags;
    if (isDataOutput(output)) {
      return async ({ event, resource }: ResourceEvent) =>
        await context.print.item(output, { event, ...resourceDocument(resource) });
    }
    const printer = context.print.watch<Resource>({
      columns: columnsOf(view),
      key: (resource) => resource.id,
      first: items.filter((item) => id === undefined || item.id === id),
      wide: output.kind === "wide",
    });
    return ({ event, resource }: ResourceEvent) =>
      printer.update([{ change: CHANGE[event], row: resource }]);
  }
}

const CHANGE: Readonly<Record<ResourceEvent["event"], Change>> = {
  created: "added",
  updated: "changed",
  destroyed: "removed",
};

function columnsOf(view: ResourceView) {
  return [...COMMON_COLUMNS, ...view.columns];
}

function pick(items: readonly Resource[], view: ResourceView, id: string): Resource {
  const found = items.find((item) => item.id === id);
  if (found === undefined) throw notFound(items, view, id);
  return found;
}

function notFound(items: readonly Resource[], view: ResourceView, id: string): PodsteadError {
  const suggestion = nearest(id, items.map((item) => item.id));
  return new PodsteadError("not-found", `There is no ${view.type} "${id}"`, {
    hint: suggestion === undefined
      ? `See "podstead get ${view.names[0]}"`
      : `Did you mean "${suggestion}"?`,
  });
}

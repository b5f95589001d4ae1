import type { Resource } from "../../../api/contract/mod.ts";
import { UsageError } from "../../../core/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { writeListing } from "../../shell/listing.ts";
import {
  LIST_ALIASES,
  LIST_FLAGS,
  POD_ALIASES,
  POD_FLAGS,
  showSecretsFlag,
} from "../../shell/shared_flags.ts";
import { type GetFlags, isWanted, placeOf, resourcesOf } from "./get_resources.ts";
import { watchResources } from "./get_watch.ts";
import { worstFirst } from "./pod_view.ts";
import { findResource } from "./resource_name.ts";
import { RESOURCE_VIEWS, type ResourceView, resourceView } from "./resource_types.ts";

/** `sp`, `sp,sps` or `sp/nginx`. */
interface Wanted {
  readonly views: readonly [ResourceView, ...ResourceView[]];
  readonly name?: string;
}

export const getCommand = defineCommand<GetFlags, [Wanted, string?]>({
  docs: {
    brief: "Show resources: pods, static pods, their status, the config",
    fullDescription: [
      "Shows resources of one type, or the one with a name: nginx, default/nginx or default-nginx,",
      "with the node's name behind it or without. Several types: sp,sps. TYPE/NAME is TYPE NAME.",
      "",
      "Types:",
      ...RESOURCE_VIEWS.map(({ names, brief }) => `  ${names.join(", ")}\n      ${brief}`),
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...LIST_FLAGS,
      ...POD_FLAGS,
      watch: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show changes too, a row or an object for each",
      },
      showSecrets: showSecretsFlag,
    },
    aliases: { ...LIST_ALIASES, ...POD_ALIASES, w: "watch" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: parseTypes,
          brief: "Type of the resources",
          placeholder: "TYPE",
          proposeCompletions: () => RESOURCE_VIEWS.map(({ names }) => names[0] ?? ""),
        },
        { parse: String, brief: "Name of one resource", placeholder: "NAME", optional: true },
      ],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead get pods", "each pod with its state, restarts, age and image; the worst first"],
    ["podstead get staticpods", "the pods of this node, with the version of each"],
    ["podstead get staticpods -o wide", "also whether each is served, and where it is declared"],
    ["podstead get staticpodstatus -w", "what became of them, and every change from now on"],
    ["podstead get pods -o custom-columns=POD:.metadata.name", "columns of your own"],
    [
      "podstead get sp nginx -o jsonpath='{.spec.spec.containers[*].image}'",
      "one field of one pod",
    ],
  ],
  async func(this: CliContext, flags, { views, name: own }, given) {
    if (own !== undefined && given !== undefined) {
      throw new UsageError(`"${own}" and "${given}" are two names`, {
        hint: "Name one resource, or none",
      });
    }
    const name = own ?? given;
    const [view, ...others] = views;
    if (flags.watch) {
      if (others.length > 0) throw new UsageError("Only one type can be watched at a time");
      return await watchResources(this, flags, view, name);
    }
    if (others.length > 0 && name === undefined) return await listAll(this, flags, views);
    await list(this, flags, view, name);
  },
});

/** @throws {UsageError} for a type that there is not */
function parseTypes(text: string): Wanted {
  const at = text.indexOf("/");
  const [first = "", ...more] = (at < 0 ? text : text.slice(0, at)).split(",");
  const views = [resourceView(first), ...more.map(resourceView)] as const;
  const name = at < 0 ? "" : text.slice(at + 1);
  return { views, ...(name === "" ? {} : { name }) };
}

async function list(
  context: CliContext,
  flags: GetFlags,
  view: ResourceView,
  name: string | undefined,
): Promise<void> {
  const all = await resourcesOf(context, view, flags);
  const chosen = all.filter((resource) => isWanted(flags, resource));
  const items = name === undefined
    ? view.kind === "PodStatus" ? worstFirst(chosen) : chosen
    : [await findResource(chosen, { view, name, nodeName: () => nodeNameOf(context) })];
  await writeListing(context, flags, {
    kind: `${view.kind}List`,
    items,
    document: view.document,
    names: (resource) => [`${view.shortType}/${view.nameOf(resource)}`],
    ids: (resource) => [view.nameOf(resource)],
    columns: view.columns(placeOf(context, flags)),
    single: name !== undefined,
  });
  if (flags.output.kind === "table" && view.type === "StaticPod") noteUnserved(context, items);
  if (items.length === 0 && view.kind === "PodStatus") {
    context.world.stderr.write("No static pod here\n");
  }
}

/** Several types: a table each, or all of them in one list as data. */
async function listAll(
  context: CliContext,
  flags: GetFlags,
  views: readonly ResourceView[],
): Promise<void> {
  const tables = ["table", "wide"].includes(flags.output.kind) && !flags.quiet;
  if (tables) {
    for (const [index, view] of views.entries()) {
      if (index > 0) context.world.stdout.write("\n");
      await list(context, flags, view, undefined);
    }
    return;
  }
  const items: { readonly view: ResourceView; readonly resource: Resource }[] = [];
  for (const view of views) {
    const all = await resourcesOf(context, view, flags);
    items.push(
      ...all.filter((one) => isWanted(flags, one)).map((resource) => ({ view, resource })),
    );
  }
  await writeListing(context, flags, {
    kind: "List",
    items,
    document: ({ view, resource }) => view.document(resource),
    names: ({ view, resource }) => [`${view.shortType}/${view.nameOf(resource)}`],
    ids: ({ view, resource }) => [view.nameOf(resource)],
    columns: [],
  });
}

async function nodeNameOf(context: CliContext): Promise<string> {
  return (await (await agentOf(context)).agent({})).node.name;
}

/** Of pods, and of ConfigMaps and Secrets. */
const AS_DECLARED: readonly unknown[] = ["Served", "Current", undefined];

/** The page's table has no column for it: a pod that is not served must not pass unnoticed. */
function noteUnserved(context: CliContext, items: readonly Resource[]): void {
  const states = items.map(({ status }) => status?.state)
    .filter((state) => !AS_DECLARED.includes(state));
  if (states.length === 0) return;
  context.world.stderr.write(
    `${states.length} of these ${states.length === 1 ? "is" : "are"} not served as declared (${
      [...new Set(states)].join(", ")
    }): see -o wide\n`,
  );
}

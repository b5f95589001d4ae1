import type { Resource } from "../../../api/contract/mod.ts";
import { PodsteadError, UsageError } from "../../../core/mod.ts";
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

/** What is asked for: one type or several, all of them or those with these names. */
interface Wanted {
  readonly view: ResourceView;
  /** All of the type if there are none. */
  readonly names: readonly string[];
}

export const getCommand = defineCommand<GetFlags, string[]>({
  docs: {
    brief: "Show pods, static pods, their status, the config",
    fullDescription: [
      "Shows resources of one type, or those with names: nginx, default/nginx or default-nginx,",
      "with the node's name behind it or without. Several types: sp,sps; or TYPE/NAME for each.",
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
      kind: "array",
      minimum: 1,
      parameter: {
        parse: String,
        brief: "Type of the resources, then names; or TYPE/NAME for each",
        placeholder: "TYPE [NAME]",
        proposeCompletions: () => RESOURCE_VIEWS.map(({ names }) => names[0] ?? ""),
      },
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
  async func(this: CliContext, flags, ...words) {
    const wanted = readWanted(words);
    const [first, ...others] = wanted;
    if (others.length > 0) {
      if (flags.watch) throw new UsageError("Only one type can be watched at a time");
      return await listAll(this, flags, wanted);
    }
    if (first === undefined) return;
    if (flags.watch) return await watchResources(this, flags, first.view, first.names);
    throwMissing(this, await list(this, flags, first));
  },
});

/**
 * `pods`, `pods nginx web`, `sp,sps`, `pod/nginx sp/web`.
 *
 * @throws {UsageError} for a type that there is not, and for types and names that are mixed
 */
function readWanted([first = "", ...more]: readonly string[]): readonly Wanted[] {
  if (!first.includes("/")) {
    return first.split(",").map((type) => ({ view: resourceView(type), names: more }));
  }
  const byView = new Map<ResourceView, string[]>();
  for (const word of [first, ...more]) {
    const at = word.indexOf("/");
    if (at < 1 || at === word.length - 1) {
      throw new UsageError(`Wanted TYPE/NAME like "${first}", current value is "${word}"`, {
        hint: `Or the type once: podstead get TYPE ${word.replace("/", "")} …`,
      });
    }
    const view = resourceView(word.slice(0, at));
    const names = byView.get(view) ?? [];
    byView.set(view, [...names, word.slice(at + 1)]);
  }
  return [...byView].map(([view, names]) => ({ view, names }));
}

/** What was found, and what has to be said of names that nothing was found for. */
interface Found {
  readonly items: readonly Resource[];
  readonly missing: readonly PodsteadError[];
}

async function find(
  context: CliContext,
  flags: GetFlags,
  { view, names }: Wanted,
): Promise<Found> {
  const all = await resourcesOf(context, view, flags);
  const chosen = all.filter((resource) => isWanted(flags, resource));
  if (names.length === 0) {
    return { items: view.kind === "PodStatus" ? worstFirst(chosen) : chosen, missing: [] };
  }
  const items = new Set<Resource>();
  const missing: PodsteadError[] = [];
  for (const name of names) {
    try {
      const nodeName = () => nodeNameOf(context);
      items.add(await findResource(chosen, { view, name: name.replace(OWN_TYPE, ""), nodeName }));
    } catch (error) {
      if (!(error instanceof PodsteadError)) throw error;
      missing.push(error);
    }
  }
  return { items: [...items], missing };
}

/** `get pods pod/nginx`, as a listing with `-o name` writes it. */
const OWN_TYPE = /^(?:pods?|po|sps?)\/(?=.)/;

/** Shows what is found of one type. @returns what has to be said of names that nothing was found for */
async function list(
  context: CliContext,
  flags: GetFlags,
  wanted: Wanted,
): Promise<Found["missing"]> {
  const { view, names } = wanted;
  const { items, missing } = await find(context, flags, wanted);
  if (items.length > 0 || names.length === 0) {
    await writeListing(context, flags, {
      kind: `${view.kind}List`,
      items,
      document: view.document,
      names: (resource) => [`${view.shortType}/${view.nameOf(resource)}`],
      ids: (resource) => [view.nameOf(resource)],
      columns: view.columns(placeOf(context, flags)),
      single: names.length === 1,
    });
  }
  if (flags.output.kind === "table" && view.type === "StaticPod") noteUnserved(context, items);
  if (items.length + missing.length === 0 && view.kind === "PodStatus") {
    context.world.stderr.write("No static pod here\n");
  }
  return missing;
}

/** The last is thrown, and the others are said before it. */
function throwMissing({ world }: CliContext, missing: readonly PodsteadError[]): void {
  for (const { message } of missing.slice(0, -1)) world.stderr.write(`error: ${message}\n`);
  const last = missing.at(-1);
  if (last !== undefined) throw last;
}

/** Several types: a table each, or all of them in one list as data. */
async function listAll(
  context: CliContext,
  flags: GetFlags,
  wanted: readonly Wanted[],
): Promise<void> {
  const tables = ["table", "wide"].includes(flags.output.kind) && !flags.quiet;
  if (tables) {
    const missing: PodsteadError[] = [];
    for (const [index, one] of wanted.entries()) {
      if (index > 0) context.world.stdout.write("\n");
      missing.push(...await list(context, flags, one));
    }
    return throwMissing(context, missing);
  }
  const items: { readonly view: ResourceView; readonly resource: Resource }[] = [];
  const missing: PodsteadError[] = [];
  for (const one of wanted) {
    const found = await find(context, flags, one);
    items.push(...found.items.map((resource) => ({ view: one.view, resource })));
    missing.push(...found.missing);
  }
  await writeListing(context, flags, {
    kind: "List",
    items,
    document: ({ view, resource }) => view.document(resource),
    names: ({ view, resource }) => [`${view.shortType}/${view.nameOf(resource)}`],
    ids: ({ view, resource }) => [view.nameOf(resource)],
    columns: [],
  });
  throwMissing(context, missing);
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

import type { PodEvent } from "../../../api/contract/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { UsageError } from "../../../core/mod.ts";
import {
  isChosen,
  type ListFlags,
  type PodFlags,
  sortItems,
  writeListing,
} from "../../shell/listing.ts";
import { podReference } from "../../shell/parsers.ts";
import { LIST_ALIASES, LIST_FLAGS, POD_ALIASES, POD_FLAGS } from "../../shell/shared_flags.ts";
import { podOf } from "./pod_view.ts";
import type { AgentClient } from "../../../api/client/mod.ts";
import { customColumns, documentOf, isDataOutput, podMetadata } from "../../output/mod.ts";
import type { Column } from "../../../text/mod.ts";

interface EventsFlags extends ListFlags, PodFlags {
  readonly watch: boolean;
  readonly follow: boolean;
  readonly audit: boolean;
}

export const eventsCommand = defineCommand<EventsFlags, [string?]>({
  docs: {
    brief: "Show what happened to the pods and the node",
    fullDescription: [
      "The pods' life, with the time at which each thing happened: declared, rejected, replacing,",
      "waiting, served, fetched, started, ready, not-ready, ended, restarted, drifted, removed. And",
      "the node's: kubelet and runtime down and up, config changed, applied and refused, images",
      "pulled or not. The agent watches all the time; the last thousand are kept, over restarts too.",
      "As data each event is a document of its own; -q and -o name are the pods, each once.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      follow: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Continue with what happens later",
      },
      watch: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The same as --follow, as kubectl has it",
      },
      ...LIST_FLAGS,
      ...POD_FLAGS,
      audit: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only who changed something through the agent, and what",
      },
    },
    aliases: { ...LIST_ALIASES, ...POD_ALIASES, f: "follow", w: "watch" },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: podReference,
        brief: "Only of this pod: nginx, default/nginx or default-nginx",
        placeholder: "POD",
        optional: true,
      }],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead events", "everything that is remembered"],
    ["podstead events -f nginx", "the life of one pod, as it happens"],
    ["podstead events --audit", "who changed something"],
    ["podstead events -o json", "the same as NDJSON"],
  ],
  async func(this: CliContext, flags, pod) {
    const { interrupted } = this.world;
    const agent = await agentOf(this);
    const follow = flags.follow || flags.watch;
    const isMeant = await eventFilter(flags, agent);
    async function* read(follow: boolean) {
      const query = { follow, ...(pod === undefined ? {} : { pod }) };
      for await (const event of agent.events(query, { signal: interrupted })) {
        if ((!flags.audit || event.type === "audit") && isMeant(event)) yield event;
      }
    }
    try {
      if (follow) await followEvents(this, flags, read);
      else await listEvents(this, flags, await Array.fromAsync(read(false)));
    } catch (error) {
      if (!interrupted.aborted) throw error;
    }
  },
});

type Read = (follow: boolean) => AsyncIterable<PodEvent>;

const timeMs = ({ at }: PodEvent) => Date.parse(at);

function eventDocument(event: PodEvent) {
  const metadata = event.name === "" ? {} : { metadata: podMetadata(event) };
  return documentOf("PodEvent", { ...metadata, ...event });
}

/** The pod of an event; none for what happened to the node. */
function podNames({ namespace, name }: PodEvent): readonly string[] {
  return name === "" ? [] : [`${namespace}/${name}`];
}

async function listEvents(
  context: CliContext,
  flags: EventsFlags,
  events: readonly PodEvent[],
): Promise<void> {
  const { output } = flags;
  const items = sortItems(
    { items: events, columns: COLUMNS, document: eventDocument },
    flags.sortBy,
  );
  if (isDataOutput(output) && !flags.quiet) {
    for (const event of items) {
      await context.print.item(output, eventDocument(event), timeMs(event));
    }
    return;
  }
  const { sortBy: _, ...sorted } = flags;
  await writeListing(context, sorted, {
    kind: "List",
    // Names are those of pods, each once.
    items: flags.quiet || output.kind === "name" ? firstOfEachPod(items) : items,
    document: eventDocument,
    names: (event) => podNames(event).map((name) => `pod/${name}`),
    ids: podNames,
    columns: COLUMNS,
  });
}

function firstOfEachPod(events: readonly PodEvent[]): readonly PodEvent[] {
  const named = new Map(events.toReversed().map((event) => [podNames(event)[0], event]));
  return events.filter((event) => named.get(podNames(event)[0]) === event);
}

/** @throws {UsageError} for what can only be known at the end */
async function followEvents(context: CliContext, flags: EventsFlags, read: Read): Promise<void> {
  const { print } = context;
  const { output } = flags;
  if (flags.quiet || output.kind === "name" || flags.sortBy !== undefined) {
    throw new UsageError("Events that are followed come in the order of time, as rows or data", {
      hint: "Leave --follow out, or --sort-by, -q and -o name",
    });
  }
  if (isDataOutput(output)) {
    for await (const event of read(true)) {
      await print.item(output, eventDocument(event), timeMs(event));
    }
    return;
  }
  // What is remembered comes first: the columns are made for all of it.
  const first = await Array.fromAsync(read(false));
  const look = { wide: output.kind === "wide", header: !flags.noHeaders };
  const columns = output.kind === "custom-columns"
    ? customColumns(output.columns).map(({ header, cell }): Column<PodEvent> => ({
      header,
      cell: (event) => cell(eventDocument(event)),
    }))
    : COLUMNS;
  const rows = print.rows(columns, { ...look, first, timeMs });
  for await (const event of read(true)) rows.print([event]);
}

/** Lets events of the pods through that the flags are about; those of the node are of no pod. */
async function eventFilter(
  flags: PodFlags,
  agent: AgentClient,
): Promise<(event: PodEvent) => boolean> {
  if (flags.label === undefined) {
    return ({ namespace, name }) =>
      flags.namespace === undefined || (name !== "" && isChosen(flags, { namespace, labels: {} }));
  }
  const { items } = await agent.resources({ type: "StaticPod" });
  const chosen = new Set(
    items.map(podOf).filter((pod) => isChosen(flags, pod))
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return ({ namespace, name }) => chosen.has(`${namespace}/${name}`);
}

const COLUMNS: readonly Column<PodEvent>[] = [
  { header: "TIME", cell: ({ at }) => at.replace(/\.\d+Z$/, "Z"), sortValue: ({ at }) => at },
  { header: "POD", cell: ({ namespace, name }) => name === "" ? "-" : `${namespace}/${name}` },
  {
    header: "EVENT",
    cell: ({ type }) => type,
    look: ({ type }) => LOOKS[type],
  },
  { header: "MESSAGE", cell: ({ message }) => message },
];

const LOOKS: Readonly<Partial<Record<PodEvent["type"], "green" | "red" | "yellow">>> = {
  ready: "green",
  rejected: "red",
  "not-ready": "red",
  restarted: "yellow",
  "kubelet-down": "red",
  "kubelet-up": "green",
  "runtime-down": "red",
  "runtime-up": "green",
  "config-refused": "red",
  "image-failed": "red",
  drifted: "yellow",
};

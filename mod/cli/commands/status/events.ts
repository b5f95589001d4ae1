import type { PodEvent } from "../../../api/contract/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { isChosen, type PodFlags } from "../../shell/listing.ts";
import { podReference } from "../../shell/parsers.ts";
import { LIST_FLAGS, POD_ALIASES, POD_FLAGS } from "../../shell/shared_flags.ts";
import { podOf } from "./pod_view.ts";
import type { AgentClient } from "../../../api/client/mod.ts";
import { documentOf, podMetadata } from "../../output/mod.ts";
import type { Column } from "../../../text/mod.ts";

interface EventsFlags extends PodFlags {
  readonly noHeaders: boolean;
  readonly watch: boolean;
  readonly follow: boolean;
  readonly audit: boolean;
  readonly output: "table" | "json";
}

export const eventsCommand = defineCommand<EventsFlags, [string?]>({
  docs: {
    brief: "Show what happened to the pods and the node",
    fullDescription: [
      "The pods' life, with the time at which each thing happened: declared, rejected, replacing,",
      "waiting, served, fetched, started, ready, not-ready, ended, restarted, drifted, removed. And",
      "the node's: kubelet and runtime down and up, config changed, applied and refused, images",
      "pulled or not. The agent watches all the time; the last thousand are kept, over restarts too.",
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
      ...POD_FLAGS,
      noHeaders: LIST_FLAGS.noHeaders,
      audit: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only who changed something through the agent, and what",
      },
      output: {
        kind: "enum",
        values: ["table", "json"],
        default: "table",
        brief: "a table, or NDJSON",
      },
    },
    aliases: { ...POD_ALIASES, f: "follow", w: "watch", o: "output" },
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
    ["podstead events -f nginx", "the life of one pod, as it goes on"],
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
    const timeMs = ({ at }: PodEvent) => Date.parse(at);
    try {
      if (flags.output === "json") {
        for await (const event of read(follow)) {
          const metadata = event.name === "" ? {} : { metadata: podMetadata(event) };
          const document = documentOf("PodEvent", { ...metadata, ...event });
          await this.print.item({ kind: "json" }, document, timeMs(event));
        }
        return;
      }
      // What is remembered comes first: the columns are made for all of it.
      const remembered = await Array.fromAsync(read(false));
      const header = !flags.noHeaders;
      if (!follow) return this.print.table(COLUMNS, remembered, { wide: false, header });
      const rows = this.print.rows(COLUMNS, {
        wide: false,
        header,
        first: remembered,
        timeMs,
      });
      for await (const event of read(true)) rows.print([event]);
    } catch (error) {
      if (!interrupted.aborted) throw error;
    }
  },
});

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
  { header: "TIME", cell: ({ at }) => at.replace(/\.\d+Z$/, "Z") },
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

import { formatBytes } from "../../../core/mod.ts";
import type { ServiceView } from "../../../services/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { remoteJson } from "../../shell/many/remote_json.ts";
import { LIST_ALIASES, LIST_FLAGS } from "../../shell/shared_flags.ts";
import { type Column, formatAge, type Look } from "../../../text/mod.ts";
import { isDataOutput } from "../../output/mod.ts";

export const servicesCommand = defineCommand<ListFlags, string[]>({
  docs: {
    brief: "Show the node's services that pods depend on",
    fullDescription: [
      "The state of containerd, podstead and the kubelet (and what else of the kind the node has),",
      'or of the services named. Their logs: "podstead logs SERVICE".',
    ].join("\n"),
  },
  parameters: {
    flags: LIST_FLAGS,
    aliases: LIST_ALIASES,
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "A service", placeholder: "SERVICE" },
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead services", "containerd, podstead and the kubelet"],
    ["podstead services etcd -o json", "another one, for scripts"],
  ],
  async func(this: CliContext, flags, ...names) {
    const items = await servicesOf(this, names);
    // No column of data has the node; of other nodes their names are shown.
    const node = isDataOutput(flags.output) || this.node !== undefined
      ? ""
      : (await clientSettings(this)).node.address;
    await writeListing(this, flags, {
      kind: "ServiceList",
      items,
      document: (service) => service,
      names: ({ name }) => [`service/${name}`],
      ids: ({ name }) => [name],
      columns: columns(node, this.world.clock.now()),
    });
  },
});

async function servicesOf(
  { node }: CliContext,
  names: readonly string[],
): Promise<readonly ServiceView[]> {
  if (node !== undefined) {
    const list = await remoteJson<{ readonly items: readonly ServiceView[] }>(node, [
      "services",
      ...names,
    ]);
    return list.items;
  }
  const { listServices } = await import("../../../services/mod.ts");
  return await listServices(names);
}

function columns(node: string, nowMs: number): readonly Column<ServiceView>[] {
  return [
    { header: "NODE", cell: () => node },
    { header: "SERVICE", cell: ({ name }) => name },
    { header: "STATE", cell: stateCell, look: stateLook },
    { header: "STARTUP", cell: ({ startup }) => startup },
    { header: "PID", cell: ({ pid }) => pid?.toString() ?? "" },
    {
      header: "AGE",
      cell: ({ sinceMs }) => formatAge(sinceMs, nowMs),
      sortValue: ({ sinceMs = nowMs }) => nowMs - sinceMs,
    },
    { header: "RESTARTS", cell: ({ restarts }) => restarts.toString() },
    {
      header: "MEMORY",
      wide: true,
      cell: ({ memoryBytes }) => memoryBytes === undefined ? "" : formatBytes(memoryBytes),
      sortValue: ({ memoryBytes = 0 }) => memoryBytes,
    },
    { header: "STATUS", cell: ({ status }) => status },
  ];
}

function stateCell({ state, subState }: ServiceView): string {
  return state === "active" && subState === "running" ? "running" : `${state} (${subState})`;
}

function stateLook({ state }: ServiceView): Look {
  return state === "active" ? "green" : state === "failed" ? "red" : "yellow";
}

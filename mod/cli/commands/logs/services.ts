import { formatBytes } from "../../../core/mod.ts";
import type { ServiceView } from "../../../services/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { type Column, formatAge, formatTable, type Look } from "../../../text/mod.ts";
import { formatData, isDataOutput, type Output, parseOutput } from "../../output/mod.ts";

interface ServicesFlags {
  readonly output: Output;
}

export const servicesCommand = defineCommand<ServicesFlags, string[]>({
  docs: {
    brief: "Show the node's services that pods depend on",
    fullDescription: [
      "The state of containerd, podstead and the kubelet (and what else of the kind the node has),",
      'or of the services named. Their logs: "podstead logs SERVICE".',
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
    },
    aliases: { o: "output" },
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "A service", placeholder: "SERVICE" },
    },
  },
  examples: [
    ["podstead services", "containerd, podstead and the kubelet"],
    ["podstead services etcd -o json", "another one, for scripts"],
  ],
  async func(this: CliContext, { output }, ...names) {
    const { listServices } = await import("../../../services/mod.ts");
    const services = await listServices(names);
    const { stdout } = this.world;
    if (isDataOutput(output)) {
      stdout.write(await formatData(output, { apiVersion: "podstead.dev/v1", items: services }));
      return;
    }
    const { node } = await clientSettings(this);
    stdout.write(formatTable(columns(node.address, this.world.clock.now()), services, {
      wide: output.kind === "wide",
      style: styleOf(this, stdout),
    }));
  },
});

function columns(node: string, nowMs: number): readonly Column<ServiceView>[] {
  return [
    { header: "NODE", cell: () => node },
    { header: "SERVICE", cell: ({ name }) => name },
    { header: "STATE", cell: stateCell, look: stateLook },
    { header: "STARTUP", cell: ({ startup }) => startup },
    { header: "PID", cell: ({ pid }) => pid?.toString() ?? "" },
    { header: "AGE", cell: ({ sinceMs }) => formatAge(sinceMs, nowMs) },
    { header: "RESTARTS", cell: ({ restarts }) => restarts.toString() },
    {
      header: "MEMORY",
      wide: true,
      cell: ({ memoryBytes }) => memoryBytes === undefined ? "" : formatBytes(memoryBytes),
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

import type { FleetNode } from "../../../fleet/operator/mod.ts";
import { type LabelSelector, parseLabelSelector, selectsLabels } from "../../../core/mod.ts";
import type { Column } from "../../../text/mod.ts";
import { isDataOutput, type Output, parseOutput } from "../../output/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";

interface MembersFlags extends FleetPlaceFlags {
  readonly output: Output<"table" | "wide">;
  readonly selector?: readonly LabelSelector[];
}

/** A node with its state in the current roll-out. */
type Row = FleetNode & { readonly state: string | undefined };

const COLUMNS: readonly Column<Row>[] = [
  { header: "node", cell: ({ name }) => name },
  { header: "there", cell: ({ alive }) => alive === undefined ? "no" : "yes" },
  {
    header: "ready",
    cell: ({ alive }) => alive === undefined ? "-" : `${alive.ready}/${alive.pods}`,
  },
  { header: "revision", cell: ({ alive }) => alive === undefined ? "-" : String(alive.revision) },
  { header: "rollout", cell: ({ state }) => state ?? "-" },
  { header: "labels", cell: ({ member }) => labelsOf(member?.labels ?? {}) },
  { header: "message", cell: ({ report }) => report?.message ?? "" },
  { header: "address", wide: true, cell: ({ member }) => member?.address ?? "-" },
  { header: "version", wide: true, cell: ({ member }) => member?.version ?? "-" },
];

export const membersCommand = defineCommand<MembersFlags>({
  docs: {
    brief: "List the nodes of the fleet",
    fullDescription: [
      "From etcd: which nodes are there, how many of their pods are ready, and where each stands in",
      "the current roll-out. A node that gives no sign for a minute is not there.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...FLEET_PLACE_FLAGS,
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text, ["table", "wide"]),
        default: "table",
        brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
      selector: {
        kind: "parsed",
        parse: parseLabelSelector,
        optional: true,
        variadic: true,
        brief: "Only nodes with these labels, such as role=web,zone!=b",
        placeholder: "SELECTOR",
      },
    },
    aliases: { o: "output", l: "selector" },
  },
  examples: [
    ["podstead fleet members", "every node, and whether it is there"],
    ["podstead fleet members -l role=web -o wide", "those with a label, with address and version"],
  ],
  async func(this: CliContext, flags) {
    const { readFleet } = await import("../../../fleet/operator/mod.ts");
    const { output, selector = [] } = flags;
    await withFleet(this, flags, async ({ etcd, keys }) => {
      const { nodes, rollout } = await readFleet(etcd, keys);
      const rows = nodes.filter(({ member }) => selectsLabels(selector.flat(), member?.labels ?? {}))
        .map((node): Row => ({ ...node, state: rollout?.states[node.name] }));
      if (isDataOutput(output)) {
        const items = rows.map(({ state, ...node }) => ({ ...node, rollout: state }));
        await this.print.data(output, { apiVersion: "podstead.dev/v1", kind: "MemberList", items });
      } else if (rows.length === 0) this.world.stdout.write("no members\n");
      else this.print.table(COLUMNS, rows, { wide: output.kind === "wide" });
    });
  },
});

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(",") || "-";
}

import { asJson, type MemberDocument } from "../../output/mod.ts";
import type { FleetNode } from "../../../fleet/operator/mod.ts";
import { type LabelSelector, selectsLabels } from "../../../core/mod.ts";
import type { Column } from "../../../text/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { LIST_ALIASES, LIST_FLAGS, nodeLabelFlag } from "../../shell/shared_flags.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";

interface MembersFlags extends FleetPlaceFlags, ListFlags {
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
      ...LIST_FLAGS,
      selector: nodeLabelFlag,
    },
    aliases: { ...LIST_ALIASES, l: "selector" },
  },
  examples: [
    ["podstead fleet members", "every node, and whether it is there"],
    ["podstead fleet members -l role=web -o wide", "those with a label, with address and version"],
  ],
  async func(this: CliContext, flags) {
    const { readFleet } = await import("../../../fleet/operator/mod.ts");
    const selector = (flags.selector ?? []).flat();
    await withFleet(this, flags, async ({ etcd, keys }) => {
      const { nodes, rollout } = await readFleet(etcd, keys);
      const rows = nodes.filter(({ member }) => selectsLabels(selector, member?.labels ?? {}))
        .map((node): Row => ({ ...node, state: rollout?.states[node.name] }));
      await writeListing(this, flags, {
        kind: "MemberList",
        items: rows,
        document: ({ state, ...node }) => asJson<MemberDocument>({ ...node, rollout: state }),
        names: ({ name }) => [`node/${name}`],
        ids: ({ name }) => [name],
        columns: COLUMNS,
      });
      if (rows.length === 0) this.world.stderr.write("No members\n");
    });
  },
});

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(",") || "-";
}

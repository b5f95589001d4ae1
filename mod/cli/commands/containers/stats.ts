import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import {
  type ContainerUsageDocument,
  customColumns,
  isDataOutput,
  listOf,
} from "../../output/mod.ts";
import {
  isChosen,
  type ListFlags,
  type Listing,
  type PodFlags,
  sortItems,
  writeListing,
} from "../../shell/listing.ts";
import { durationOf, podReference } from "../../shell/parsers.ts";
import {
  kubernetesFlag,
  LIST_ALIASES,
  LIST_FLAGS,
  POD_ALIASES,
  POD_FLAGS,
} from "../../shell/shared_flags.ts";
import type { Column } from "../../../text/mod.ts";
import type { NodeUsage } from "../../../api/contract/mod.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { type Row, STATS_COLUMNS, statsRows } from "./stats_table.ts";

interface StatsFlags extends ListFlags, PodFlags {
  readonly kubernetes: boolean;
  readonly watch: boolean;
  readonly interval: number;
}

export const statsCommand = defineCommand<StatsFlags, [string?]>({
  docs: {
    brief: "Show what containers use of CPU, memory and network",
    fullDescription: [
      "Measures for one interval. CPU is in cores; CPU% and MEM% are shares of the container's",
      "limit, or of the node's CPUs where it has none. Memory is what cannot be taken back",
      "without swapping. The network is the pod's; those on the host's network have none.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      ...LIST_FLAGS,
      ...POD_FLAGS,
      watch: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Go on measuring, until interrupted",
      },
      interval: {
        kind: "parsed",
        parse: durationOf("--interval", 200),
        default: "1s",
        brief: "How long one measurement takes",
        placeholder: "DURATION",
      },
    },
    aliases: { ...LIST_ALIASES, ...POD_ALIASES, k: "kubernetes", w: "watch" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: podReference,
          brief: "POD, or POD:CONTAINER; everything without it",
          placeholder: "ID",
          optional: true,
        },
      ],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead stats -k", "every container of the node"],
    ["podstead stats -w --sort-by cpu", "again and again, who uses the most CPU first"],
    ["podstead stats nginx -o json", "one pod, for scripts"],
  ],
  async func(this: CliContext, flags, reference) {
    const { watch, interval } = flags;
    if (interval > MAX_INTERVAL_MS) {
      throw new UsageError(`--interval must be at most 1h, current value is ${interval} ms`);
    }
    const { interrupted } = this.world;
    const request = { intervalMs: interval, ...(reference === undefined ? {} : { reference }) };
    try {
      await withNode(this, async (node) => {
        const show = watch ? watchPrinter(this, flags) : undefined;
        for await (const measured of node.usage(request, interrupted)) {
          const containers = await chosenOf(measured.containers, flags, node);
          const rows = statsRows({ ...measured, containers });
          if (show === undefined) return await writeListing(this, flags, listingOf(rows));
          await show(sortItems(listingOf(rows), flags.sortBy));
        }
      });
    } catch (error) {
      if (!interrupted.aborted) throw error;
    }
  },
});

/** One measurement as a listing. */
function listingOf(items: readonly Row[]): Listing<Row> {
  return {
    kind: "ContainerUsageList",
    items,
    document: usageDocument,
    names: (row) => [`container/${nameOf(row)}`],
    ids: ({ containerId }) => [containerId],
    columns: STATS_COLUMNS,
  };
}

const nameOf = ({ namespace, pod, container }: Row) => `${namespace}/${pod}:${container}`;

/** What was measured, without what the table alone needs. */
function usageDocument(
  { cpuShare: _cpu, memoryShare: _memory, ...row }: Row,
): ContainerUsageDocument {
  return row;
}

/** Shows each measurement of many: below one another, or in place of the one before. */
function watchPrinter(
  { world: { stdout }, print }: CliContext,
  { output, quiet, noHeaders }: StatsFlags,
): (rows: readonly Row[]) => void | Promise<void> {
  if (output.kind === "name" || quiet) {
    throw new UsageError("Names do not change with each measurement", {
      hint: "Leave --watch out",
    });
  }
  if (isDataOutput(output)) {
    return async (rows) => {
      const items = rows.map(usageDocument);
      await print.item(output, listOf("ContainerUsageList", items));
    };
  }
  const look = { wide: output.kind === "wide", header: !noHeaders };
  const columns = output.kind === "custom-columns"
    ? customColumns(output.columns).map((column): Column<Row> => ({
      header: column.header,
      cell: (row) => column.cell(usageDocument(row)),
    }))
    : STATS_COLUMNS;
  if (!stdout.isTTY) {
    const printer = print.rows(columns, look);
    return (rows) => printer.print(rows);
  }
  return (rows) => {
    stdout.write(CLEARED_SCREEN);
    print.table(columns, rows, look);
  };
}

/** Those of the pods that the flags are about; usage itself knows no labels. */
async function chosenOf(
  containers: NodeUsage["containers"],
  flags: PodFlags,
  node: NodeReader,
): Promise<NodeUsage["containers"]> {
  if (flags.label === undefined) {
    return containers.filter((one) => isChosen(flags, { ...one, labels: {} }));
  }
  const { pods } = await node.pods({ labels: true });
  const wanted = new Set(
    pods.filter((pod) => isChosen(flags, pod)).map(({ sandboxId }) => sandboxId),
  );
  return containers.filter(({ sandboxId }) => wanted.has(sandboxId));
}

/** Cursor home, and away with what was there. */
const CLEARED_SCREEN = "\x1b[H\x1b[2J";

const MAX_INTERVAL_MS = 3_600_000;

import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import { isDataOutput, type Output } from "../../output/mod.ts";
import { isChosen, type PodFlags } from "../../shell/listing.ts";
import { durationOf, podReference } from "../../shell/parsers.ts";
import {
  kubernetesFlag,
  LIST_FLAGS,
  POD_ALIASES,
  POD_FLAGS,
  tableOutputFlag,
} from "../../shell/shared_flags.ts";
import type { NodeUsage } from "../../../api/contract/mod.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { SORTS, STATS_COLUMNS, type StatsSort, statsTable } from "./stats_table.ts";

interface StatsFlags extends PodFlags {
  readonly kubernetes: boolean;
  readonly noHeaders: boolean;
  readonly watch: boolean;
  readonly interval: number;
  readonly sort: StatsSort;
  readonly output: Output;
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
      ...POD_FLAGS,
      noHeaders: LIST_FLAGS.noHeaders,
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
      sort: {
        kind: "enum",
        values: SORTS,
        default: "name",
        brief: "What comes first: the name, or who uses the most",
      },
      output: tableOutputFlag,
    },
    aliases: { ...POD_ALIASES, k: "kubernetes", w: "watch", o: "output" },
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
    ["podstead stats -w --sort cpu", "again and again, who uses the most CPU first"],
    ["podstead stats nginx -o json", "one pod, for scripts"],
  ],
  async func(this: CliContext, flags, reference) {
    const { watch, interval, output, sort } = flags;
    if (interval > MAX_INTERVAL_MS) {
      throw new UsageError(`--interval must be at most 1h, current value is ${interval} ms`);
    }
    const { stdout, interrupted } = this.world;
    const request = { intervalMs: interval, ...(reference === undefined ? {} : { reference }) };
    const look = { wide: output.kind === "wide", header: !flags.noHeaders };
    // In place of the measurement before; rows of many nodes stand below one another.
    const redraws = watch && stdout.isTTY;
    const printer = watch && !redraws && !isDataOutput(output)
      ? this.print.rows(STATS_COLUMNS, look)
      : undefined;
    try {
      await withNode(this, async (node) => {
        for await (const measured of node.usage(request, interrupted)) {
          const containers = await chosenOf(measured.containers, flags, node);
          const usage = { ...measured, containers };
          if (!isDataOutput(output)) {
            const { columns, rows } = statsTable(usage, sort);
            if (redraws) stdout.write(CLEARED_SCREEN);
            if (printer === undefined) this.print.table(columns, rows, look);
            else printer.print(rows);
          } else {
            const document = {
              apiVersion: "podstead.dev/v1",
              kind: "ContainerUsageList",
              items: usage.containers.map((item) => ({ node: usage.node, ...item })),
            };
            await (watch ? this.print.item : this.print.data)(output, document);
          }
          if (!watch) return;
        }
      });
    } catch (error) {
      if (!interrupted.aborted) throw error;
    }
  },
});

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

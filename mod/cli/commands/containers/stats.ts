import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import { isDataOutput, type Output, parseOutput } from "../../output/mod.ts";
import { durationOf } from "../../shell/parsers.ts";
import { kubernetesFlag } from "../../shell/shared_flags.ts";
import { SORTS, STATS_COLUMNS, type StatsSort, statsTable } from "./stats_table.ts";

interface StatsFlags {
  readonly kubernetes: boolean;
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
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text),
        default: "table",
        brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
    },
    aliases: { k: "kubernetes", w: "watch", o: "output" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
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
    const wide = output.kind === "wide";
    // In place of the measurement before; rows of many nodes stand below one another.
    const redraws = watch && stdout.isTTY;
    const printer = watch && !redraws && !isDataOutput(output)
      ? this.print.rows(STATS_COLUMNS, { wide })
      : undefined;
    try {
      await withNode(this, async (node) => {
        for await (const usage of node.usage(request, interrupted)) {
          if (!isDataOutput(output)) {
            const { columns, rows } = statsTable(usage, sort);
            if (redraws) stdout.write(CLEARED_SCREEN);
            if (printer === undefined) this.print.table(columns, rows, { wide });
            else printer.print(rows);
          } else {
            const document = {
              apiVersion: "podstead.dev/v1",
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

/** Cursor home, and away with what was there. */
const CLEARED_SCREEN = "\x1b[H\x1b[2J";

const MAX_INTERVAL_MS = 3_600_000;

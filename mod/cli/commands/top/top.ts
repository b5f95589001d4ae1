import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { durationOf } from "../../shell/parsers.ts";
import { TOP_SORTS, type TopSort } from "./model.ts";

interface TopFlags {
  readonly interval: number;
  readonly sort: TopSort;
}

export const topCommand = defineCommand<TopFlags, [string?]>({
  docs: {
    brief: "Watch pods, what they use and write, on a live screen",
    fullDescription: [
      "Every static pod with its state, restarts, age, CPU and memory, the worst first; below it",
      "the log of the selected one, its page (d) or its events (e). The key ? shows all keys, q ends",
      "it. It needs a terminal; for scripts there is `podstead stats`.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      interval: {
        kind: "parsed",
        parse: durationOf("--interval", 200),
        default: "2s",
        brief: "How often the node is asked",
        placeholder: "DURATION",
      },
      sort: {
        kind: "enum",
        values: TOP_SORTS,
        default: "worst",
        brief: "What comes first",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        brief: "Only pods with this in name, reason or image",
        placeholder: "TEXT",
        optional: true,
      }],
    },
  },
  nodes: { policy: "one" },
  examples: [
    ["podstead top", "the pods of this node, the worst first"],
    ["podstead top kube-system --sort memory", "those of the control plane, the largest first"],
  ],
  async func(this: CliContext, { interval, sort }, filter = "") {
    const { stdout, stdinIsTTY, env } = this.world;
    if (!stdout.isTTY || !stdinIsTTY || env["TERM"] === "dumb") {
      throw new UsageError("top needs a terminal that can move its cursor", {
        hint: "Once, for scripts: podstead stats, podstead get pods",
      });
    }
    const { runTop } = await import("./run_top.ts");
    await runTop(this, { intervalMs: interval, sort, filter });
  },
});

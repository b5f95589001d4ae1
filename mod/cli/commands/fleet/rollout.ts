import { buildRouteMap } from "@stricli/core";
import type { PastRollout } from "../../../fleet/operator/mod.ts";
import type { Column } from "../../../text/mod.ts";
import {
  asJson,
  documentOf,
  type FleetRolloutDocument,
  isDataOutput,
  type Output,
} from "../../output/mod.ts";
import { defineCommand, type Example } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { LIST_ALIASES, LIST_FLAGS, proseOutputFlag } from "../../shell/shared_flags.ts";
import { applyCommand } from "./apply.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";
import { countsText, rolloutLines } from "./rollout_report.ts";

interface ShowFlags extends FleetPlaceFlags {
  readonly output: Output<"text">;
}

const SHOW = {
  flags: { ...FLEET_PLACE_FLAGS, output: proseOutputFlag },
  aliases: { o: "output" },
} as const;

const statusCommand = defineCommand<ShowFlags>({
  docs: {
    brief: "Show how the current roll-out stands",
    fullDescription: "Exit code 0: it runs, is paused or done. 1: it is halted or aborted.",
  },
  parameters: SHOW,
  examples: [["podstead fleet rollout status", "state, batch, and each node that is not well"]],
  async func(this: CliContext, flags) {
    const { readFleet } = await import("../../../fleet/operator/mod.ts");
    await withFleet(this, flags, async ({ etcd, keys }) => {
      const { rollout, nodes } = await readFleet(etcd, keys);
      if (isDataOutput(flags.output)) {
        const { fence: _, ...rest } = rollout ?? {};
        const document = asJson<FleetRolloutDocument>(rest);
        await this.print.data(flags.output, documentOf("FleetRollout", document));
      } else if (rollout === undefined) this.world.stdout.write("no roll-out yet\n");
      else {
        const lines = rolloutLines(rollout, nodes);
        this.world.stdout.write(lines.map((line) => `${line}\n`).join(""));
      }
      if (rollout?.state === "halted" || rollout?.state === "aborted") {
        this.process.exitCode = EXIT.failed;
      }
    });
  },
});

interface CommandFlags extends FleetPlaceFlags {
  readonly message?: string;
}

function commandOf(
  command: "pause" | "resume" | "abort",
  brief: string,
  text: string,
  example: Example,
) {
  return defineCommand<CommandFlags>({
    docs: { brief, fullDescription: text },
    parameters: {
      flags: {
        ...FLEET_PLACE_FLAGS,
        message: {
          kind: "parsed",
          parse: String,
          optional: true,
          brief: "Why, for those who look at it",
          placeholder: "TEXT",
        },
      },
      aliases: { m: "message" },
    },
    examples: [example],
    async func(this: CliContext, flags) {
      const { commandRollout } = await import("../../../fleet/operator/mod.ts");
      await withFleet(this, flags, async ({ etcd, keys }) => {
        const reason = flags.message ?? "a person asked for it";
        const { id, state } = await commandRollout(etcd, keys, command, reason);
        this.world.stdout.write(`rollout ${id} is ${state}\n`);
      });
    },
  });
}

const historyCommand = defineCommand<FleetPlaceFlags & ListFlags>({
  docs: {
    brief: "List the roll-outs of the fleet, newest first",
    fullDescription: "The last 20 are kept in etcd, with what they brought.",
  },
  parameters: { flags: { ...FLEET_PLACE_FLAGS, ...LIST_FLAGS }, aliases: LIST_ALIASES },
  examples: [["podstead fleet rollout history", "when, by whom, how it ended"]],
  async func(this: CliContext, flags) {
    const { listRollouts } = await import("../../../fleet/operator/mod.ts");
    await withFleet(this, flags, async ({ etcd, keys }) => {
      const items = await listRollouts(etcd, keys);
      await writeListing(this, flags, {
        kind: "FleetRolloutList",
        items,
        document: (rollout) => asJson<FleetRolloutDocument>(rollout),
        names: ({ spec }) => [`rollout/${spec.id}`],
        ids: ({ spec }) => [spec.id],
        columns: COLUMNS,
      });
      if (items.length === 0) this.world.stderr.write("No roll-out yet\n");
    });
  },
});

const COLUMNS: readonly Column<PastRollout>[] = [
  { header: "rollout", cell: ({ spec }) => spec.id },
  { header: "state", cell: ({ state }) => state },
  { header: "nodes", cell: ({ counts }) => countsText(counts) },
  { header: "by", cell: ({ spec }) => spec.by },
  { header: "message", cell: ({ spec, reason }) => spec.message ?? reason ?? "" },
];

/** `podstead fleet rollout`. */
export const rolloutCommands = buildRouteMap({
  routes: {
    apply: applyCommand,
    status: statusCommand,
    pause: commandOf(
      "pause",
      "Let no further node begin",
      "Nodes that have begun finish.",
      ["podstead fleet rollout pause -m 'look at node-3 first'", "no other node begins"],
    ),
    resume: commandOf(
      "resume",
      "Continue a roll-out that is paused or halted",
      "Nodes that failed or were skipped have their turn again, in their places.",
      ["podstead fleet rollout resume", "after what was wrong is fixed"],
    ),
    abort: commandOf(
      "abort",
      "End a roll-out; nodes keep what they have",
      "To go back, roll the earlier files out.",
      ["podstead fleet rollout abort", "another one can begin then"],
    ),
    history: historyCommand,
  },
  docs: { brief: "Roll pods out over the fleet, and look after it" },
});

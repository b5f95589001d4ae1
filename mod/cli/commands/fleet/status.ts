import type { FleetView } from "../../../api/contract/mod.ts";
import { errorText, PodsteadError } from "../../../core/mod.ts";
import type { FleetOverview } from "../../../fleet/operator/mod.ts";
import { asJson, documentOf, isDataOutput, type Output } from "../../output/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { showRemote } from "../../shell/many/remote_json.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";
import { rolloutLines } from "./rollout_report.ts";

interface StatusFlags extends FleetPlaceFlags {
  readonly output: Output<"text">;
}

export const statusCommand = defineCommand<StatusFlags>({
  docs: {
    brief: "Show how this node and its fleet stand",
    fullDescription: [
      "This node's part, from its agent; then the fleet, from etcd. Where etcd does not answer, the",
      "fleet is Unknown since that moment: no pod depends on it.",
      "",
      "Exit code 0: etcd answers, and the roll-out is not halted. 1: it is, or this node has stopped",
      "taking part. 69: etcd does not answer.",
    ].join("\n"),
  },
  parameters: {
    flags: { ...FLEET_PLACE_FLAGS, output: proseOutputFlag },
    aliases: { o: "output" },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead fleet status", "this node, the members, the current roll-out"],
    ["podstead -N node-1 fleet status", "as that node sees it"],
  ],
  async func(this: CliContext, flags) {
    if (this.node !== undefined) {
      return await showRemote(this, this.node, ["fleet", "status"], flags.output);
    }
    const { stdout, stderr } = this.world;
    const node = await agentOf(this).then((agent) => agent.fleet({})).catch(() => undefined);
    const { readFleet } = await import("../../../fleet/operator/mod.ts");
    let fleet: FleetOverview | undefined;
    let failure: unknown;
    try {
      fleet = await withFleet(this, flags, ({ etcd, keys }) => readFleet(etcd, keys));
    } catch (error) {
      const isAway = error instanceof PodsteadError && error.code === "etcd-unavailable";
      // What the agent says is still shown.
      if (!isAway && node !== undefined && !isDataOutput(flags.output)) {
        stdout.write(nodeLines(node));
      }
      if (!isAway) throw error;
      failure = error;
    }
    if (isDataOutput(flags.output)) {
      const { fence: _, ...rollout } = fleet?.rollout ?? {};
      const document = documentOf("FleetStatus", {
        node: node ?? null,
        fleet: fleet === undefined
          ? null
          : asJson({ ...fleet, rollout: fleet.rollout === undefined ? null : rollout }),
      });
      await this.print.data(flags.output, document);
    } else {
      if (node !== undefined) stdout.write(nodeLines(node));
      if (fleet !== undefined) stdout.write(fleetLines(fleet));
      else stdout.write(`fleet     Unknown since ${node?.since ?? "now"}: etcd does not answer\n`);
    }
    if (failure !== undefined) {
      stderr.write(`error: ${errorText(failure)}\n`);
      this.process.exitCode = EXIT.unreachable;
    } else if (node?.connection === "stopped" || fleet?.rollout?.state === "halted") {
      this.process.exitCode = EXIT.failed;
    }
  },
});

const CONNECTION: Readonly<Record<FleetView["connection"], string>> = {
  none: "is a member of no fleet",
  connecting: "waits for etcd",
  connected: "takes part",
  lost: "cannot reach etcd; its pods are not affected",
  stopped: "has stopped taking part",
  detached: "was taken out of the fleet; its pods stay",
};

/** How this node stands. */
export function nodeLines({ connection, since, message, file, turn }: FleetView): string {
  const lines = [
    `node      ${CONNECTION[connection]}${since === undefined ? "" : `, since ${since}`}`,
    ...(message === undefined ? [] : [`          ${message}`]),
    ...(connection === "stopped"
      ? ["          If that etcd is right: podstead fleet rollout apply --after-restore -f FILE"]
      : []),
    ...(file === undefined ? [] : [`file      ${file}`]),
    ...(turn === undefined ? [] : [
      `turn      ${turn.id}: ${turn.end ?? "updating"}${
        turn.message === undefined ? "" : `: ${turn.message}`
      }${turn.end !== undefined && !turn.told ? " (etcd does not know yet)" : ""}`,
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function fleetLines(fleet: FleetOverview): string {
  const members = fleet.nodes.filter(({ member }) => member !== undefined);
  const there = members.filter(({ alive }) => alive !== undefined).length;
  const gone = members.filter(({ alive }) => alive === undefined).map(({ name }) => name);
  const named = gone.slice(0, 5).join(", ") + (gone.length > 5 ? " …" : "");
  return `members   ${there} of ${members.length} there${named === "" ? "" : `; not ${named}`}\n` +
    (fleet.rollout === undefined
      ? "rollout   none yet\n"
      : rolloutLines(fleet.rollout, fleet.nodes).map((line) => `${line}\n`).join(""));
}

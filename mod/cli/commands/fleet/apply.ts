import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import {
  type LabelSelector,
  parseLabelSelector,
  PodsteadError,
  selectsLabels,
  UsageError,
} from "../../../core/mod.ts";
import { parseBatches, rolloutName, splitIntoBatches } from "../../../fleet/plan/mod.ts";
import type { FleetOverview } from "../../../fleet/operator/mod.ts";
import { documentOf, isDataOutput, type Output } from "../../output/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { confirm } from "../../shell/confirm.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { countOf, durationOf } from "../../shell/parsers.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { FLEET_PLACE_FLAGS, type FleetPlaceFlags, withFleet } from "./connect.ts";

interface ApplyFlags extends FleetPlaceFlags {
  readonly filename: readonly string[];
  readonly selector?: readonly LabelSelector[];
  readonly only?: readonly string[];
  readonly batches: string;
  readonly maxFailures: number;
  readonly maxUnavailable: number;
  /** Milliseconds, as the next. */
  readonly settle: number;
  readonly timeout: number;
  readonly message?: string;
  readonly afterRestore: boolean;
  readonly dryRun: boolean;
  readonly noWait: boolean;
  readonly yes: boolean;
  readonly output: Output<"text">;
}

/** More at a time would only wait for each other in etcd. */
const DEFAULT_AT_A_TIME = "50";

const parsed = <T>(parse: (text: string) => T, brief: string, placeholder: string) =>
  ({ kind: "parsed", parse, brief, placeholder }) as const;
const flag = (brief: string) =>
  ({ kind: "boolean", default: false, withNegated: false, brief }) as const;

export const applyCommand = defineCommand<ApplyFlags>({
  docs: {
    brief: "Roll pods out over the fleet, batch by batch",
    fullDescription: [
      "The files are all that the fleet gives its nodes: a pod that is not in them any longer goes.",
      "Each node takes them in its turn, on trial: if a changed pod does not become ready and stay",
      "so, the node goes back by itself, the roll-out halts, and no other node is touched. Nodes",
      "that are not there are skipped; they take it when they are back, in their turn.",
      "",
      "The command waits for the end. It may be interrupted: the nodes do not need it.",
      "",
      "Exit code 0: done. 1: halted, aborted or refused. 69: etcd does not answer. 78: the files",
      "cannot be used.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...FLEET_PLACE_FLAGS,
      filename: {
        ...parsed(String, "File, directory or - (standard input); may be repeated", "FILE"),
        variadic: true,
      },
      selector: {
        ...parsed(
          parseLabelSelector,
          "Only nodes with these labels, such as role=web,zone!=b",
          "SELECTOR",
        ),
        optional: true,
        variadic: true,
      },
      only: {
        ...parsed(String, "Only this node; may be repeated", "NODE"),
        optional: true,
        variadic: true,
      },
      batches: {
        ...parsed(
          String,
          "Sizes of the batches, in nodes or percent; the last is repeated",
          "LIST",
        ),
        default: "1,10%,100%",
      },
      maxFailures: {
        ...parsed(countOf("--max-failures"), "How many nodes may fail before it halts", "N"),
        default: "0",
      },
      maxUnavailable: {
        ...parsed(countOf("--max-unavailable"), "How many nodes change at the same time", "N"),
        default: DEFAULT_AT_A_TIME,
      },
      settle: {
        ...parsed(durationOf("--settle"), "How long the changed pods must stay ready", "DURATION"),
        default: "30s",
      },
      timeout: {
        ...parsed(durationOf("--timeout", 1000), "How long a node may take in all", "DURATION"),
        default: "5m",
      },
      message: { ...parsed(String, "Why, for the history", "TEXT"), optional: true },
      afterRestore: flag("Also for nodes that stopped because etcd was restored from a backup"),
      dryRun: flag("Only show the batches"),
      noWait: flag("Do not wait for the end"),
      yes: flag("Do not ask"),
      output: proseOutputFlag,
    },
    aliases: { f: "filename", l: "selector", m: "message", y: "yes", o: "output" },
  },
  examples: [
    ["podstead fleet rollout apply -f web.yaml", "one node, then a tenth, then all"],
    ["podstead fleet rollout apply -f web/ -l role=web --batches 1,100% --yes", "without asking"],
  ],
  async func(this: CliContext, flags) {
    const { beginRollout, readFleet } = await import("../../../fleet/operator/mod.ts");
    const { readFleetConfig } = await import("./fleet_config.ts");
    const { followRollout } = await import("./follow.ts");
    const { stdout, clock } = this.world;
    const config = await readFleetConfig(this, flags.filename);
    const batches = parseBatches(flags.batches);
    if (flags.maxUnavailable < 1) throw new UsageError("--max-unavailable must be at least 1");
    if (flags.settle >= flags.timeout) {
      throw new UsageError("--timeout must be longer than --settle: a trial could never be kept");
    }
    await withFleet(this, flags, async ({ etcd, keys, name }) => {
      const fleet = await readFleet(etcd, keys);
      const nodes = chosenNodes(fleet, flags);
      if (!isDataOutput(flags.output)) stdout.write(planText(fleet, nodes, flags, config.pods));
      if (flags.dryRun) return;
      const question = `Roll it out over ${nodes.length} nodes of the fleet "${name}"?`;
      if (!flags.yes && !await confirm(this, question)) {
        this.process.exitCode = EXIT.failed;
        return;
      }
      const { settle, timeout, maxFailures, maxUnavailable, message } = flags;
      const { spec } = await beginRollout(etcd, keys, fleet, {
        id: rolloutName(clock.now(), randomBytes(2).toString("hex")),
        text: config.text,
        rules: {
          nodes,
          batches,
          maxFailures,
          maxUnavailable,
          settleMs: settle,
          timeoutMs: timeout,
        },
        createdAt: new Date(clock.now()).toISOString(),
        by: `${userInfo().username}@${hostname()}`,
        afterRestore: flags.afterRestore,
        ...(message === undefined ? {} : { message }),
      });
      if (!isDataOutput(flags.output)) stdout.write(`rollout ${spec.id} has begun\n`);
      const end = flags.noWait
        ? undefined
        : await followRollout(this, etcd, keys, spec, flags.output);
      if (isDataOutput(flags.output)) {
        const told = { id: spec.id, state: end?.state ?? "running", reason: end?.reason ?? null };
        await this.print.data(flags.output, documentOf("FleetRolloutEnd", told));
      }
      if (end !== undefined && end.state !== "done") this.process.exitCode = EXIT.failed;
    });
  },
});

function chosenNodes(
  { nodes }: FleetOverview,
  { selector = [], only = [] }: Pick<ApplyFlags, "selector" | "only">,
): readonly string[] {
  const members = nodes.filter(({ member }) => member !== undefined);
  const unknown = only.filter((one) => !members.some(({ name }) => name === one));
  if (unknown.length > 0) {
    throw new PodsteadError("not-found", `No member of the fleet is named ${unknown.join(", ")}`, {
      hint: 'See "podstead fleet members"',
    });
  }
  const chosen = members.filter(({ name, member }) =>
    selectsLabels(selector.flat(), member?.labels ?? {}) &&
    (only.length === 0 || only.includes(name))
  );
  if (chosen.length > 0) return chosen.map(({ name }) => name);
  throw new PodsteadError("not-found", "No member of the fleet is chosen", {
    hint: 'See "podstead fleet members" for names and labels',
  });
}

/** Nodes of a batch that are named. */
const MAX_NAMED = 8;

function planText(
  { nodes }: FleetOverview,
  chosen: readonly string[],
  { batches, maxFailures, maxUnavailable }: ApplyFlags,
  pods: number,
): string {
  const there = new Set(nodes.filter(({ alive }) => alive !== undefined).map(({ name }) => name));
  const present = chosen.filter((name) => there.has(name));
  const skipped = chosen.filter((name) => !there.has(name));
  const named = (names: readonly string[]) =>
    names.slice(0, MAX_NAMED).join(", ") +
    (names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "");
  const split = splitIntoBatches(present, parseBatches(batches), chosen.length);
  const lines = [
    `${pods} pods for ${chosen.length} nodes; ${maxUnavailable} at a time, ${maxFailures} may fail`,
    ...split.map((batch, at) => `batch ${at + 1}: ${named(batch)}`),
    ...(skipped.length === 0 ? [] : [`skipped, not there: ${named(skipped)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

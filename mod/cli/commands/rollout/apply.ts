import { randomBytes } from "node:crypto";
import { PodsteadError, UsageError } from "../../../core/mod.ts";
import type { RolloutRecord, RolloutStore } from "../../../fleet/drive/mod.ts";
import { type NodeEntry, nodesPath, readNodes, selectNodes } from "../../../fleet/nodes/mod.ts";
import { type BatchSize, parseBatches, rolloutName } from "../../../fleet/plan/mod.ts";
import { isDataOutput, listOf, type Output, parseOutput } from "../../output/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { openLinks } from "../../shell/many/links.ts";
import { countOf, durationOf } from "../../shell/parsers.ts";
import { readChange } from "../change/change_input.ts";
import { drive, rolloutStore } from "./drive.ts";
import { type NodePlan, planItem, planNodes, planReport } from "./plan.ts";

interface RolloutFlags {
  readonly filename: readonly string[];
  readonly batches: readonly BatchSize[];
  readonly maxFailures: number;
  readonly maxUnavailable?: number;
  /** Milliseconds. */
  readonly settle: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly message?: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly output: Output;
}

/** The shortest time that says something about a pod, in milliseconds. */
const MIN_TIMEOUT_MS = 1_000;

export const rolloutApplyCommand = defineCommand<RolloutFlags>({
  docs: {
    brief: "Bring a change to many nodes, a batch at a time, and stop where it fails",
    fullDescription: [
      "Asks each node of -N what the change would do there, shows it, and asks on a terminal.",
      "Then each node tries it, as with apply --mode=try: it goes back by itself unless the changed",
      "pods become and stay ready. The next batch begins when every node of the one before has",
      "ended; as soon as more than --max-failures nodes failed, no other node is touched.",
      "",
      "The nodes are those of the beginning, in the order of -N. One that cannot be reached is",
      "skipped. The roll-out is on disk: if this command ends in the middle, nodes finish what they",
      "began, and rollout resume continues.",
      "",
      "Exit code 0: every node has the change. 1: some do not. 69: no node can be reached. 78: a",
      "node refuses the change, nothing was changed.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      filename: {
        kind: "parsed",
        parse: String,
        variadic: true,
        brief: "File, directory or - (standard input); may be given several times",
        placeholder: "FILE",
      },
      batches: {
        kind: "parsed",
        parse: parseBatches,
        default: "1,10%,100%",
        brief: "Sizes of the batches: counts or shares of the nodes; the last one is repeated",
        placeholder: "SIZES",
      },
      maxFailures: {
        kind: "parsed",
        parse: countOf("--max-failures"),
        default: "0",
        brief: "How many nodes may fail before it halts",
        placeholder: "N",
      },
      maxUnavailable: {
        kind: "parsed",
        parse: countOf("--max-unavailable"),
        optional: true,
        brief: "How many nodes of a batch change at the same time (default: 16)",
        placeholder: "N",
      },
      settle: {
        kind: "parsed",
        parse: durationOf("--settle"),
        default: "30s",
        brief: "How long the changed pods of a node must stay ready",
        placeholder: "DURATION",
      },
      timeout: {
        kind: "parsed",
        parse: durationOf("--timeout", MIN_TIMEOUT_MS),
        default: "5m",
        brief: "How long the trial of one node may take in all",
        placeholder: "DURATION",
      },
      message: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Why, for the history of the nodes",
        placeholder: "TEXT",
      },
      dryRun: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only show the plan",
      },
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text),
        default: "table",
        brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
    },
    aliases: { f: "filename", m: "message", y: "yes", o: "output" },
  },
  nodes: { policy: "own" },
  examples: [
    ["podstead rollout apply -f web.yaml -N @web", "one node first, then a tenth, then the rest"],
    [
      "podstead rollout apply -f web.yaml -N all --batches 1,5 --max-failures 1",
      "after the first one five at a time; one of them may fail",
    ],
  ],
  async func(this: CliContext, flags) {
    const { world, globals } = this;
    if (globals.nodes === undefined) {
      throw new UsageError("A roll-out is for the nodes that -N names", {
        hint: "podstead rollout apply -f FILE -N @web",
      });
    }
    if (flags.maxUnavailable === 0) throw new UsageError("--max-unavailable must be at least 1");
    if (flags.settle >= flags.timeout) {
      throw new UsageError("--timeout must be longer than --settle: a trial could never be kept");
    }
    const file = await readNodes(nodesPath(world.env));
    const nodes = selectNodes(globals.nodes, file);
    await refuseSecond(rolloutStore(this), nodes);
    const operations = await readChange(this, flags.filename);
    const links = await openLinks(file.connectTimeoutMs, world.interrupted);
    const plans = await planNodes(links, nodes, operations).finally(() => links.close());
    if (!await mayStart(this, plans, flags)) return;
    const { batches, maxFailures, maxUnavailable, settle, timeout, message } = flags;
    const createdAt = new Date(world.clock.now()).toISOString();
    const record: RolloutRecord = {
      format: 1,
      id: rolloutName(world.clock.now(), randomBytes(2).toString("hex")),
      createdAt,
      rules: {
        nodes: nodes.map(({ name }) => name),
        batches,
        maxFailures,
        ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
        settleMs: settle,
        timeoutMs: timeout,
      },
      targets: nodes,
      operations,
      ...(message === undefined ? {} : { message }),
      state: "running",
      nodes: Object.fromEntries(
        plans.flatMap(({ node, state, message: why }) =>
          state === "skipped" || state === "unchanged"
            ? [[node.name, { state, since: createdAt, ...(why ? { message: why } : {}) }]]
            : []
        ),
      ),
    };
    await drive(this, rolloutStore(this), record, flags.output);
  },
});

/** @throws {PodsteadError} if another roll-out changes one of the nodes now */
async function refuseSecond(store: RolloutStore, nodes: readonly NodeEntry[]): Promise<void> {
  for (const { id, state, rules } of await store.list()) {
    const both = nodes.find(({ name }) => rules.nodes.includes(name));
    if (state !== "running" || both === undefined || !await store.isDriven(id)) continue;
    throw new PodsteadError("failed", `The roll-out ${id} is changing "${both.name}" now`, {
      hint: `Wait for it, or stop it: podstead rollout abort ${id}`,
    });
  }
}

/** Shows the plan; false if there is nothing to begin, or it must not begin. */
async function mayStart(
  context: CliContext,
  plans: readonly NodePlan[],
  flags: RolloutFlags,
): Promise<boolean> {
  const { world } = context;
  const { stdout, stderr } = world;
  const of = (state: NodePlan["state"]) => plans.filter((plan) => plan.state === state);
  if (!isDataOutput(flags.output)) {
    stdout.write(planReport(plans, styleOf(context, stdout)));
  } else if (flags.dryRun) {
    await context.print.data(flags.output, listOf("NodePlanList", plans.map(planItem)));
  }
  if (of("skipped").length === plans.length) {
    throw new PodsteadError("agent-unreachable", "None of the nodes can be reached", {
      hint: 'See why with "podstead nodes check -N …"',
    });
  }
  const bad = [...of("refused"), ...of("failed")];
  for (const { node, message } of isDataOutput(flags.output) ? bad : []) {
    stderr.write(`error from node ${node.name}: ${message}\n`);
  }
  if (bad.length > 0) {
    stderr.write("refused: nothing was changed on any node. Fix it, or leave these nodes out\n");
    context.process.exitCode = of("refused").length > 0 ? EXIT.config : EXIT.failed;
    return false;
  }
  const changing = of("changes").length;
  if (changing === 0) {
    stderr.write("nothing changes on any node that can be reached\n");
    context.process.exitCode = of("skipped").length > 0 ? EXIT.failed : EXIT.ok;
    return false;
  }
  if (flags.dryRun) return false;
  if (flags.yes || !world.stdinIsTTY) return true;
  const { confirm } = await import("../../shell/confirm.ts");
  const go = await confirm(context, `This changes ${changing} of ${plans.length} nodes. Go on?`);
  if (!go) context.process.exitCode = EXIT.failed;
  return go;
}

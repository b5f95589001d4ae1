import type { AgentClient } from "../../../api/client/mod.ts";
import type { ReloadOutcome } from "../../../api/contract/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { documentOf, isDataOutput, type Output, type ReloadDocument } from "../../output/mod.ts";
import {
  CHANGE_ALIASES,
  CHANGE_FLAGS,
  type ChangeFlags,
  settleMsOf,
  trialOf,
} from "./change_flags.ts";
import { interruptedPods } from "./change_report.ts";
import { followTrial, trialEndLine } from "./make_change.ts";
import { reloadPlanReport } from "./reload_plan.ts";
import { reloadReport } from "./reload_report.ts";
import { changedPods, waitForPods } from "./wait.ts";
import { WAIT_FLAG } from "../../shell/wait_flag.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";

interface ReloadFlags extends
  Pick<
    ChangeFlags,
    "yes" | "message" | "try" | "confirm" | "timeout" | "settle"
  > {
  readonly output: Output<"text">;
  readonly dryRun: boolean;
  readonly allowRemovals: boolean;
  /** Milliseconds. */
  readonly wait?: number;
}

export const reloadCommand = defineCommand<ReloadFlags>({
  docs: {
    brief: "Apply the config files as they are now",
    fullDescription: [
      "Lets the agent read its config and drop-ins again, and returns when the result is known.",
      "Nothing that is served is lost by a config that cannot be used. With --wait it returns when",
      "every changed pod is ready in its new version and has stayed so for --settle, and every",
      "removed one is gone; or it says which one is not, and why. Where nothing changed it waits",
      "for every pod. With --dry-run it only says what would become of each pod, and which fields",
      "make it so.",
      "",
      "A pod leaves the list only when it was taken out of a source that was read whole. One that",
      "may only be out of sight (a broken file, a lost name, a directory that is gone) is Kept, until",
      "its source is fixed or --allow-removals says that its removal is meant.",
      "",
      "It asks on a terminal where it would restart or end a pod; elsewhere it does not ask.",
      "",
      "Exit code 0: applied, or nothing to change. 78: something was refused. 1: failed, or a pod",
      "was not ready in time.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      dryRun: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only say what would become of each pod",
      },
      allowRemovals: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Also remove the pods that are Kept because their source is not healthy",
      },
      try: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Go back by itself unless the changed pods become and stay ready",
      },
      wait: WAIT_FLAG,
      settle: { ...CHANGE_FLAGS.settle, brief: "How long pods must stay ready (5s; 30s on trial)" },
      confirm: {
        ...CHANGE_FLAGS.confirm,
        brief: 'With --try: whether "podstead confirm" must keep it',
      },
      timeout: { ...CHANGE_FLAGS.timeout, brief: "With --try: how long it may take in all" },
      message: CHANGE_FLAGS.message,
      yes: CHANGE_FLAGS.yes,
    },
    aliases: CHANGE_ALIASES,
  },
  nodes: { policy: "many", changes: true },
  examples: [
    ["podstead reload", "the same as SIGHUP to the agent, but it says what came of it"],
    ["podstead reload --dry-run", "which pods would be replaced, and what changed in them"],
    ["podstead reload --allow-removals", "the directory that is gone was removed on purpose"],
    ["podstead reload --wait=2m", "and returns when the pods are ready"],
    ["podstead reload --try", "and goes back by itself unless they stay ready"],
  ],
  async func(this: CliContext, flags) {
    const agent = await actingAgentOf(this);
    const { allowRemovals, message } = flags;
    const { stdout } = this.world;
    const data = isDataOutput(flags.output) ? flags.output : undefined;
    if (!flags.dryRun && !await isWanted(this, agent, flags)) return;
    const trial = trialOf({ ...flags, mode: "direct", replaceTry: false });
    const outcome = await (flags.dryRun ? agent.plan({ allowRemovals }) : agent.reload({
      allowRemovals,
      ...(trial === undefined ? {} : { trial }),
      ...(message === undefined ? {} : { message }),
    }));
    if (flags.dryRun) {
      if (data !== undefined) {
        await this.print.data(data, reportOf(outcome));
      } else stdout.write(reloadPlanReport(outcome, styleOf(this, stdout)));
      this.process.exitCode = exitCodeOf(outcome);
      return;
    }
    if (data === undefined) {
      stdout.write(reloadReport(outcome, styleOf(this, stdout)));
    }
    const asks = flags.try || (data === undefined && outcome.result !== "unchanged");
    const { running, last } = asks ? await agent.trial({}) : {};
    if (running !== undefined && !flags.try) {
      this.world.stderr.write(
        `on trial: goes back to revision ${running.backTo} by itself unless its pods stay ready\n`,
      );
    }
    const isOver = running === undefined && last?.revision === outcome.revision;
    if (flags.try && (running !== undefined || isOver)) {
      const end = running === undefined
        ? last
        : await followTrial(this, agent, running, data === undefined);
      if (data !== undefined) {
        const trialEnd = end === undefined ? {} : { trialEnd: end };
        await this.print.data(data, reportOf(outcome, trialEnd));
      } else if (isOver && last !== undefined) stdout.write(trialEndLine(last));
      const isGood = end === undefined ? running?.confirm === "manual" : end.result === "kept";
      this.process.exitCode = isGood ? EXIT.ok : EXIT.failed;
      return;
    }
    const waited = flags.wait === undefined ? undefined : await waitForPods(this, agent, {
      pods: changedPods(outcome),
      settleMs: settleMsOf({ ...flags, mode: "direct" }),
      timeoutMs: flags.wait,
    }, data === undefined);
    if (data !== undefined) {
      const notReady = waited === undefined ? {} : { notReady: waited.waitingFor };
      await this.print.data(data, reportOf(outcome, notReady));
    }
    const code = exitCodeOf(outcome);
    const late = waited !== undefined && !waited.settled;
    this.process.exitCode = code === EXIT.ok && late ? EXIT.failed : code;
  },
});

/** Asks on a terminal where the reload would restart or end pods. */
async function isWanted(
  context: CliContext,
  agent: AgentClient,
  { yes, allowRemovals }: ReloadFlags,
): Promise<boolean> {
  if (yes || !context.world.stdinIsTTY) return true;
  const plan = await agent.plan({ allowRemovals });
  const interrupted = interruptedPods({ reload: plan, files: [] });
  if (interrupted.length === 0) return true;
  const { stderr } = context.world;
  stderr.write(reloadPlanReport(plan, styleOf(context, stderr)));
  const { confirm } = await import("../../shell/confirm.ts");
  const what = interrupted.length === 1 ? interrupted[0] : `${interrupted.length} pods`;
  if (await confirm(context, `This restarts or ends ${what}. Go on?`)) return true;
  stderr.write("nothing was changed\n");
  context.process.exitCode = EXIT.failed;
  return false;
}

/** The outcome, with whether it changes what is served, or would, and what came of waiting. */
function reportOf(
  outcome: ReloadOutcome,
  more: Pick<ReloadDocument, "trialEnd" | "notReady"> = {},
) {
  const touched = [...outcome.pods, ...outcome.objects ?? []];
  const changed = touched.some(({ change, state }) =>
    change === "added" || change === "changed" || change === "removed" || state === "Replacing"
  );
  return documentOf("ReloadReport", { changed, ...outcome, ...more });
}

/** Refused by what a person wrote is a config error; podstead's own failure is a failure. */
function exitCodeOf({ result }: ReloadOutcome): number {
  if (result === "applied" || result === "unchanged") return EXIT.ok;
  return result === "failed" ? EXIT.failed : EXIT.config;
}

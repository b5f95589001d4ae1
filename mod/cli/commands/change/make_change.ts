/** The way of every change: look what it does, ask, make it, wait honestly. */
import type { AgentClient } from "../../../api/client/mod.ts";
import type {
  ChangeOperation,
  ChangeOutcome,
  RunningTrial,
  TrialEnd,
  WaitProgress,
} from "../../../api/contract/mod.ts";
import { formatDuration, UsageError } from "../../../core/mod.ts";
import { type DataOutput, documentOf, isDataOutput } from "../../output/mod.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { type ChangeFlags, settleMsOf, trialOf } from "./change_flags.ts";
import { changeReport, interruptedPods } from "./change_report.ts";
import { changedPods, waitForPods } from "./wait.ts";

/** What is changed. */
export interface Change {
  readonly operations: readonly ChangeOperation[];
  readonly rollbackTo?: number;
  /** What the history calls it. */
  readonly trigger: string;
  /** Whether it is always asked for, and `--yes` is wanted without a terminal to ask on. */
  readonly needsYes?: boolean;
  /** Shows what would change, before it is made or only planned; not with a data format. */
  readonly show?: (planned: ChangeOutcome) => void;
  /** Asked on a terminal before it is made, even if it interrupts no pod. */
  readonly question?: string;
  /** Puts what is wrong with pods where a person wrote it; else it is where the pods are declared. */
  readonly placed?: (outcome: ChangeOutcome) => ChangeOutcome;
  /** Further members of the report as data. */
  readonly report?: object;
}

/** Exit code of a dry run with `--exit-code` that found changes. */
const CHANGES = 2;

/** How often a running trial is asked for, in milliseconds. */
const TRIAL_POLL_MS = 500;

/** Makes a change as the flags want it, tells what came of it, and sets the exit code. */
export async function makeChange(
  context: CliContext,
  agent: AgentClient,
  change: Change,
  flags: ChangeFlags,
): Promise<void> {
  const { needsYes = false, show, question, placed = same, report = {}, ...asked } = change;
  const { stdout, stderr } = context.world;
  const request = {
    ...asked,
    ...(flags.partial ? { partial: true } : {}),
    ...(flags.ifRevision === undefined ? {} : { ifRevision: flags.ifRevision }),
    ...(flags.message === undefined ? {} : { message: flags.message }),
  };
  const data = isDataOutput(flags.output) ? flags.output : undefined;
  const tell = (outcome: ChangeOutcome) => {
    if (data === undefined) stdout.write(changeReport(outcome, styleOf(context, stdout)));
  };
  const planned = placed(await agent.change({ ...request, dryRun: true }));
  if (data === undefined) show?.(planned);
  if (flags.dryRun || planned.result !== "planned") {
    tell(planned);
    if (planned.result === "refused") {
      stderr.write(
        "refused: nothing was written. Fix what is named above, or leave it out with --partial\n",
      );
    }
    if (data !== undefined) await tellData(context, data, planned, report);
    const differs = planned.result === "planned" && flags.exitCode;
    context.process.exitCode = planned.result === "refused"
      ? EXIT.config
      : differs
      ? CHANGES
      : EXIT.ok;
    return;
  }
  if (!flags.yes && !await isWanted(context, planned, { needsYes, question, tell })) return;
  const trial = trialOf(flags);
  const outcome = placed(
    await agent.change({ ...request, ...(trial === undefined ? {} : { trial }) }),
  );
  tell(outcome);
  await awaitEnd(context, agent, { outcome, report }, flags);
}

function same(outcome: ChangeOutcome): ChangeOutcome {
  return outcome;
}

/**
 * Asks whether the change should be made, if there is something to ask.
 *
 * @throws {UsageError} if that must be known and there is no terminal to ask on
 */
async function isWanted(
  context: CliContext,
  planned: ChangeOutcome,
  { needsYes, question, tell }: {
    readonly needsYes: boolean;
    readonly question: string | undefined;
    readonly tell: (outcome: ChangeOutcome) => void;
  },
): Promise<boolean> {
  const interrupted = interruptedPods(planned);
  if (interrupted.length === 0 && question === undefined && !needsYes) return true;
  if (context.world.stdinIsTTY) {
    if (interrupted.length > 0 || needsYes) tell(planned);
    const { confirm } = await import("../../shell/confirm.ts");
    const what = interrupted.length === 1 ? interrupted[0] : `${interrupted.length} pods`;
    const text = interrupted.length === 0 ? question : `This restarts or ends ${what}. Go on?`;
    if (await confirm(context, text ?? "Go on?")) return true;
    context.world.stderr.write("nothing was changed\n");
    context.process.exitCode = EXIT.failed;
    return false;
  }
  if (!needsYes) return true;
  const what = interrupted.length === 0
    ? "changes the node"
    : `restarts or ends ${interrupted.join(", ")}`;
  throw new UsageError(`This ${what}, and there is no terminal to ask on`, {
    hint: "Add --yes to continue, or --dry-run to see what it does",
  });
}

/** Waits for the pods, or for the trial, and tells how it ended. */
async function awaitEnd(
  context: CliContext,
  agent: AgentClient,
  { outcome, report }: { readonly outcome: ChangeOutcome; readonly report: object },
  flags: ChangeFlags,
): Promise<void> {
  const data = isDataOutput(flags.output) ? flags.output : undefined;
  const pods = changedPods(outcome.reload);
  let waited: WaitProgress | undefined;
  let ended: TrialEnd | undefined;
  if (!flags.noWait && outcome.trial !== undefined) {
    ended = await followTrial(context, agent, outcome.trial, data === undefined);
  } else if (!flags.noWait && outcome.result === "applied" && pods.length > 0) {
    waited = await waitForPods(context, agent, {
      pods,
      settleMs: settleMsOf(flags),
      timeoutMs: flags.wait,
    }, data === undefined);
  }
  if (data !== undefined) {
    await tellData(context, data, outcome, {
      ...report,
      ...(waited === undefined ? {} : { notReady: waited.waitingFor }),
      ...(ended === undefined ? {} : { trialEnd: ended }),
    });
  }
  const { result } = outcome.reload;
  const bad = result === "failed" || (waited !== undefined && !waited.settled) ||
    (ended !== undefined && ended.result !== "kept");
  // Without --partial, what is refused was refused before: no fault of this change.
  const refused = outcome.result === "refused" || result === "rejected" ||
    flags.partial && result === "partial";
  context.process.exitCode = bad ? EXIT.failed : refused ? EXIT.config : EXIT.ok;
}

/** Follows a trial to its end; undefined when it waits for a person, or the command is stopped. */
export async function followTrial(
  { world: { stdout, stderr, clock, interrupted } }: CliContext,
  agent: AgentClient,
  trial: RunningTrial,
  tell: boolean,
): Promise<TrialEnd | undefined> {
  stderr.write(
    `on trial for up to ${formatDuration(trial.timeoutMs)}; ` +
      `it goes back to revision ${trial.backTo} by itself unless its pods stay ready` +
      `${trial.confirm === "manual" ? ' and "podstead confirm" keeps it' : ""}\n`,
  );
  if (trial.confirm === "manual") return undefined;
  while (!interrupted.aborted) {
    await clock.sleep(TRIAL_POLL_MS, interrupted).catch(() => undefined); // the loop sees it
    const { running, last } = await agent.trial({});
    if (running !== undefined) continue;
    if (last === undefined) return undefined;
    if (tell) stdout.write(trialEndLine(last));
    return last;
  }
  return undefined;
}

/** How a trial ended, in one line. */
export function trialEndLine({ result, revision, backTo, cause }: TrialEnd): string {
  const why = cause === undefined ? "" : `: ${cause}`;
  switch (result) {
    case "kept":
      return `kept: revision ${revision}\n`;
    case "reverted":
      return `reverted to what revision ${backTo} had${why}\n`;
    case "failed":
      return `could not go back to revision ${backTo}${why}\n`;
  }
}

async function tellData(
  { print }: CliContext,
  output: DataOutput,
  { result, files, reload, trial }: ChangeOutcome,
  more: object,
): Promise<void> {
  const report = documentOf("ChangeReport", {
    changed: result === "applied" || result === "planned",
    result,
    revision: reload.revision,
    files: files.map(({ path }) => path),
    pods: reload.pods,
    problems: reload.problems,
    ...(trial === undefined ? {} : { trial }),
    ...more,
  });
  await print.data(output, report);
}

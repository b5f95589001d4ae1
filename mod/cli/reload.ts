import { type AgentClient, PATHS, type ReloadOutcome, type WaitProgress } from "../admin/mod.ts";
import { formatDuration, parseDuration, PodsteadError, UsageError } from "../core/mod.ts";
import { agentOf } from "./agent.ts";
import { defineCommand } from "./command.ts";
import { type CliContext, styleOf } from "./context.ts";
import { EXIT } from "./exit_codes.ts";
import { readNdjson } from "./ndjson.ts";
import { overviewReport } from "./overview.ts";
import { formatData, isDataOutput, type Output, parseOutput } from "./output/mod.ts";
import { reloadPlanReport } from "./reload_plan.ts";
import { reloadReport } from "./reload_report.ts";

interface ReloadFlags {
  readonly output: Output<"text">;
  readonly dryRun: boolean;
  /** Milliseconds. */
  readonly wait?: number;
}

export const reloadCommand = defineCommand<ReloadFlags>({
  docs: {
    brief: "Apply the config files as they are now",
    fullDescription: [
      "Lets the agent read its config and drop-ins anew, and returns when the result is known.",
      "Nothing that is served is lost by a config that cannot be used. With --wait it returns when",
      "every pod is ready in its new version, or says which one is not, and why. With --dry-run it",
      "only says what would become of each pod, and which fields make it so.",
      "",
      "Exit code 0: applied, or nothing to change. 78: something was refused. 1: failed, or a pod",
      "was not ready in time.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text, ["text"], ["table", "wide"]),
        default: "text",
        brief: "text, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
      dryRun: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only say what would become of each pod",
      },
      wait: {
        kind: "parsed",
        parse: waitOf,
        inferEmpty: true,
        optional: true,
        brief: "Wait until the pods are ready, at most so long (60s where nothing is said)",
        placeholder: "DURATION",
      },
    },
    aliases: { o: "output" },
  },
  examples: [
    ["podstead reload", "the same as SIGHUP to the agent, but it says what came of it"],
    ["podstead reload --dry-run", "which pods would be replaced, and what changed in them"],
    ["podstead reload --wait=2m", "and returns when the pods are ready"],
  ],
  async func(this: CliContext, flags) {
    const agent = await agentOf(this);
    const path = flags.dryRun ? `${PATHS.reload}?dryRun=true` : PATHS.reload;
    const outcome = await agent.call<ReloadOutcome>("POST", path);
    const { stdout } = this.world;
    const data = isDataOutput(flags.output) ? flags.output : undefined;
    if (flags.dryRun) {
      stdout.write(
        data === undefined
          ? reloadPlanReport(outcome, styleOf(this, stdout))
          : formatData(data, outcome),
      );
      this.process.exitCode = exitCodeOf(outcome);
      return;
    }
    if (data === undefined) stdout.write(reloadReport(outcome, styleOf(this, stdout)));
    const waited = flags.wait === undefined
      ? undefined
      : await waitForPods(this, agent, flags.wait, data === undefined);
    if (data !== undefined) {
      const { waitingFor = [], pods = [] } = waited ?? {};
      stdout.write(
        formatData(
          data,
          waited === undefined ? outcome : { ...outcome, notReady: waitingFor, pods },
        ),
      );
    }
    const code = exitCodeOf(outcome);
    const late = waited !== undefined && waited.waitingFor.length > 0;
    this.process.exitCode = code === EXIT.ok && late ? EXIT.failed : code;
  },
});

/** `--wait` alone, or with a duration. @throws {UsageError} */
function waitOf(text: string): number {
  const ms = text === "" ? DEFAULT_WAIT_MS : parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= MAX_WAIT_MS) return ms;
  throw new UsageError(
    `--wait must be a duration up to an hour (60s, 5m), current value is "${text}"`,
  );
}

const DEFAULT_WAIT_MS = 60_000;
const MAX_WAIT_MS = 3_600_000;

/** Waits for the pods and tells on stderr for which, at the end why. */
async function waitForPods(
  context: CliContext,
  agent: AgentClient,
  timeoutMs: number,
  tell: boolean,
): Promise<WaitProgress> {
  const { stdout, stderr, interrupted } = context.world;
  const started = context.world.clock.monotonicMs();
  const path = `${PATHS.wait}?timeoutMs=${Math.round(timeoutMs)}`;
  const bytes = await agent.stream(path, { signal: interrupted });
  for await (const progress of readNdjson<WaitProgress>(bytes)) {
    if (!progress.done) {
      stderr.write(`waiting for ${progress.waitingFor.join(", ")}\n`);
      continue;
    }
    if (tell) {
      const took = formatDuration(context.world.clock.monotonicMs() - started);
      stdout.write(
        progress.waitingFor.length === 0
          ? `ready: every pod, after ${took}\n`
          : overviewReport({ pods: progress.pods, node: [] }, styleOf(context, stdout)),
      );
    }
    return progress;
  }
  throw new PodsteadError("agent-unreachable", "The agent ended the wait", {
    hint: 'It may have been stopped or restarted; see "podstead get staticpodstatus"',
  });
}

/** Refused by what a person wrote is a config error; podstead's own failure is a failure. */
function exitCodeOf({ result }: ReloadOutcome): number {
  if (result === "applied" || result === "unchanged") return EXIT.ok;
  return result === "failed" ? EXIT.failed : EXIT.config;
}

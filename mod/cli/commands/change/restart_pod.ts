/** `podstead restart POD`: a whole pod, which begins again as another one. */
import type { AgentClient } from "../../../api/client/mod.ts";
import type { PodOutcome, PodRestart, WaitProgress } from "../../../api/contract/mod.ts";
import { AgentUnreachable, PodsteadError } from "../../../core/mod.ts";
import { documentOf, isDataOutput, type Output, podMetadata } from "../../output/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { knownPod } from "./pod_reference.ts";
import { waitForPods } from "./wait.ts";

/** How a pod is restarted. */
export interface PodRestartFlags {
  readonly output: Output<"text">;
  readonly yes: boolean;
  readonly grace?: number;
  /** Milliseconds; 0 does not wait. */
  readonly wait: number;
  readonly settle: number;
}

/**
 * Restarts a pod that podstead declares, and tells what came of it.
 *
 * @returns false if there is no agent, or podstead does not declare such a pod: nothing was done
 */
export async function restartPod(
  context: CliContext,
  reference: string,
  flags: PodRestartFlags,
): Promise<boolean> {
  const agent = await actingAgentOf(context);
  const pod = await declared(agent, reference);
  if (pod === undefined) return false;
  const key = `${pod.namespace}/${pod.name}`;
  if (flags.grace !== undefined) {
    throw new PodsteadError("usage", "A pod ends with its own grace period, not with --grace", {
      hint: `For one container of it: "podstead restart ${key}:CONTAINER --grace 5s"`,
    });
  }
  if (pod.state === "Stopped") {
    throw new PodsteadError("failed", `The pod ${key} is ${pod.reason}`, {
      hint: `"podstead start ${key}" serves it again`,
    });
  }
  if (!flags.yes) {
    const { confirm } = await import("../../shell/confirm.ts");
    if (!await confirm(context, `End ${key}, and start it again as a new pod?`)) {
      context.process.exitCode = EXIT.failed;
      await tell(context, flags.output, { ...nameOf(pod), changed: false });
      return true;
    }
  }
  const { namespace, name } = pod;
  const restart = await agent.restart({ namespace, name });
  if (!isDataOutput(flags.output)) context.world.stdout.write(restartLine(restart));
  const waited = flags.wait === 0 ? undefined : await waitForPods(context, agent, {
    pods: [{ namespace, name, hash: restart.hash }],
    settleMs: flags.settle,
    timeoutMs: flags.wait,
  }, !isDataOutput(flags.output));
  await tell(context, flags.output, {
    changed: true,
    ...restart,
    ...(waited === undefined ? {} : { notReady: waited.waitingFor }),
  });
  if (waited?.settled === false) context.process.exitCode = EXIT.failed;
  return true;
}

/** What `-o json` says. */
interface PodRestartReport extends Partial<PodRestart> {
  readonly changed: boolean;
  readonly notReady?: WaitProgress["waitingFor"];
}

async function tell(
  { print }: CliContext,
  output: Output<"text">,
  report: PodRestartReport,
): Promise<void> {
  if (!isDataOutput(output)) return;
  const { namespace, name } = report;
  const metadata = namespace === undefined || name === undefined
    ? {}
    : { metadata: podMetadata({ namespace, name }) };
  await print.data(output, documentOf("RestartReport", { ...metadata, ...report }));
}

async function declared(agent: AgentClient, reference: string): Promise<PodOutcome | undefined> {
  try {
    return await knownPod(agent, reference);
  } catch (error) {
    const isElsewhere = error instanceof AgentUnreachable ||
      (error instanceof PodsteadError && error.code === "not-found");
    if (isElsewhere) return undefined;
    throw error;
  }
}

function nameOf({ namespace, name }: PodOutcome) {
  return { namespace, name };
}

function restartLine({ namespace, name, method, why }: PodRestart): string {
  const short = namespace === "default" ? name : `${namespace}/${name}`;
  return `pod/${short} restarted (${method}${why === undefined ? "" : `: ${why}`})\n`;
}

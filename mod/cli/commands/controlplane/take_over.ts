/** `podstead import --take-over`: from the kubelet's folder to podstead, step by step. */
import { mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AwaitedPod } from "../../../api/contract/mod.ts";
import type { ImportedPod } from "../../../controlplane/mod.ts";
import { PodsteadError } from "../../../core/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { reloadReport } from "../change/reload_report.ts";
import { styleOf } from "../../shell/context.ts";

/** How long a step may take until its pods are ready, in milliseconds: an image may have to come. */
const STEP_TIMEOUT_MS = 3 * 60 * 1000;
/** How long they must stay so, in milliseconds. */
const SETTLE_MS = 3_000;

/**
 * Has the agent serve the pods, and moves each manifest out of the folder when
 * the one before is ready. A step that fails is put back.
 *
 * @returns whether every manifest was taken over
 * @throws {PodsteadError} if the agent does not serve all of them; nothing was moved then
 */
export async function takeOver(
  context: CliContext,
  folder: string,
  pods: readonly ImportedPod[],
): Promise<boolean> {
  const { takeOverManifests, takeOverSteps } = await import("../../../controlplane/mod.ts");
  const { stdout, stderr } = context.world;
  const agent = await actingAgentOf(context);
  const outcome = await agent.reload({ allowRemovals: false });
  stderr.write(reloadReport(outcome, styleOf(context, stderr)));
  const served = new Map<string, AwaitedPod>();
  for (const { namespace, name, hash, state } of outcome.pods) {
    if (state === "Served") served.set(`${namespace}/${name}`, { namespace, name, hash });
  }
  const missing = pods.filter(({ key }) => !served.has(key));
  if (missing.length > 0) {
    throw new PodsteadError(
      "failed",
      `Cannot take over: podstead does not serve ${missing.map(({ key }) => key).join(", ")}`,
      { hint: "Nothing was moved. See `podstead get staticpods -o wide`" },
    );
  }
  const away = `${folder.replace(/\/$/, "")}.imported`;
  await mkdir(away, { recursive: true, mode: 0o700 });
  const result = await takeOverManifests(takeOverSteps(pods), {
    moveAway: (file) => rename(file, join(away, basename(file))),
    putBack: (file) => rename(join(away, basename(file)), file),
    onStep: (step) => stderr.write(`taking over ${step.map(({ key }) => key).join(" and ")}\n`),
    async waitReady(keys) {
      const awaited = keys.map((key) => served.get(key)).filter((pod) => pod !== undefined);
      let reason: string | undefined = "the agent ended the wait";
      const request = { pods: awaited, settleMs: SETTLE_MS, timeoutMs: STEP_TIMEOUT_MS };
      for await (const progress of agent.wait(request, { signal: context.world.interrupted })) {
        if (!progress.done) continue;
        const waiting = progress.waitingFor.map(({ id, reason }) => `${id}: ${reason}`);
        reason = progress.settled ? undefined : waiting.join("; ");
      }
      return reason;
    },
  });
  if (result.kind === "done") {
    stdout.write(`taken over: ${pods.length} pods; their manifests are in ${away}\n`);
    return true;
  }
  const keys = result.step.map(({ key }) => key).join(" and ");
  stderr.write(`stopped at ${keys}: ${result.reason}\n`);
  stderr.write(
    result.lost.length === 0
      ? "Its manifests are back in the folder; those before it stay with podstead.\n"
      : `Put back by hand: ${result.lost.map((file) => `${away}/${basename(file)}`).join(", ")}\n`,
  );
  return false;
}

/** `podstead import --take-over`: from the kubelet's folder to podstead, step by step. */
import { mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AwaitedPod, WaitRequest } from "../../../api/contract/mod.ts";
import type { ImportedPod } from "../../../controlplane/mod.ts";
import { PodsteadError } from "../../../core/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { reloadReport } from "../change/reload_report.ts";
import { styleOf } from "../../shell/context.ts";

/** How long a step may take until its pods are ready, in milliseconds: an image may have to come. */
const STEP_TIMEOUT_MS = 3 * 60 * 1000;
/** How long etcd is waited for before the API server is served, in milliseconds. */
const BRIEF_TIMEOUT_MS = 5_000;
/** How long a pod may take to end, in milliseconds: its grace period and what the kubelet needs. */
const GONE_TIMEOUT_MS = 90_000;
/** From a pod's end until a kubelet is surely done with it, in milliseconds; see mod/rollout. */
const DONE_MS = 1_200;
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
  const awaitedOf = (keys: readonly string[]) =>
    keys.map((key) => served.get(key)).filter((pod) => pod !== undefined);
  const change = async (kind: "stop" | "start", keys: readonly string[]) => {
    const operations = keys.map((key) => ({ kind, pod: podOf(key) }));
    const message = "taken over from the kubelet's folder";
    await agent.change({ operations, trigger: "import", message });
  };
  /** @returns what is waited for in vain; undefined if it has come */
  const wait = async (request: WaitRequest) => {
    let reason: string | undefined = "the agent ended the wait";
    for await (const progress of agent.wait(request, { signal: context.world.interrupted })) {
      if (!progress.done) continue;
      const waiting = progress.waitingFor.map(({ id, reason }) => `${id}: ${reason}`);
      reason = progress.settled ? undefined : waiting.join("; ");
    }
    return reason;
  };
  const away = `${folder.replace(/\/$/, "")}.imported`;
  await mkdir(away, { recursive: true, mode: 0o700 });
  const result = await takeOverManifests(takeOverSteps(pods), {
    moveAway: (file) => rename(file, join(away, basename(file))),
    putBack: (file) => rename(join(away, basename(file)), file),
    onStep: (step) => stderr.write(`taking over ${step.map(({ key }) => key).join(" and ")}\n`),
    hold: (keys) => change("stop", keys),
    release: (keys) => change("start", keys),
    async waitGone(key) {
      const reason = await wait({ pods: [podOf(key)], settleMs: 0, timeoutMs: GONE_TIMEOUT_MS });
      if (reason === undefined) await context.world.clock.sleep(DONE_MS);
      return reason;
    },
    async waitBriefly(key) {
      const pods = awaitedOf([key]);
      await wait({ pods, settleMs: 0, timeoutMs: BRIEF_TIMEOUT_MS });
    },
    async waitReady(keys) {
      const pods = awaitedOf(keys);
      return await wait({ pods, settleMs: SETTLE_MS, timeoutMs: STEP_TIMEOUT_MS });
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

/** @param key `namespace/name` */
function podOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

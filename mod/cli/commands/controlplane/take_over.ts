/** `podstead import --take-over`: from the kubelet's folder to podstead, step by step. */
import { mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AgentClient } from "../../../api/client/mod.ts";
import type { AwaitedPod, PodOutcome, PodView, WaitRequest } from "../../../api/contract/mod.ts";
import type { ImportedPod, TakeOverResult } from "../../../controlplane/mod.ts";
import { AgentUnreachable, PodsteadError } from "../../../core/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { reloadReport } from "../change/reload_report.ts";
import { styleOf } from "../../shell/context.ts";

/** How long a step may take until its pods are ready, in milliseconds: an image may have to come. */
const STEP_TIMEOUT_MS = 3 * 60 * 1000;
/**
 * How long a pod may be broken, in milliseconds: an API server that was quicker than its etcd
 * restarts once or twice.
 */
const BROKEN_LIMIT_MS = 60_000;
/** How long etcd is waited for before the API server is served, in milliseconds. */
const BRIEF_TIMEOUT_MS = 5_000;
/** How long a pod may take to end, in milliseconds: its grace period and what the kubelet needs. */
const GONE_TIMEOUT_MS = 90_000;
/** How long a pod that is put back is waited for, in milliseconds. */
const RUNS_TIMEOUT_MS = 10_000;
/** How often it is looked for, in milliseconds. */
const GONE_INTERVAL_MS = 100;
/**
 * How long the API server may finish its requests, in milliseconds. kubeadm's own waits for its
 * watches until it is killed after 30 s; podstead's has a flag against that.
 */
const DRAIN_MS = 1_000;
/** From a pod's end until a kubelet is surely done with it, in milliseconds; see mod/rollout. */
const DONE_MS = 1_200;
/** How long they must stay so, in milliseconds. */
const SETTLE_MS = 3_000;
/**
 * How long an agent that does not answer is asked again to hold or release pods, in milliseconds:
 * its service starts it again within seconds.
 */
const AGENT_PATIENCE_MS = 30_000;
/** Why this command holds a pod, as the history and the pod's reason say it. */
const HELD_WHY = "taken over from the kubelet's folder";
/** How long between two tries, in milliseconds. */
const AGENT_RETRY_MS = 500;

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
  const say = (line: string) => {
    try {
      stderr.write(`${line}\n`);
    } catch {
      // The terminal has gone: what was begun still comes to its end.
    }
  };
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
      {
        hint: `Nothing was moved. See \`podstead get staticpods -o wide\`${
          startHint(outcome.pods, missing.map(({ key }) => key))
        }`,
      },
    );
  }
  tellStopped(outcome.pods, pods, folder, say);
  const awaitedOf = (keys: readonly string[]) =>
    keys.map((key) => served.get(key)).filter((pod) => pod !== undefined);
  const change = async (kind: "stop" | "start", keys: readonly string[]) => {
    const operations = keys.map((key) => ({ kind, pod: podOf(key) }));
    const { result } = await despiteRestart(
      context,
      () => agent.change({ operations, trigger: "import", message: HELD_WHY }),
    );
    if (result === "refused") throw new PodsteadError("failed", `The agent refuses the ${kind}`);
  };
  const wait = (request: WaitRequest) => waitPatiently(context, agent, request);
  const away = `${folder.replace(/\/$/, "")}.imported`;
  await mkdir(away, { recursive: true, mode: 0o700 });
  const result = await takeOverManifests(takeOverSteps(pods), {
    moveAway: (file) => rename(file, join(away, basename(file))),
    putBack: (file) => rename(join(away, basename(file)), file),
    onStep: (step) => say(`taking over ${step.map(({ key }) => key).join(" and ")}`),
    async hold(keys) {
      await change("stop", keys);
      say(`held for now: ${keys.join(", ")}; if this is cut short: ${startCommand(keys)}`);
    },
    release: (keys) => change("start", keys),
    waitGone: (key) => waitGone(context, agent, key),
    waitRuns: (key) => waitRuns(context, agent, key),
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
  for (const line of stoppedLines(result, away)) say(line);
  return false;
}

/**
 * Tells of pods that are not in the folder and that this command holds: an attempt that was cut
 * short has left them so. What a person has stopped is meant.
 *
 * @throws {PodsteadError} if there is nothing else to take over
 */
function tellStopped(
  outcomes: readonly PodOutcome[],
  pods: readonly ImportedPod[],
  folder: string,
  say: (line: string) => void,
): void {
  const here = new Set(pods.map(({ key }) => key));
  const held = outcomes.filter(({ reason }) => reason?.endsWith(`: ${HELD_WHY}`));
  const stopped = stoppedAmong(held).filter((key) => !here.has(key));
  if (stopped.length === 0) return;
  const hint = `An attempt before was cut short. To serve them: ${startCommand(stopped)}`;
  if (pods.length > 0) return say(`Stopped, so not served: ${stopped.join(", ")}. ${hint}`);
  throw new PodsteadError(
    "failed",
    `${folder} has no manifest left, and podstead does not serve ${stopped.join(", ")}: stopped`,
    { hint },
  );
}

/** Asks an agent again that may just be starting. */
async function despiteRestart<T>(
  { world: { clock } }: CliContext,
  ask: () => Promise<T>,
): Promise<T> {
  const endMs = clock.monotonicMs() + AGENT_PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AgentUnreachable) || clock.monotonicMs() >= endMs) throw error;
      await clock.sleep(AGENT_RETRY_MS);
    }
  }
}

/** What the runtime has of a pod, whichever source the kubelet has it from. */
async function inRuntime(agent: AgentClient, key: string): Promise<readonly PodView[]> {
  const { namespace, name } = podOf(key);
  const { nodeName, pods } = await agent.containers({ labels: false });
  const fullName = `${name}-${nodeName.toLowerCase()}`;
  return pods.filter((pod) => pod.namespace === namespace && pod.name === fullName);
}

/** Waits until a pod's containers run; not for longer than one usually needs. */
async function waitRuns(
  { world: { clock } }: CliContext,
  agent: AgentClient,
  key: string,
): Promise<void> {
  const endMs = clock.monotonicMs() + RUNS_TIMEOUT_MS;
  while (clock.monotonicMs() < endMs) {
    const containers = (await inRuntime(agent, key)).flatMap((pod) => pod.containers);
    if (containers.some(({ state }) => state === "CONTAINER_RUNNING")) return;
    await clock.sleep(GONE_INTERVAL_MS);
  }
}

/**
 * Waits until the runtime shows nothing of a pod: one of the folder is no pod of podstead's, whose
 * status would not tell.
 *
 * @returns why it is still there; undefined if it is gone
 */
async function waitGone(
  { world: { clock, interrupted } }: CliContext,
  agent: AgentClient,
  key: string,
): Promise<string | undefined> {
  const startMs = clock.monotonicMs();
  const isApiServer = podOf(key).name === "kube-apiserver";
  let isHurried = !isApiServer;
  while (!interrupted.aborted) {
    const mine = await inRuntime(agent, key);
    const running = mine.flatMap(({ containers }) => containers)
      .filter(({ state }) => state === "CONTAINER_RUNNING");
    // An API server begins only after etcd has ended too: until then the kubelet is done with it.
    if (running.length === 0 && isApiServer) return undefined;
    if (running.length === 0 && mine.every(({ state }) => state !== "SANDBOX_READY")) {
      await clock.sleep(DONE_MS);
      return undefined;
    }
    const waitedMs = clock.monotonicMs() - startMs;
    if (waitedMs >= GONE_TIMEOUT_MS) return `its old pod still runs after ${waitedMs / 1000} s`;
    if (!isHurried && waitedMs >= DRAIN_MS) {
      isHurried = true;
      // The kubelet would do the same at the end of the grace period; that it fails shows above.
      const stops = running.map(({ id }) => agent.stop({ containerId: id, graceMs: 0 }));
      await Promise.allSettled(stops);
      continue;
    }
    await clock.sleep(GONE_INTERVAL_MS);
  }
  return "interrupted";
}

/** @returns what is waited for in vain; undefined if it has come */
async function waitPatiently(
  { world: { clock, interrupted } }: CliContext,
  agent: AgentClient,
  request: WaitRequest,
): Promise<string | undefined> {
  const given = new AbortController();
  const signal = AbortSignal.any([interrupted, given.signal]);
  let reason = "the agent ended the wait";
  let brokenMs: number | undefined;
  const patience = async () => {
    while (!signal.aborted) {
      if (brokenMs !== undefined && clock.monotonicMs() - brokenMs >= BROKEN_LIMIT_MS) break;
      await clock.sleep(500, signal).catch(() => undefined); // the loop sees it
    }
    given.abort();
  };
  const watched = patience();
  try {
    for await (const { done, settled, waitingFor } of agent.wait(request, { signal })) {
      if (done && settled) return undefined;
      reason = waitingFor.map(({ id, reason }) => `${id}: ${reason}`).join("; ");
      if (done) break;
      if (waitingFor.some(({ state }) => state === "failed")) brokenMs ??= clock.monotonicMs();
      else if (waitingFor.every(({ state }) => state === "settling")) brokenMs = undefined;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    if (interrupted.aborted) reason = "interrupted";
  } finally {
    given.abort();
    await watched;
  }
  return reason;
}

/** What is reported of a take-over that has stopped. */
function stoppedLines(
  { step, reason, held, unheld, lost }: Extract<TakeOverResult, { kind: "stopped" }>,
  away: string,
): readonly string[] {
  return [
    `stopped at ${step.map(({ key }) => key).join(" and ")}: ${reason}`,
    lost.length === 0
      ? "Its manifests are back in the folder; those before it stay with podstead."
      : `Put back by hand: ${lost.map((file) => `${away}/${basename(file)}`).join(", ")}`,
    ...(held.length === 0 ? [] : [
      "podstead holds its pods, so that the folder's start. " +
      `Before trying again: ${startCommand(held)}`,
    ]),
    ...(unheld === undefined ? [] : [
      `podstead could not hold its pods (${unheld.reason}). ` +
      "The folder's start only when podstead's have ended: " +
      unheld.keys.map((key) => `podstead stop ${key} --yes`).join(" && "),
    ]),
  ];
}

/** @param keys `namespace/name` */
function startCommand(keys: readonly string[]): string {
  return keys.map((key) => `podstead start ${key} --yes`).join(" && ");
}

/** The keys of the pods that are stopped. */
function stoppedAmong(pods: readonly PodOutcome[]): readonly string[] {
  return pods.filter(({ state }) => state === "Stopped")
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

/** How to serve again what an attempt before has left stopped; empty if there is nothing. */
function startHint(pods: readonly PodOutcome[], keys: readonly string[]): string {
  const stopped = stoppedAmong(pods).filter((key) => keys.includes(key));
  return stopped.length === 0 ? "" : `; what is stopped is served by: ${startCommand(stopped)}`;
}

/** @param key `namespace/name` */
function podOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

/** What a take-over waits for: pods that end, run and are ready, as runtime, probes and agent tell. */
import type { AgentClient } from "../../../api/client/mod.ts";
import type { AwaitedPod, PodView, WaitRequest } from "../../../api/contract/mod.ts";
import type { TakeOverDeps } from "../../../controlplane/mod.ts";
import type { JsonObject } from "../../../core/mod.ts";
import type { CliContext } from "../../shell/context.ts";

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

/** A pod that podstead serves, or will. */
export interface TakenVersion extends AwaitedPod {
  readonly hash: string;
  /** As it is served. */
  readonly pod: JsonObject;
}

/** Where the pods are, and how to ask for them. */
export interface TakeOverPlace {
  readonly context: CliContext;
  readonly agent: AgentClient;
  /** The node's address. */
  readonly address: string;
  /** The pods in podstead's version, by `namespace/name`. */
  readonly versions: ReadonlyMap<string, TakenVersion>;
}

/** The waits of a take-over. */
export function takeOverWaits(
  { context, agent, address, versions }: TakeOverPlace,
): Pick<TakeOverDeps, "waitGone" | "waitRuns" | "waitBriefly" | "waitReady"> {
  return {
    waitGone: (key) => waitGone(context, agent, key),
    waitRuns: (key) => waitRuns(context, agent, key),
    async waitBriefly(key) {
      const isKnown = await waitLives(context, versions.get(key)?.pod ?? {}, address);
      if (!isKnown) await ready([key], { settleMs: 0, timeoutMs: BRIEF_TIMEOUT_MS });
    },
    waitReady: (keys) => ready(keys, { settleMs: SETTLE_MS, timeoutMs: STEP_TIMEOUT_MS }),
  };

  function ready(keys: readonly string[], times: Omit<WaitRequest, "pods">) {
    const pods = keys.map((key) => versions.get(key)).filter((version) => version !== undefined)
      .map(({ namespace, name, hash }) => ({ namespace, name, hash }));
    return waitPatiently(context, agent, { pods, ...times });
  }
}

/**
 * Waits until a pod's own liveness probes pass; not for longer than one usually needs. An etcd that
 * lives has read its data. Its election takes a second more, which an API server waits for; that
 * etcd is ready the kubelet says a second after that.
 *
 * @returns false if its probes cannot be asked from here
 */
async function waitLives(
  { world: { clock, interrupted } }: CliContext,
  pod: JsonObject,
  address: string,
): Promise<boolean> {
  const { askOwnProbes } = await import("../../../kubelet/mod.ts");
  const endMs = clock.monotonicMs() + BRIEF_TIMEOUT_MS;
  while (clock.monotonicMs() < endMs && !interrupted.aborted) {
    const answer = await askOwnProbes(pod, address, "liveness");
    if (answer === undefined) return false;
    if (answer.failure === undefined) break;
    await clock.sleep(GONE_INTERVAL_MS);
  }
  return true;
}

/** What the runtime has of a pod, whichever source the kubelet has it from. */
async function inRuntime(agent: AgentClient, key: string): Promise<readonly PodView[]> {
  const [namespace, name] = key.split("/");
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
  const isApiServer = key.endsWith("/kube-apiserver");
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

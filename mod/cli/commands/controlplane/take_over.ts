/** `podstead import --take-over`: from the kubelet's folder to podstead, step by step. */
import { mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AgentClient } from "../../../api/client/mod.ts";
import type { PodOutcome, ReloadOutcome } from "../../../api/contract/mod.ts";
import type { ImportedPod, TakenPod, TakeOverResult } from "../../../controlplane/mod.ts";
import { AgentUnreachable, PodsteadError } from "../../../core/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";
import { styleOf } from "../../shell/context.ts";
import { reloadReport } from "../change/reload_report.ts";
import { fetchImages } from "./take_over_images.ts";
import { type TakenVersion, takeOverWaits } from "./take_over_waits.ts";

/**
 * How long an agent that does not answer is asked again to hold or release pods, in milliseconds:
 * its service starts it again within seconds.
 */
const AGENT_PATIENCE_MS = 30_000;
/** How long between two tries, in milliseconds. */
const AGENT_RETRY_MS = 500;
/**
 * How long a change of a control plane's pod may wait for its turn, in milliseconds. The pod that it
 * waits for may not become ready before it is taken over; after 2 minutes nothing waits any longer.
 */
const TURN_LIMIT_MS = 150_000;
/** How long between two looks, in milliseconds. */
const TURN_INTERVAL_MS = 2_000;
/** Why this command holds a pod, as the history says it. */
const HELD_WHY = "taken over from the kubelet's folder";

type Say = (line: string) => void;

/**
 * Has the agent serve the pods, and moves each manifest out of the folder when the one before is
 * ready. A step that fails is put back. What an attempt before has left half done is finished.
 *
 * @returns whether every manifest was taken over
 * @throws {PodsteadError} if the agent does not serve all of them, or an image cannot be pulled;
 * nothing was moved then
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
  const change = changer(context, agent);
  const isInFolder = (key: string) => pods.some((pod) => pod.key === key);
  const outcome = await reloadUntilServed(context, agent, isInFolder, say);
  const left = heldBefore(outcome.pods);
  refuseUnserved(outcome.pods, pods, left);
  const [back, away] = [left.filter(isInFolder), left.filter((key) => !isInFolder(key))];
  if (left.length > 0) say(`an attempt before was cut short, and holds ${left.join(" and ")}`);
  if (back.length > 0) await change("start", back);
  const taken: readonly TakenPod[] = [...pods, ...away.map((key) => ({ key }))];
  const versions = await versionsOf(agent, outcome.pods, taken);
  await fetchImages(context, agent, [...versions].map(([key, { pod }]) => ({ key, pod })), say);
  const target = `${folder.replace(/\/$/, "")}.imported`;
  await mkdir(target, { recursive: true, mode: 0o700 });
  const { node: { address } } = await clientSettings(context);
  const result = await takeOverManifests(takeOverSteps(taken), {
    ...takeOverWaits({ context, agent, address, versions }),
    moveAway: (file) => rename(file, join(target, basename(file))),
    putBack: (file) => rename(join(target, basename(file)), file),
    onStep: (step) => say(`taking over ${step.map(({ key }) => key).join(" and ")}`),
    async hold(keys) {
      await change("stop", keys);
      const again = `podstead import ${folder} --take-over`;
      say(`held for now: ${keys.join(", ")}; if this is cut short: ${again}`);
    },
    release: (keys) => change("start", keys),
  });
  if (result.kind === "done") {
    stdout.write(`taken over: ${taken.length} pods; their manifests are in ${target}\n`);
    return true;
  }
  for (const line of stoppedLines(result, target, folder)) say(line);
  return false;
}

/** Reloads until no pod of the folder waits for its turn to change, or for as long as a turn may take. */
async function reloadUntilServed(
  context: CliContext,
  agent: AgentClient,
  isInFolder: (key: string) => boolean,
  say: Say,
): Promise<ReloadOutcome> {
  const { world: { clock, interrupted, stderr } } = context;
  const endMs = clock.monotonicMs() + TURN_LIMIT_MS;
  const outcome = await agent.reload({ allowRemovals: false });
  stderr.write(reloadReport(outcome, styleOf(context, stderr)));
  for (let latest = outcome;; latest = await agent.reload({ allowRemovals: false })) {
    const waiting = latest.pods.filter((pod) =>
      pod.state === "Replacing" && isInFolder(keyOf(pod))
    );
    if (waiting.length === 0 || clock.monotonicMs() >= endMs || interrupted.aborted) return latest;
    if (latest === outcome) say(`waiting until podstead serves ${waiting.map(keyOf).join(", ")}`);
    await clock.sleep(TURN_INTERVAL_MS);
  }
}

/** Pods that an earlier take-over holds, as `namespace/name`. What a person has stopped is meant. */
function heldBefore(outcomes: readonly PodOutcome[]): readonly string[] {
  return outcomes.filter(({ reasonCode }) => reasonCode === "held-for-take-over").map(keyOf);
}

/** @throws {PodsteadError} if a pod of the folder is neither served nor held by an attempt before */
function refuseUnserved(
  outcomes: readonly PodOutcome[],
  pods: readonly ImportedPod[],
  held: readonly string[],
): void {
  const ours = new Set(outcomes.filter(({ state }) => state === "Served").map(keyOf));
  const missing = pods.map(({ key }) => key).filter((key) => !ours.has(key) && !held.includes(key));
  if (missing.length === 0) return;
  const stopped = outcomes.filter(({ state }) => state === "Stopped").map(keyOf)
    .filter((key) => missing.includes(key));
  const start = stopped.length === 0
    ? ""
    : `; what is stopped is served by: ${startCommand(stopped)}`;
  throw new PodsteadError(
    "failed",
    `Cannot take over: podstead does not serve ${missing.join(", ")}`,
    { hint: `Nothing was moved. See \`podstead get staticpods -o wide\`${start}` },
  );
}

/** The pods as podstead serves them, or will once they are no longer held. */
async function versionsOf(
  agent: AgentClient,
  outcomes: readonly PodOutcome[],
  taken: readonly TakenPod[],
): Promise<ReadonlyMap<string, TakenVersion>> {
  const { items } = await agent.resources({ type: "StaticPod" });
  const specs = new Map(items.map(({ id, spec }) => [id, spec]));
  const keys = new Set(taken.map(({ key }) => key));
  return new Map(
    outcomes.filter((pod) => keys.has(keyOf(pod))).map((pod) => {
      const { id, namespace, name, hash } = pod;
      return [keyOf(pod), { namespace, name, hash, pod: specs.get(id) ?? {} }];
    }),
  );
}

/** Takes pods off podstead's list and puts them onto it again, also while the agent restarts. */
function changer(context: CliContext, agent: AgentClient) {
  return async (kind: "stop" | "start", keys: readonly string[]): Promise<void> => {
    const operations = keys.map((key) => {
      const [namespace = "", name = ""] = key.split("/");
      const pod = { namespace, name };
      return kind === "stop" ? { kind, pod, for: "take-over" as const } : { kind, pod };
    });
    const { result } = await despiteRestart(
      context,
      () => agent.change({ operations, trigger: "import", message: HELD_WHY }),
    );
    if (result === "refused") throw new PodsteadError("failed", `The agent refuses the ${kind}`);
  };
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

/** What is reported of a take-over that has stopped. */
function stoppedLines(
  { step, reason, held, unheld, lost }: Extract<TakeOverResult, { kind: "stopped" }>,
  away: string,
  folder: string,
): readonly string[] {
  return [
    `stopped at ${step.map(({ key }) => key).join(" and ")}: ${reason}`,
    lost.length === 0
      ? "Its manifests are back in the folder; those before it stay with podstead."
      : `Put back by hand: ${lost.map((file) => `${away}/${basename(file)}`).join(", ")}`,
    ...(held.length === 0 ? [] : [
      `podstead holds ${held.join(" and ")}, so that the folder's start. ` +
      `When the cause is gone: podstead import ${folder} --take-over`,
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

function keyOf({ namespace, name }: Pick<PodOutcome, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

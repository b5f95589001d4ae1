/** The files of pods' volumes over the agent's life: there before the list, gone after the pods. */
import type { Agent, AgentState } from "../agent/mod.ts";
import { defaultSettings, type HostFacts } from "../config/mod.ts";
import { type Clock, errorText, type Scope } from "../core/mod.ts";
import { allSandboxes, POD_NAME_LABEL, POD_NAMESPACE_LABEL, type Runtime } from "../cri/mod.ts";
import { objectSource, podCredentials, type Unseal, VolumeStore } from "../materialize/mod.ts";
import { labelForContainers, type Logger } from "../os/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { LoginBook } from "../registry/mod.ts";
import { declaredName } from "../status/mod.ts";
import { savedSettings } from "./host/saved_settings.ts";

/** How often unused files are looked for, in milliseconds: a pod may take minutes to end. */
const SWEEP_INTERVAL_MS = 30_000;

const NANOSECONDS_PER_MS = 1_000_000n;

/** How long the runtime may take to say which pods it has, in milliseconds. */
const LOOK_TIMEOUT_MS = 5_000;

/**
 * Writes what the pods that the last run served need on the node: after a boot there is none of
 * it. A pod whose files cannot be written stays in the list; the kubelet waits for its directories.
 */
export async function writeStored(
  state: Pick<AgentState, "pods" | "objects" | "settings"> | undefined,
  host: HostFacts,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  unseal: Unseal,
): Promise<void> {
  if (state === undefined) return;
  const { pods, objects = [] } = state;
  const failed = await nodeVolumes(clock, log, unseal).write(pods);
  for (const [pod, reason] of failed) log.error("Files of a pod are missing", { pod, reason });
  const settings = savedSettings(state.settings, defaultSettings(host));
  if (settings === undefined) return;
  const declared = pods.map((one) => one.declared ?? one.pod);
  const source = objectSource(objects.map(({ object }) => object));
  await new LoginBook(log).take(podCredentials(declared, source, unseal), settings);
}

/** The volumes of this node. */
export function nodeVolumes(clock: Clock, log: Logger, unseal: Unseal): VolumeStore {
  return new VolumeStore(clock, {
    unseal,
    label: (directory) => labelForContainers(directory, { log }),
  });
}

/** What the sweep looks at. */
export interface SweepDeps {
  readonly agent: Agent;
  readonly volumes: VolumeStore;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** Removes the files of pods that are gone, from now on until `scope` ends. */
export function sweepVolumes({ agent, volumes, runtime, log }: SweepDeps, scope: Scope): void {
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      const { node, volumesDir } = agent.settings;
      if (await volumes.isEmpty(volumesDir)) return;
      const running = await runningPods(runtime, node.name);
      await volumes.sweep(volumesDir, volumesInUse(agent, running));
    } catch (error) {
      // Unsure which pods run: their files stay.
      log.debug("Unused files of volumes are not looked for", { error: errorText(error) });
    } finally {
      busy = false;
    }
  }, SWEEP_INTERVAL_MS);
  scope.defer(() => clearInterval(timer));
}

/**
 * The volumes that are in use, by pod; undefined for all of a pod's. A version before the desired
 * one has all of them as long as the runtime has anything of it.
 */
export function volumesInUse(
  agent: Pick<Agent, "state" | "heldBack">,
  running: ReadonlyMap<string, number>,
): ReadonlyMap<string, ReadonlySet<string> | undefined> {
  const inUse = new Map<string, ReadonlySet<string> | undefined>();
  for (const key of running.keys()) inUse.set(key, undefined);
  const heldBack = agent.heldBack();
  for (const key of heldBack.keys()) inUse.set(key, undefined);
  for (const pod of agent.state.pods) {
    const key = formatKey(pod);
    const isOnly = (running.get(key) ?? Infinity) >= pod.sinceMs && !heldBack.has(key);
    inUse.set(key, isOnly ? new Set(pod.volumes?.map(({ volume }) => volume)) : undefined);
  }
  return inUse;
}

/** Since when the oldest sandbox of each pod is there, in Unix milliseconds, by key. */
async function runningPods(
  runtime: Runtime,
  nodeName: string,
): Promise<ReadonlyMap<string, number>> {
  const sandboxes = await allSandboxes(runtime, { timeoutMs: LOOK_TIMEOUT_MS });
  const oldest = new Map<string, number>();
  for (const { labels, createdAt } of sandboxes) {
    const name = declaredName(labels[POD_NAME_LABEL] ?? "", nodeName);
    const key = formatKey({ namespace: labels[POD_NAMESPACE_LABEL] ?? "", name });
    const createdMs = Number(createdAt / NANOSECONDS_PER_MS);
    oldest.set(key, Math.min(oldest.get(key) ?? Infinity, createdMs));
  }
  return oldest;
}

/** What is seen of the pods while the agent runs, and why they are as they are. */
import {
  type CurrentVerdict,
  currentVerdict,
  Inspector,
  recentVerdict,
  registerVerdictMetrics,
} from "../explain/mod.ts";
import {
  askOwnProbesOf,
  type FetchLog,
  PropagationTracker,
  StatusService,
} from "../observe/mod.ts";
import { pollLimitMs } from "../verdict/mod.ts";
import { kubeletSettingsOnDisk } from "../kubelet/mod.ts";
import { journalTail } from "../services/mod.ts";
import type { Settings } from "../config/mod.ts";
import type { Scope } from "../core/mod.ts";
import type { Controller } from "./controller.ts";
import type { HostFacts } from "./host/host.ts";
import { registerContainerMetrics } from "./container_metrics.ts";
import { KubeletDownReason } from "./down_reason.ts";
import { refusalOf } from "./refusal.ts";
import { runtimeUnit, serviceSight } from "./service_sight.ts";
import type { Sources } from "./sources.ts";
import { UnhealthyHook } from "./unhealthy_hook.ts";
import { createWatch, type Watch } from "./watch.ts";

/** As much of the kubelet's log as explains a pod that does not run. */
const KUBELET_LOG_LINES = 200;

/** What is seen. */
export interface Observation {
  readonly status: StatusService;
  readonly changes: PropagationTracker;
  readonly inspector: Inspector;
  /** The verdict without asking for more than a look. */
  readonly verdict: () => Promise<CurrentVerdict>;
  /** Begins to watch the node, which does not end before the agent stops. */
  begin(): void;
}

/**
 * Follows the agent's commits, the kubelet's polls and the pods; `scope` ends it.
 *
 * @param closing aborts when the agent stops
 */
export function startObservation(
  { stored: { state }, configPath }: HostFacts,
  sources: Sources,
  { agent }: Controller,
  closing: AbortSignal,
  scope: Scope,
): Observation {
  const { clock, events, fetches, kubelet, node, nodeEvents, podsApi, runtime } = sources;
  const changes = scope.use(
    new PropagationTracker({
      clock,
      events,
      registry: sources.metrics.registry,
      look: (): Promise<unknown> => status.refresh(),
      served: { pods: state.pods, etag: agent.manifest?.etag ?? "" },
    }),
    (tracker) => tracker.close(),
  );
  const status: StatusService = new StatusService({
    clock,
    store: agent.store,
    fetches,
    state: () => agent.state,
    settings: () => agent.settings,
    kubeletPods: (signal) => kubelet().pods({ signal }),
    runtimePods: async (signal) => (await node.pods({ statuses: "exited", signal })).pods,
    ownProbes: (pods) =>
      askOwnProbesOf(pods, {
        clock,
        nodeName: agent.settings.node.name,
        address: agent.settings.node.address,
      }),
    heldBack: () => agent.heldBack(),
    servedSinceMs: (pod) => changes.servedSinceMs(pod),
    removed: () => changes.removed(),
  });
  const unhealthy = createHook(sources, agent);
  const down = createDownReason(sources, () => watch.poke(), closing);
  const watch: Watch = createWatch({
    clock,
    files: sources.files,
    runtime,
    podsApi,
    status,
    events,
    nodeEvents,
    changes,
    settings: () => agent.settings,
    configPath,
    lastReadMs: () => Date.parse(agent.state.lastReload?.at ?? ""),
    onKubelet(up) {
      if (!up) fetches.gone(clock.now());
      down.changed(up);
    },
    onLook: () => {
      if (agent.settings.onUnhealthy.length === 0) return;
      unhealthy.observe(currentVerdict(status, agent.state, down.known).verdict);
    },
  });
  agent.onCommit((commit) => {
    changes.committed(commit);
    const { outcome } = commit;
    if (outcome === undefined) return;
    nodeEvents.reloaded(outcome.result, outcome.revision, refusalOf(outcome));
    watch.poke();
  });
  fetches.onFetch((fetch) => {
    changes.fetched(fetch);
    down.polled();
  });
  const verdict = () => recentVerdict(status, () => agent.state, () => down.known);
  registerMetrics(sources, () => agent.settings, status, verdict);
  const inspector = createInspector(sources, agent, status, changes);
  let watching: Promise<unknown> = Promise.resolve();
  scope.defer(async () => void await watching);
  return {
    status,
    changes,
    inspector,
    verdict,
    begin() {
      watching = watch.run(closing);
    },
  };
}

function createInspector(
  { runtime, kubelet, events }: Sources,
  agent: Controller["agent"],
  status: StatusService,
  changes: PropagationTracker,
): Inspector {
  return new Inspector({
    status,
    state: () => agent.state,
    sources: () => ({
      runtime,
      kubelet: kubelet(),
      url: agent.settings.manifest.url,
      kubeletLog: (signal) => journalTail("kubelet", KUBELET_LOG_LINES, signal),
      kubeletService: () => serviceSight("kubelet"),
      kubeletOnDisk: kubeletSettingsOnDisk,
      runtimeService: () => serviceSight(runtimeUnit(runtime.endpoint)),
    }),
    events,
    changes,
  });
}

function createHook({ clock, log }: Sources, agent: Controller["agent"]): UnhealthyHook {
  return new UnhealthyHook({
    clock,
    log,
    command: () => agent.settings.onUnhealthy,
    nodeName: () => agent.settings.node.name,
  });
}

function registerMetrics(
  { clock, metrics: { registry }, runtime }: Sources,
  settings: () => Settings,
  status: StatusService,
  verdict: Observation["verdict"],
): void {
  const nodeName = () => settings().node.name;
  registerVerdictMetrics(registry, verdict, nodeName);
  registerContainerMetrics({
    registry,
    clock,
    runtime,
    wanted: () => settings().metrics.containers,
    nodeName,
    async pods() {
      await verdict();
      return status.readings.runtime.value ?? [];
    },
  });
}

function createDownReason(
  { clock, fetches, nodeEvents }: Sources,
  onReason: () => void,
  closing: AbortSignal,
): KubeletDownReason {
  return new KubeletDownReason({
    clock,
    nodeEvents,
    sight: serviceSight,
    journal: (unit, signal) => journalTail(unit, KUBELET_LOG_LINES, signal),
    polls: () => polls(fetches, clock.now()),
    onReason,
  }, closing);
}

/** Whether a kubelet has polled since it was last seen to go, and not long ago. */
function polls({ last, goneMs = -Infinity, intervalMs }: FetchLog, nowMs: number): boolean {
  return last !== undefined && last.atMs > goneMs &&
    nowMs - last.atMs <= pollLimitMs(intervalMs === undefined ? {} : { intervalMs });
}

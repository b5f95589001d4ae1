/** Changes, trials and their history, put together for the running agent. */
import type { ReloadOutcome, ReloadRequest, ReloadTrigger } from "../../agent/mod.ts";
import {
  DEFAULT_KEPT_REVISIONS,
  RevisionStore,
  type Trial,
  type TrialProgress,
} from "../../change/mod.ts";
import { type Clock, errorText, PodsteadError, type Scope } from "../../core/mod.ts";
import { formatKey } from "../../pods/mod.ts";
import { type ChangeVerdict, isInControlPlane } from "../../rollout/mod.ts";
import { staticPodName } from "../../status/mod.ts";
import {
  ChangeHistory,
  ChangeService,
  loadTrials,
  RevisionRecorder,
  revisionsDirectory,
  type TrialOptions,
  TrialRunner,
  UNASKED_TRIAL,
} from "../../transaction/mod.ts";
import { ChangeFollower } from "../../verdict/mod.ts";
import type { Controller } from "../controller.ts";
import type { HostFacts } from "../host/host.ts";
import type { Observation } from "../observation.ts";
import type { Sources } from "../sources.ts";
import { trialNews, trialStatus } from "./trial_news.ts";

/** A pod that was asked to begin again, in its version. */
export interface RestartedPod extends ChangeVerdict {
  readonly namespace: string;
  readonly name: string;
  readonly hash: string;
}

/** Changes of this node. */
export interface NodeChanges {
  readonly changes: ChangeService;
  readonly trials: TrialRunner;
  readonly history: ChangeHistory;
  /** Begins a pod again as another one. @throws {PodsteadError} if that cannot be done now */
  restart(pod: { readonly namespace: string; readonly name: string }): Promise<RestartedPod>;
  /** A reload, on trial if it is asked for or the settings want every one so. */
  reload(
    trigger: ReloadTrigger,
    request?: ReloadRequest,
    options?: { readonly trial?: boolean | TrialOptions },
  ): Promise<ReloadOutcome>;
  /** After the first reload: continues a trial that a crash or a reboot has cut short. */
  resume(): Promise<void>;
}

/**
 * Opens them; `scope` closes them. Each reload is followed from now on.
 *
 * @throws the file system's error when the state directory cannot be read
 */
export async function openNodeChanges(
  { stored: { directory: stateDir }, fs, loadOn: load }: HostFacts,
  sources: Sources,
  { agent, reload }: Controller,
  { status, inspector }: Observation,
  scope: Scope,
): Promise<NodeChanges> {
  const { clock, log } = sources;
  const store = new RevisionStore(revisionsDirectory(stateDir));
  const { state, damaged } = await loadTrials(stateDir);
  if (damaged) log.error("What was kept of the trial was damaged; no trial runs");
  const recorder = new RevisionRecorder({
    store,
    fs,
    log,
    keep: () => DEFAULT_KEPT_REVISIONS,
    protected: () => {
      const { running } = trials.state;
      return new Set(running === undefined ? [] : [running.revision, running.backTo]);
    },
    files: () => agent.files,
    pods: () => agent.state.pods,
  });
  await recorder.open();
  const guarded = async () => {
    if (agent.settings.rollback === "never") return [];
    // What was ready before a trial that was just taken back is guarded on its way, too.
    const comingBack = trials.comingBack.map(formatKey).filter(isInControlPlane);
    const ready = await readyComponents(agent, status);
    return [...new Set([...ready, ...comingBack])];
  };
  const changes: ChangeService = new ChangeService({
    clock,
    stateDir,
    agent,
    fs,
    store,
    recorder,
    load,
    reload: (request) => reload("request", request),
    trials: () => trials,
    guarded,
  });
  const tell = trialNews({
    ...sources,
    registry: sources.metrics.registry,
    state: () => trials.state,
  });
  const trials: TrialRunner = new TrialRunner({
    clock,
    log,
    stateDir,
    follow: (trial) => follow(trial, status, clock),
    explain: (podId) => causeOf(inspector, podId),
    exclusively: (step) => changes.exclusively(step),
    goBack: (trial, cause) => changes.goBack(trial, cause),
    changed: () => agent.showTrial(),
    told: tell,
  }, state);
  agent.onCommit(({ outcome, origin }) => {
    if (outcome !== undefined) recorder.reloaded(outcome, origin);
  });
  agent.showTrial(() => trialStatus(trials.state));
  scope.defer(() => recorder.settled());
  scope.defer(() => trials.close());
  return {
    changes,
    trials,
    history: new ChangeHistory({ store, fs, load, current: () => agent.state.revision }),
    restart: (pod) => restartPod(pod, agent, trials.state.running),
    async reload(trigger, request = {}, { trial = false } = {}) {
      // One that comes during a trial joins it.
      const isAsked = trial !== false || agent.settings.rollback === "on-failure";
      const guards = isAsked ? [] : await guarded();
      const wanted = isAsked || guards.length > 0 || trials.state.running !== undefined;
      if (!wanted) return await reload(trigger, request);
      const unasked = isAsked ? UNASKED_TRIAL : { ...UNASKED_TRIAL, guards };
      const how = typeof trial === "boolean" ? unasked : trial;
      return (await changes.tried(how, () => reload(trigger, request))).reload;
    },
    async resume() {
      await recorder.settled();
      try {
        await resumeTrial(trials, { changes, store, agent });
      } catch (error) {
        log.error("The trial cannot continue", { error: errorText(error) });
      }
    },
  };
}

/**
 * The components of a control plane that are ready now, as `namespace/name`. Nothing is asked of
 * the runtime and the kubelet on a node without them: each reload wants to know.
 */
async function readyComponents(
  agent: Controller["agent"],
  status: Observation["status"],
): Promise<readonly string[]> {
  const { node } = agent.settings;
  const components = agent.state.pods.filter((pod) => isInControlPlane(formatKey(pod)));
  if (components.length === 0) return [];
  const rows = await status.refresh();
  const ready = new Set(rows.filter((row) => row.ready === "True").map(({ id }) => id));
  return components
    .filter(({ namespace, name }) => ready.has(`${namespace}/${staticPodName(name, node.name)}`))
    .map(formatKey);
}

/** Follows a trial's pods; each call of what it returns is a look at them. */
function follow(
  { pods, settleMs }: Trial,
  status: Observation["status"],
  clock: Clock,
): () => Promise<TrialProgress> {
  const follower = new ChangeFollower({ pods, settleMs });
  return async () =>
    follower.look({
      rows: await status.refresh(),
      nowMs: clock.now(),
      monotonicMs: clock.monotonicMs(),
    });
}

/** Why a pod does not run, as `describe` says it; undefined if nothing is known. */
async function causeOf(
  inspector: Observation["inspector"],
  podId: string,
): Promise<string | undefined> {
  const { explanation: { code, cause } } = await inspector.describe(podId);
  return code === "none" || code === "unknown" ? undefined : cause;
}

/** @throws {PodsteadError} if it cannot begin again now */
async function restartPod(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  agent: Controller["agent"],
  running: Trial | undefined,
): Promise<RestartedPod> {
  if (running !== undefined) {
    throw new PodsteadError("failed", `Revision ${running.revision} is on trial`, {
      hint: 'A restart would end it; wait, or "podstead confirm", "podstead cancel"',
    });
  }
  const verdict = await agent.renew(formatKey({ namespace, name }));
  const pod = agent.state.pods.find((one) => one.namespace === namespace && one.name === name);
  return { namespace, name, hash: pod?.hash ?? "", ...verdict };
}

/** Continues the trial that is on disk, in whichever of its steps podstead was ended. */
async function resumeTrial(
  trials: TrialRunner,
  { changes, store, agent }: {
    readonly changes: ChangeService;
    readonly store: RevisionStore;
    readonly agent: Controller["agent"];
  },
): Promise<void> {
  const { running } = trials.state;
  if (running === undefined) return;
  if (running.goingBack !== undefined) {
    // Not waited for: with a full disk it takes its time, and it tells by itself how it goes.
    void trials.cancel(running.goingBack).catch(() => undefined);
    return;
  }
  const way = await store.read(running.backTo);
  // A person may have ended it meanwhile.
  if (trials.state.running !== running) return;
  const pods = changes.podsSince(way, running);
  if (pods.length > 0) {
    await trials.watch({ ...running, revision: agent.state.revision, pods });
  } else if (running.pods.length > 0) await trials.moot(running);
  else await trials.unprepare(undefined);
}

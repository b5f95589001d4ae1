/** Changes, trials and their history, put together for the running agent. */
import type { ReloadOutcome, ReloadRequest, ReloadTrigger } from "../agent/mod.ts";
import { DEFAULT_KEPT_REVISIONS, RevisionStore, type Trial } from "../change/mod.ts";
import { errorText, PodsteadError, type Scope } from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import type { ChangeVerdict } from "../rollout/mod.ts";
import {
  ChangeHistory,
  ChangeService,
  loadTrials,
  RevisionRecorder,
  revisionsDirectory,
  TrialRunner,
} from "../transaction/mod.ts";
import { ChangeFollower } from "../verdict/mod.ts";
import type { Controller } from "./controller.ts";
import type { HostFacts } from "./host/host.ts";
import type { Observation } from "./observation.ts";
import type { Sources } from "./sources.ts";

/** How a reload is tried: as long as a change by command is. */
const RELOAD_TRIAL = { timeoutMs: 300_000, settleMs: 30_000, confirm: "auto" } as const;

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
  /** Begins a pod again as another one. @throws {PodsteadError} when that cannot be done now */
  restart(pod: { readonly namespace: string; readonly name: string }): Promise<RestartedPod>;
  /** A reload, on trial if it is asked for or the settings want every one so. */
  reload(
    trigger: ReloadTrigger,
    request?: ReloadRequest,
    options?: { readonly trial?: boolean },
  ): Promise<ReloadOutcome>;
  /** After the first reload: goes on with a trial that a crash or a reboot has cut short. */
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
  { status }: Observation,
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
  });
  const trials: TrialRunner = new TrialRunner({
    clock,
    log,
    stateDir,
    follow: ({ pods, settleMs }) => {
      const follower = new ChangeFollower({ pods, settleMs });
      return async () =>
        follower.look({
          rows: await status.refresh(),
          nowMs: clock.now(),
          monotonicMs: clock.monotonicMs(),
        });
    },
    goBack: (trial, cause) => changes.goBack(trial, cause),
    told: (what, trial, why) => tell(sources, what, trial, why),
  }, state);
  agent.onCommit(({ outcome, origin }) => {
    if (outcome !== undefined) recorder.reloaded(outcome, origin);
  });
  scope.defer(() => recorder.settled());
  scope.defer(() => trials.close());
  return {
    changes,
    trials,
    history: new ChangeHistory({ store, fs, load, current: () => agent.state.revision }),
    async restart({ namespace, name }) {
      const { running } = trials.state;
      if (running !== undefined) {
        throw new PodsteadError("failed", `Revision ${running.revision} is on trial`, {
          hint: 'A restart would end it; wait, or "podstead confirm", "podstead cancel"',
        });
      }
      const verdict = await agent.renew(formatKey({ namespace, name }));
      const pod = agent.state.pods.find((one) => one.namespace === namespace && one.name === name);
      return { namespace, name, hash: pod?.hash ?? "", ...verdict };
    },
    async reload(trigger, request = {}, { trial = false } = {}) {
      const wanted = trial || agent.settings.rollback === "on-failure";
      if (!wanted) return await reload(trigger, request);
      return (await changes.tried(RELOAD_TRIAL, () => reload(trigger, request))).reload;
    },
    async resume() {
      await recorder.settled();
      const { running } = trials.state;
      if (running === undefined) return;
      try {
        const pods = changes.podsSince(await store.read(running.backTo));
        if (pods.length === 0) await trials.forget();
        else await trials.watch({ ...running, revision: agent.state.revision, pods });
      } catch (error) {
        log.error("The trial cannot go on", { error: errorText(error) });
      }
    },
  };
}

const EVENT_TYPES = {
  started: "trial",
  kept: "kept",
  reverted: "reverted",
  failed: "reverted",
} as const;

function tell(
  { log, events }: Pick<Sources, "log" | "events">,
  what: keyof typeof EVENT_TYPES,
  { revision, backTo, pods }: Trial,
  why: string,
): void {
  const message = {
    started: `on trial; goes back to revision ${backTo} unless it stays ready`,
    kept: "the trial has ended: kept",
    reverted: `the trial has ended: back to revision ${backTo}: ${why}`,
    failed: `the trial has ended, and going back has failed: ${why}`,
  }[what];
  log[what === "failed" ? "error" : what === "reverted" ? "warn" : "info"](
    `Trial ${what}`,
    { revision, backTo, why },
  );
  for (const { namespace, name, hash } of pods) {
    events.record({
      type: EVENT_TYPES[what],
      namespace,
      name,
      message,
      ...(hash === undefined ? {} : { hash }),
    });
  }
}

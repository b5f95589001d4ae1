/** The agent: what is declared, what is served, and the one way from the first to the second. */
import type { Clock, JsonObject, JsonValue } from "../core/mod.ts";
import { errorText, SerialQueue } from "../core/mod.ts";
import { liveChanges, type LoadedConfig, type Settings } from "../config/mod.ts";
import { type ControlPlanePods, NO_CONTROL_PLANE } from "../controlplane/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { ChangeVerdict } from "../rollout/mod.ts";
import type { AgentMetrics } from "./metrics.ts";
import type { AgentObserver } from "./observer.ts";
import type { ReloadOutcome, ReloadTrigger } from "./outcome.ts";
import {
  changesOf,
  internalProblem,
  keepAll,
  type Manifest,
  manifestRenderer,
  NO_MANIFEST,
  outcomeOf,
  type Proposal,
  type ProposalInput,
  proposeReload,
} from "./reload.ts";
import type { Resource, ResourceType } from "./resource.ts";
import { untilRestart } from "./live_settings.ts";
import type { PodVerdict } from "./plan.ts";
import { configStatus, serverStatus, staticPods } from "./resources.ts";
import { ResourceStore } from "./resource_store.ts";
import { type HeldBack, IMMEDIATE_ROLLOUT, type Rollout } from "./rollout.ts";
import { type AgentState, saveState } from "./state.ts";

/** What the agent needs of the world. */
export interface AgentDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
  readonly stateDir: string;
  /** Reads the config and its drop-ins anew; reports problems, does not throw for them. */
  readonly load: () => Promise<LoadedConfig>;
  /** The kubelet's verdicts on the pods of this node, as declared and in their order. */
  readonly judge: (pods: readonly JsonObject[], settings: Settings) => readonly PodVerdict[];
  /** Renders the control plane that settings ask for, and writes the files of its pods. */
  readonly controlPlane?: ControlPlaneSource;
  /** Decides which version of each pod the list holds right now. */
  readonly rollout?: Rollout;
  /** Told of each reload, and of each new list. */
  readonly observer?: AgentObserver;
}

/** Where control plane pods come from. */
export interface ControlPlaneSource {
  /** Renders, checks and writes; later changes of the files lead to a further reload. */
  prepare(settings: Settings, file: string): Promise<ControlPlanePods>;
  /** The same, but writes nothing. */
  propose(settings: Settings, file: string): Promise<ControlPlanePods>;
}

/** When a reload began, and how long it has taken. */
interface ReloadTimes {
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly durationMs: number;
}

/** Holds the desired pods and the served list; reloads come one at a time. */
export class Agent {
  readonly store: ResourceStore;
  readonly #deps: AgentDeps;
  readonly #rollout: Rollout;
  readonly #queue = new SerialQueue();
  readonly #render = manifestRenderer();
  #state: AgentState;
  #settings: Settings;
  #manifest: Manifest | undefined;
  /** What the last reload read, for planning again without reading what nobody asked for yet. */
  #loaded: LoadedConfig | undefined;
  #declared: ReadonlyMap<string, JsonObject> = new Map();

  /**
   * @param state what was on disk; its pods are served from the first request on
   * @param settings what the listeners were opened with
   */
  constructor(deps: AgentDeps, state: AgentState, settings: Settings) {
    this.#deps = deps;
    this.#rollout = deps.rollout ?? IMMEDIATE_ROLLOUT;
    this.#state = state;
    this.#settings = settings;
    this.store = new ResourceStore(deps.clock, state.versions);
    if (state.revision > 0) this.publish();
  }

  /** The served list; undefined until there is a first one. */
  get manifest(): Manifest | undefined {
    return this.#manifest;
  }

  /** The settings in force. */
  get settings(): Settings {
    return this.#settings;
  }

  /** The desired pods and the last reload. */
  get state(): AgentState {
    return this.#state;
  }

  /** The pods, by key, that are not served as they are desired, and why. */
  heldBack(): ReadonlyMap<string, HeldBack> {
    return this.#rollout.heldBack();
  }

  /**
   * Applies what the config files say now. Never throws for anything that is
   * wrong with them, with the disk or with podstead itself: the outcome says it,
   * and whatever was served stays served.
   *
   * @param loaded the files' content, when the caller has just read it
   */
  reload(trigger: ReloadTrigger, loaded?: LoadedConfig): Promise<ReloadOutcome> {
    return this.#queue.run(() => this.#reload(trigger, loaded));
  }

  /**
   * Plans anew from what the last reload read: something that a change waited
   * for has come about, or cannot. Files that were edited since are not read.
   */
  async replan(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#loaded !== undefined) await this.#reload("rollout", this.#loaded);
    });
  }

  /** Publishes what the rollout gives now, after what a restart must know of it is on disk. */
  async followRollout(): Promise<void> {
    await this.#queue.run(async () => {
      const { log, stateDir } = this.#deps;
      const replacing = this.#rollout.saved();
      if (JSON.stringify(replacing) !== JSON.stringify(this.#state.replacing)) {
        this.#state = { ...this.#state, replacing };
        try {
          await saveState(stateDir, { ...this.#state, versions: this.store.save() });
        } catch (error) {
          // A restart then serves the newest versions at once: slower, but right.
          log.error("Cannot save the state of a replacement", { error: errorText(error) });
        }
      }
      this.publish();
      const { lastReload } = this.#state;
      if (lastReload === undefined) return;
      const resources = this.#resourcesOf(this.#state, lastReload, this.#declared);
      this.store.replace("StaticPod", resources.get("StaticPod") ?? []);
    });
  }

  /**
   * Waits for a running reload to end, and saves the versions of what was
   * observed since: they go on counting after a restart.
   */
  async close(): Promise<void> {
    const { log, stateDir } = this.#deps;
    await this.#queue.run(() =>
      saveState(stateDir, { ...this.#state, versions: this.store.save() })
    ).catch((error) => log.error(errorText(error)));
  }

  /** What a reload would do now; changes nothing. */
  propose(): Promise<Proposal> {
    return this.#queue.run(async () => {
      const loaded = await this.#deps.load();
      const controlPlane = await this.#controlPlane(loaded, "propose");
      return await this.#proposeExamined(loaded, controlPlane, { dryRun: true, retry: true });
    });
  }

  /** The same as the report that the reload would give. */
  async dryRun(): Promise<ReloadOutcome> {
    const { clock } = this.#deps;
    const startedMs = clock.now();
    const start = clock.monotonicMs();
    const proposal = await this.propose();
    const { result, plan, manifest } = proposal;
    return outcomeOf(proposal, {
      result,
      trigger: "request",
      revision: this.#state.revision + (plan.changed ? 1 : 0),
      startedMs,
      durationMs: clock.monotonicMs() - start,
      needRestart: [],
      manifest,
    });
  }

  /** Renders the list anew from the desired pods, as the rollout allows them now. */
  publish(): void {
    const pods = this.#rollout.select(this.#state.pods);
    const manifest = this.#render(pods);
    const same = manifest.etag === this.#manifest?.etag;
    this.#manifest = manifest;
    this.#rollout.published(pods, manifest.etag);
    if (same) return;
    this.#deps.metrics.served(manifest.pods, manifest.bytes.byteLength);
    this.#deps.observer?.published(pods, manifest.etag);
  }

  async #reload(trigger: ReloadTrigger, given: LoadedConfig | undefined): Promise<ReloadOutcome> {
    const { clock, metrics } = this.#deps;
    const startedMs = clock.now();
    const start = clock.monotonicMs();
    const times = () => ({ startedMs, durationMs: clock.monotonicMs() - start });
    let outcome: ReloadOutcome;
    try {
      outcome = await this.#apply(trigger, given, times);
    } catch (error) {
      outcome = this.#failed(trigger, error, times());
    }
    metrics.reloaded(outcome);
    this.#report(outcome);
    this.#deps.observer?.reloaded(outcome);
    return outcome;
  }

  /** @throws what podstead could not do, such as writing its state; nothing has changed then */
  async #apply(
    trigger: ReloadTrigger,
    given: LoadedConfig | undefined,
    times: () => ReloadTimes,
  ): Promise<ReloadOutcome> {
    const loaded = given ?? await this.#deps.load();
    this.#loaded = loaded;
    const proposal = await this.#proposeExamined(
      loaded,
      await this.#controlPlane(loaded, "prepare"),
      { dryRun: false, retry: trigger !== "rollout" },
    );
    const settings = this.#effective(loaded);
    const before = this.#state;
    const revision =
      proposal.plan.changed || before.revision === 0 && proposal.result !== "rejected"
        ? before.revision + 1
        : before.revision;
    const outcome = outcomeOf(proposal, {
      trigger,
      ...times(),
      needRestart: settings.needRestart,
      result: settings.needRestart.length > 0 && proposal.result !== "rejected"
        ? "partial"
        : proposal.result,
      revision,
      manifest: proposal.manifest,
    });
    this.#rollout.planned(before.pods, proposal.plan.pods);
    const next: AgentState = {
      ...before,
      revision,
      pods: proposal.plan.pods,
      lastReload: outcome,
      replacing: this.#rollout.saved(),
      ...(settings.persisted === undefined ? {} : { settings: settings.persisted }),
    };
    let resources: ReadonlyMap<ResourceType, readonly Resource[]>;
    try {
      resources = this.#resourcesOf(next, outcome, proposal.declared);
      await saveState(this.#deps.stateDir, { ...next, versions: this.store.save(resources) });
    } catch (error) {
      this.#rollout.planned(next.pods, before.pods);
      throw error;
    }
    this.#declared = proposal.declared;
    this.#state = next;
    this.#settings = settings.settings;
    for (const [type, upcoming] of resources) this.store.replace(type, upcoming);
    if (revision > 0) this.publish();
    return outcome;
  }

  /** The outcome of a reload that could not be made, shown as the last one. */
  #failed(trigger: ReloadTrigger, error: unknown, times: ReloadTimes): ReloadOutcome {
    const { pods, revision, lastReload } = this.#state;
    const outcome = outcomeOf(
      {
        plan: keepAll(pods, lastReload?.pods ?? []),
        problems: [internalProblem(error, this.#deps.stateDir)],
      },
      {
        trigger,
        ...times,
        needRestart: [],
        result: "failed",
        revision,
        manifest: this.#manifest ?? NO_MANIFEST,
      },
    );
    this.#state = { ...this.#state, lastReload: outcome };
    for (const [type, shown] of this.#resourcesOf(this.#state, outcome, this.#declared)) {
      this.store.replace(type, shown);
    }
    return outcome;
  }

  async #controlPlane(
    { settings, path }: LoadedConfig,
    step: keyof ControlPlaneSource,
  ): Promise<ControlPlanePods> {
    if (settings === undefined) return NO_CONTROL_PLANE;
    return await this.#deps.controlPlane?.[step](settings, path) ?? NO_CONTROL_PLANE;
  }

  /** A proposal that knows how each change will be made. */
  async #proposeExamined(
    loaded: LoadedConfig,
    controlPlane: ControlPlanePods,
    options: { readonly dryRun: boolean; readonly retry: boolean },
  ): Promise<Proposal> {
    const { settings } = this.#effective(loaded);
    let verdictsOfKubelet: ReturnType<AgentDeps["judge"]> | undefined;
    // The same pods twice: once to see what changes, once more with what the rollout says.
    const judge: ProposalInput["judge"] = (pods) =>
      verdictsOfKubelet ??= this.#deps.judge(pods, settings);
    const proposal = this.#propose(loaded, controlPlane, judge);
    const changes = changesOf(this.#state.pods, proposal.plan);
    const verdicts = await this.#rollout.examine(changes, {
      ...options,
      replace: settings.replace,
    });
    return verdicts.size === 0 ? proposal : this.#propose(loaded, controlPlane, judge, verdicts);
  }

  #propose(
    loaded: LoadedConfig,
    controlPlane: ControlPlanePods,
    judge: ProposalInput["judge"],
    verdicts: ReadonlyMap<string, ChangeVerdict> = new Map(),
  ): Proposal {
    return proposeReload({
      verdicts,
      loaded,
      controlPlane,
      render: this.#render,
      previous: this.#state.pods,
      lastOutcomes: this.#state.lastReload?.pods ?? [],
      revision: this.#state.revision,
      nowMs: this.#deps.clock.now(),
      judge,
    });
  }

  /** The settings of a new config, with those that cannot change live left as they are. */
  #effective(loaded: LoadedConfig) {
    if (loaded.settings === undefined) {
      return { needRestart: [], settings: this.#settings, persisted: undefined };
    }
    return {
      needRestart: liveChanges(this.#settings, loaded.settings).needsRestart,
      settings: untilRestart(this.#settings, loaded.settings),
      persisted: loaded.settings as unknown as JsonObject, // plain data, as the schema makes it
    };
  }

  /** The resources that show a state. */
  #resourcesOf(
    state: AgentState,
    outcome: ReloadOutcome,
    declared: ReadonlyMap<string, JsonObject>,
  ) {
    const { store } = this;
    return new Map<ResourceType, readonly Resource[]>([
      [
        "StaticPod",
        store.upcoming("StaticPod", staticPods(state, outcome, declared, this.heldBack())),
      ],
      ["ConfigStatus", store.upcoming("ConfigStatus", [configStatus(outcome)])],
      [
        "StaticPodServerStatus",
        store.upcoming("StaticPodServerStatus", [serverStatus(this.#settings)]),
      ],
    ]);
  }

  #report(outcome: ReloadOutcome): void {
    const { log } = this.#deps;
    const counts: Record<string, JsonValue> = {
      trigger: outcome.trigger,
      revision: outcome.revision,
      pods: outcome.served.pods,
      bytes: outcome.served.bytes,
      durationMs: outcome.durationMs,
    };
    const message = `Reload: ${outcome.result}`;
    if (outcome.result === "applied" || outcome.result === "unchanged") log.info(message, counts);
    else log.error(message, counts);
    for (const problem of outcome.problems) {
      const write = problem.severity === "error" ? log.error : log.warn;
      write(problem.message, {
        code: problem.code,
        file: problem.file,
        line: problem.position?.line,
        column: problem.position?.column,
        hint: problem.hint,
      });
    }
    for (const pod of outcome.pods) {
      for (const issue of pod.errors) {
        log.error("Pod refused", {
          pod: `${pod.namespace}/${pod.name}`,
          field: issue.field,
          type: issue.type,
          detail: issue.detail,
          file: pod.source.file,
          line: issue.line,
          column: issue.column,
          servingRevision: pod.servingRevision,
        });
      }
      if (pod.change === "added" || pod.change === "changed" || pod.change === "removed") {
        log.info(`Pod ${pod.change}`, { pod: `${pod.namespace}/${pod.name}`, hash: pod.hash });
      }
    }
    for (const setting of outcome.needRestart) {
      log.warn("This setting takes effect after a restart of podstead", { setting });
    }
  }
}

/** The agent: what is declared, what is served, and the one way from the first to the second. */
import type { LoadedConfig, Settings } from "../config/mod.ts";
import { Breath, errorText, type JsonObject, SerialQueue, stepByStep } from "../core/mod.ts";
import type { ChangeVerdict } from "../rollout/mod.ts";
import type { AgentDeps } from "./agent_deps.ts";
import type { Commit, CommitListener, ReloadOrigin } from "./commit.ts";
import { dryRunOutcome, type DryRunRequest, proposeDryRun } from "./dry_run.ts";
import { directoriesAfter, knownSources } from "./known_sources.ts";
import { ListRenderer, type Manifest, NO_MANIFEST } from "./list.ts";
import { settingsAfter } from "./live_settings.ts";
import type { ReloadOutcome, ReloadTrigger } from "./outcome.ts";
import { logOutcome } from "./outcome_log.ts";
import { keepAll } from "./plan.ts";
import { Proposer, type ReloadBasis } from "./proposer.ts";
import { Publisher } from "./publisher.ts";
import { internalProblem, joinLooks, outcomeOf } from "./reload.ts";
import { ResourceStore } from "./resources/resource_store.ts";
import { ShownState, type StateResources } from "./resources/shown_state.ts";
import { type HeldBack, IMMEDIATE_ROLLOUT, type Rollout } from "./rollout.ts";
import { SecondLook } from "./second_look.ts";
import { inList } from "./state/refused_now.ts";
import type { AgentState } from "./state/state.ts";
import { saveState } from "./state/state_file.ts";
import { type InTime, timeLimit } from "./time_limit.ts";

/** What a reload does besides reading the files. */
export interface ReloadRequest {
  /** The files' content, if the caller has just read it. */
  readonly loaded?: LoadedConfig;
  /** Whether pods that may only be out of sight are given up: the caller means it. */
  readonly allowRemovals?: boolean;
  /** Files that podstead itself has just written whole: what they lack was taken out. */
  readonly written?: ReadonlySet<string>;
  /** Who asks for it, and why. */
  readonly origin?: ReloadOrigin;
  /** The outcome that this one looks again for. */
  readonly continues?: ReloadOutcome;
}

/** How often a caller waits for sources that are still being written. */
const MAX_LOOKS = 3;

/**
 * How long a reload may take, in milliseconds: less than the watchdog's 30 s, and far
 * more than any config takes.
 */
const RELOAD_LIMIT_MS = 25_000;

/** When a reload began, and how long it has taken. */
interface ReloadTimes {
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly durationMs: number;
}

/** What a reload did, and what of it is news. */
interface Applied {
  readonly outcome: ReloadOutcome;
  readonly commit: Commit & { readonly outcome: ReloadOutcome };
}

/** Holds the desired pods and the served list; reloads come one at a time. */
export class Agent {
  readonly store: ResourceStore;
  readonly #deps: AgentDeps;
  readonly #rollout: Rollout;
  readonly #queue = new SerialQueue();
  readonly #lists: ListRenderer;
  readonly #publisher: Publisher;
  readonly #proposer: Proposer;
  readonly #shown: ShownState;
  readonly #secondLook: SecondLook;
  #state: AgentState;
  #settings: Settings;
  /** What the last reload read, to plan again without reading what has not been applied yet. */
  #loaded: LoadedConfig | undefined;
  #origin: ReloadOrigin = {};
  readonly #listeners = new Set<CommitListener>();

  /**
   * @param state what was on disk
   * @param isWhole whether its pods are all that were served: then they are, from the first
   * request on; else nothing is before a config could be applied
   * @param settings what the listeners were opened with
   */
  constructor(deps: AgentDeps, state: AgentState, settings: Settings, isWhole = true) {
    this.#deps = deps;
    this.#secondLook = new SecondLook(deps.clock);
    this.#rollout = deps.rollout ?? IMMEDIATE_ROLLOUT;
    this.#lists = new ListRenderer(deps.clock, deps.secrets?.open);
    this.#publisher = new Publisher(deps, {
      rollout: this.#rollout,
      lists: this.#lists,
      isAllowed: isWhole && state.revision > 0,
    });
    this.#proposer = new Proposer(deps, this.#rollout, this.#lists);
    this.#state = state;
    this.#settings = settings;
    this.store = new ResourceStore(deps.clock, state.versions);
    this.#shown = new ShownState(this.store, () => this.#rollout.heldBack());
    this.#publisher.publish(state);
  }

  /** The served list; undefined until there is a first one. */
  get manifest(): Manifest | undefined {
    return this.#publisher.manifest;
  }

  /** The current settings. */
  get settings(): Settings {
    return this.#settings;
  }

  /** The desired pods and the last reload. */
  get state(): AgentState {
    return this.#state;
  }

  /** Calls the listener after each step from now on. */
  onCommit(listener: CommitListener): void {
    this.#listeners.add(listener);
  }

  /**
   * Shows the state of a trial in the status of the config, now and from now on.
   *
   * @param view gives the trial; default: the one given before
   */
  showTrial(view?: () => JsonObject | undefined): void {
    this.#shown.showTrial(this.#state.lastReload, view);
  }

  /** The files that the last reload read; empty before the first one. */
  get files(): LoadedConfig["files"] {
    return this.#loaded?.files ?? [];
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
   * What sources lack that changed a moment ago stays until they are looked at again:
   * by itself, after the outcome.
   */
  reload(trigger: ReloadTrigger, request: ReloadRequest = {}): Promise<ReloadOutcome> {
    return this.#queue.run(() => this.#reload(trigger, request));
  }

  /** The same, with what the second look comes to. */
  async reloadSettled(
    trigger: ReloadTrigger,
    request: ReloadRequest = {},
  ): Promise<ReloadOutcome> {
    let outcome = await this.reload(trigger, request);
    for (let look = 0; outcome.lookAgainMs !== undefined && look < MAX_LOOKS; look++) {
      outcome = await this.#secondLook.result ?? this.#state.lastReload ?? outcome;
    }
    // Still being written: what was asked for is not done.
    return outcome.lookAgainMs === undefined ? outcome : { ...outcome, result: "partial" };
  }

  /**
   * Plans again from what the last reload read: something that a change waited
   * for has come about, or cannot. Files that were edited since are not read.
   */
  async replan(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#loaded !== undefined) await this.#reload("rollout", { loaded: this.#loaded });
    });
  }

  /** Publishes what the rollout gives now, after what a restart must know of it is on disk. */
  async followRollout(): Promise<void> {
    await this.#queue.run(() => this.#followRollout());
  }

  /**
   * Ends a served pod, and starts it again as another one in the same version.
   *
   * @param key `namespace/name`
   * @returns how it is done
   * @throws {PodsteadError} if that cannot be done now
   */
  renew(key: string): Promise<ChangeVerdict> {
    return this.#queue.run(async () => {
      const verdict = await this.#rollout.renew(key);
      await this.#followRollout();
      return verdict;
    });
  }

  async #followRollout(): Promise<void> {
    const { replacing, incarnations } = this.#state;
    const saved = this.#rollout.saved();
    if (JSON.stringify(saved) !== JSON.stringify({ replacing, incarnations })) {
      this.#state = { ...this.#state, ...saved };
      try {
        await this.#save(this.#state);
      } catch (error) {
        // A restart then serves the newest versions at once, under other UIDs: slower, but right.
        this.#deps.log.error("Cannot save the state of a replacement", {
          error: errorText(error),
        });
      }
    }
    const list = this.#publisher.publish(this.#state);
    if (list !== undefined) this.#tell({ list });
    const { lastReload } = this.#state;
    if (lastReload !== undefined) this.#shown.showPods({ ...this.#basis, outcome: lastReload });
  }

  /**
   * Waits for a running reload to end, and saves the versions of what was observed since: they
   * keep counting after a restart. An agent that has not reloaded leaves the state alone: it may
   * be another agent's.
   */
  async close(): Promise<void> {
    this.#secondLook.close();
    await this.#queue.run(async () => {
      if (this.#loaded !== undefined) await this.#save(this.#state);
    }).catch((error) => this.#deps.log.error(errorText(error)));
  }

  /** Resolves when nothing is being done: never, where something hangs. */
  async idle(): Promise<void> {
    await this.#queue.run(() => Promise.resolve());
  }

  /** The report that a reload would give now; changes nothing. */
  async dryRun({ loaded, ...request }: DryRunRequest = {}): Promise<ReloadOutcome> {
    const { clock } = this.#deps;
    const startedMs = clock.now();
    const start = clock.monotonicMs();
    const proposal = await this.#queue.run(async () => {
      const inTime = timeLimit(clock, RELOAD_LIMIT_MS);
      const read = loaded ?? await this.#load(inTime);
      return await inTime(
        "Planning the reload",
        () => proposeDryRun(this.#proposer, read, request, this.#basis),
      );
    });
    const durationMs = clock.monotonicMs() - start;
    return dryRunOutcome(proposal, { revision: this.#state.revision, startedMs, durationMs });
  }

  /** What a reload starts from. */
  get #basis(): ReloadBasis {
    return { state: this.#state, settings: this.#settings };
  }

  /** Reads the config; names the file that it was at when that takes too long. */
  #load(inTime: InTime): Promise<LoadedConfig> {
    const { load, filesNow } = this.#deps;
    const read = () =>
      load(
        knownSources(this.#state),
        (early, changed) => this.#proposer.judgeAhead(early, this.#basis, changed),
      );
    return inTime("Reading the config", read, filesNow);
  }

  #tell(commit: Commit): void {
    for (const listener of this.#listeners) listener(commit);
  }

  async #reload(trigger: ReloadTrigger, request: ReloadRequest): Promise<ReloadOutcome> {
    const { clock, metrics } = this.#deps;
    const startedMs = clock.now();
    const start = clock.monotonicMs();
    const times = () => ({ startedMs, durationMs: clock.monotonicMs() - start });
    const isNews = trigger !== "rollout" && request.continues === undefined;
    if (isNews) this.#origin = request.origin ?? {};
    let applied: Applied;
    try {
      applied = await this.#apply(trigger, request, times);
    } catch (error) {
      const failed = this.#failed(trigger, error, times());
      applied = { outcome: failed, commit: { outcome: failed, origin: this.#origin } };
    }
    const { outcome, commit } = applied;
    metrics.reloaded(commit.outcome);
    await logOutcome(this.#deps.log, commit.outcome, clock);
    this.#tell(commit);
    this.#secondLook.after(
      outcome,
      () =>
        this.#queue.run(() =>
          this.#reload(trigger, outcome.result === "failed" ? request : { continues: outcome })
        ),
    );
    return outcome;
  }

  /**
   * @returns the outcome, and what of it is new since the one that it looks again for
   * @throws what podstead could not do, such as writing its state; nothing has changed then
   */
  async #apply(
    trigger: ReloadTrigger,
    request: ReloadRequest,
    times: () => ReloadTimes,
  ): Promise<Applied> {
    const inTime = timeLimit(this.#deps.clock, RELOAD_LIMIT_MS);
    const loaded = request.loaded ?? await this.#load(inTime);
    this.#loaded = loaded;
    const before = this.#state;
    const options = {
      dryRun: false,
      retry: trigger !== "rollout",
      allowRemovals: request.allowRemovals ?? false,
      ...(request.written === undefined ? {} : { written: request.written }),
    };
    const proposal = await inTime(
      "Planning the reload",
      () => this.#proposer.propose(loaded, this.#basis, options),
    );
    const { settings, needRestart } = settingsAfter(this.#settings, loaded.settings);
    const revision =
      proposal.plan.changed || before.revision === 0 && proposal.result !== "rejected"
        ? before.revision + 1
        : before.revision;
    // Each of these steps takes its time with thousands of pods.
    const breath = new Breath(this.#deps.clock);
    const undo = this.#rollout.planned(before.pods, proposal.plan.pods);
    if (breath.isDue) await breath.take();
    const complete = this.#rollout.complete(proposal.plan.pods).filter(inList(proposal.taken));
    if (breath.isDue) await breath.take();
    const manifest = await this.#lists.renderAhead(complete);
    if (breath.isDue) await breath.take();
    const news = outcomeOf(proposal, {
      trigger,
      ...times(),
      needRestart,
      result: needRestart.length > 0 && proposal.result !== "rejected"
        ? "partial"
        : proposal.result,
      revision,
      manifest,
    });
    const judgedBy = this.#deps.judgedBy?.(settings);
    const outcome = request.continues ? joinLooks(request.continues, news) : news;
    const next: AgentState = {
      ...before,
      revision,
      pods: proposal.plan.pods,
      lastReload: outcome,
      ...this.#rollout.saved(),
      ...(judgedBy === undefined ? {} : { judgedBy }),
      ...(proposal.taken === undefined ? {} : { taken: proposal.taken }),
      directories: directoriesAfter(
        before.directories ?? [],
        loaded,
        proposal.plan,
        proposal.objects,
        proposal.stops,
      ),
      objects: proposal.objects.objects,
      stops: proposal.stops,
      // Plain data, as the schema makes it.
      ...(loaded.settings && { settings: loaded.settings as unknown as JsonObject }),
    };
    let resources: StateResources;
    try {
      const upcoming = { state: next, settings: this.#settings, outcome };
      if (breath.isDue) await breath.take();
      const steps = this.#shown.upcomingSteps(upcoming, proposal.declared);
      resources = await stepByStep(steps, this.#deps.clock);
      await inTime("Writing the state", () => this.#save(next, resources));
    } catch (error) {
      undo();
      throw error;
    }
    await this.#deps.guard?.(settings);
    this.#state = next;
    this.#settings = settings;
    this.#shown.show(resources, proposal.declared);
    if (proposal.result !== "rejected") this.#publisher.allow();
    const list = this.#publisher.publish(next);
    const commit = { outcome: news, origin: this.#origin };
    return { outcome, commit: list === undefined ? commit : { ...commit, list } };
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
        manifest: this.manifest ?? NO_MANIFEST,
      },
    );
    this.#state = { ...this.#state, lastReload: outcome };
    this.#shown.show(this.#shown.upcoming({ ...this.#basis, outcome }));
    return outcome;
  }

  /** @param upcoming resources as they will be shown once the state is on disk */
  async #save(state: AgentState, upcoming?: StateResources): Promise<void> {
    await saveState(this.#deps.stateDir, { ...state, versions: this.store.save(upcoming) });
  }
}

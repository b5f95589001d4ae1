/** Changes a node: plan, judge, write, reload, record; and the trial's way back. */
import type { Agent, ReloadOrigin, ReloadOutcome, ReloadRequest } from "../agent/mod.ts";
import type { Operation, Revision, RevisionStore, Trial, TrialPod } from "../change/mod.ts";
import type { ConfigFs, LoadedConfig } from "../config/mod.ts";
import { type Clock, PodsteadError, SerialQueue } from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { keepDiscarded } from "./discarded.ts";
import { type FileWrite, writeFiles } from "./file_writer.ts";
import { planFiles, type PlannedFiles } from "./plan_files.ts";
import type { RevisionRecorder } from "./recorder.ts";
import { isRefused, refusedIn } from "./refusals.ts";
import type { ChangeOutcome, ChangeRequest, TrialOptions } from "./request.ts";
import { restoreOf } from "./restore.ts";
import { joined, podsSince, UNASKED_TRIAL } from "./trial_rules.ts";
import type { TrialRunner } from "./trial_runner.ts";

/** What changes need of the agent around them. */
export interface ChangeDeps {
  readonly clock: Clock;
  readonly stateDir: string;
  readonly agent: Pick<Agent, "state" | "settings" | "dryRun">;
  /** Reads the config on a file system, as a reload does. */
  readonly load: (fs: ConfigFs) => Promise<LoadedConfig>;
  /** Applies the files as they are now, to the end. */
  readonly reload: (
    request: Pick<ReloadRequest, "origin" | "written">,
  ) => Promise<ReloadOutcome>;
  readonly fs: ConfigFs;
  readonly store: RevisionStore;
  readonly recorder: RevisionRecorder;
  readonly trials: () => TrialRunner;
  /**
   * Pods, as `namespace/name`, whose new version goes back by itself even without a requested
   * trial: those of the control plane that are ready now.
   */
  readonly guarded: () => Promise<readonly string[]>;
}

/** One change at a time. */
export class ChangeService {
  readonly #deps: ChangeDeps;
  readonly #queue = new SerialQueue();

  constructor(deps: ChangeDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a change, or says what it would do.
   *
   * @throws {PodsteadError} if it cannot be planned or written; nothing has changed then
   */
  change(request: ChangeRequest): Promise<ChangeOutcome> {
    return this.#queue.run(() => this.#change(request));
  }

  /**
   * Applies files that were edited by hand, on trial: the way back is on disk before the new
   * list is served. A reload that changes no pod begins no trial; one during a trial joins it.
   */
  tried(options: TrialOptions, reload: () => Promise<ReloadOutcome>): Promise<{
    readonly reload: ReloadOutcome;
    readonly trial: Trial | undefined;
  }> {
    return this.#queue.run(async () => {
      const { trials, store, agent } = this.#deps;
      const { running } = trials().state;
      const backTo = running?.backTo ?? agent.state.revision;
      const isKept = (await store.numbers()).includes(backTo);
      if (!isKept) return { reload: await reload(), trial: undefined };
      return await this.#try({ options: joined(running, options), backTo, apply: reload });
    });
  }

  /**
   * What going from one revision to another does to each pod, and how.
   *
   * @param from 0 for a node without pods
   * @throws {PodsteadError} if there is no such revision, or it is damaged
   */
  async compare(from: number, to: number): Promise<ReloadOutcome> {
    const { agent } = this.#deps;
    const configOf = async (number: number) =>
      (await this.#plan(await this.#restore(number))).loaded;
    const loaded = await configOf(to);
    return await agent.dryRun({
      ...{ loaded, from: from === 0 ? "none" as const : await configOf(from) },
      allowRemovals: true,
    });
  }

  /** Does something while no change is made. */
  exclusively<T>(step: () => Promise<T>): Promise<T> {
    return this.#queue.run(step);
  }

  /**
   * Serves the revision before a trial again, as a new revision; to be called exclusively.
   *
   * @returns the pods that the trial has changed, in the versions that should run now
   */
  async goBack({ backTo, pods }: Trial, cause: string): Promise<readonly TrialPod[]> {
    const { stateDir, clock } = this.#deps;
    const operations = await this.#restore(backTo);
    const { edits, writes } = await this.#plan(operations);
    await keepDiscarded(stateDir, edits, new Date(clock.now()).toISOString());
    const origin = { trigger: "trial-reverted", message: cause };
    // As declared: what waits for its turn is still served in the version that was tried.
    const { pods: declared } = await this.#apply(writes, origin);
    const tried = new Set(pods.map(formatKey));
    return declared.filter((pod) => pod.change !== "removed" && tried.has(formatKey(pod)))
      .map(({ namespace, name, hash }) => ({ namespace, name, hash }));
  }

  /** The pods that differ between a revision and what is declared now. */
  podsSince(
    revision: Revision,
    trial: Pick<Trial, "refusedBefore" | "guards">,
  ): readonly TrialPod[] {
    return podsSince(revision, trial, this.#deps.agent.state.lastReload?.pods ?? []);
  }

  async #change(request: ChangeRequest): Promise<ChangeOutcome> {
    const { agent, trials } = this.#deps;
    await this.#checkRevision(request.ifRevision);
    const { running } = trials().state;
    const isBusy = running !== undefined && running.guards === undefined;
    if (isBusy && !request.dryRun && request.trial?.replace !== true) {
      throw new PodsteadError("failed", `Revision ${running.revision} is on trial`, {
        hint: 'Wait for its end, or "podstead confirm", "podstead cancel", or --replace-try',
      });
    }
    const operations = request.rollbackTo === undefined
      ? request.operations.map((one) => this.#withNote(one, request))
      : await this.#restore(request.rollbackTo);
    const { edits, writes, loaded } = await this.#plan(operations);
    const planned = await agent.dryRun({ loaded });
    const outcome = (result: ChangeOutcome["result"], reload: ReloadOutcome) => ({
      result,
      files: edits,
      reload,
    });
    if (edits.length === 0) return outcome("unchanged", planned);
    if (request.partial !== true && isRefused(planned, agent.state.lastReload)) {
      return outcome("refused", planned);
    }
    if (request.dryRun === true) return outcome("planned", planned);
    const origin: ReloadOrigin = {
      trigger: request.trigger,
      ...(request.callerUid === undefined ? {} : { callerUid: request.callerUid }),
      ...(request.message === undefined ? {} : { message: request.message }),
    };
    const apply = () => this.#apply(writes, origin);
    const trial = request.trial ?? await this.#guardingTrial(planned);
    if (trial === undefined) return outcome("applied", await apply());
    const backTo = running?.backTo ?? agent.state.revision;
    const options = joined(running, { ...trial, trigger: request.trigger });
    const { reload, trial: begun } = await this.#try({
      ...{ options, backTo, apply },
      mayRefuse: request.partial === true,
    });
    return { ...outcome("applied", reload), ...(begun === undefined ? {} : { trial: begun }) };
  }

  /** The trial of a change that asked for none; undefined if it concerns no guarded pod. */
  async #guardingTrial(planned: ReloadOutcome): Promise<TrialOptions | undefined> {
    const { agent, trials, guarded } = this.#deps;
    const served = new Map(agent.state.pods.map((pod) => [formatKey(pod), pod.hash]));
    const changed = planned.pods.filter((pod) => served.get(formatKey(pod)) !== pod.hash);
    if (changed.length === 0 && trials().state.running === undefined) return undefined;
    const guards = await guarded();
    const concerns = changed.some((pod) => guards.includes(formatKey(pod)));
    if (!concerns && trials().state.running === undefined) return undefined;
    return { ...UNASKED_TRIAL, guards };
  }

  /** @throws {PodsteadError} naming who was quicker */
  async #checkRevision(wanted: number | undefined): Promise<void> {
    const { agent: { state: { revision } }, store } = this.#deps;
    if (wanted === undefined || wanted === revision) return;
    const last = await store.read(revision).catch(() => undefined); // who it was is not known then
    const by = last?.callerUid === undefined ? "" : ` by user ${last.callerUid}`;
    const why = last?.message === undefined ? "" : `: ${last.message}`;
    throw new PodsteadError(
      "failed",
      `Revision ${revision} is served, not ${wanted}: another change came first${
        last === undefined ? "" : ` (${last.trigger}${by} at ${last.at}${why})`
      }`,
      { hint: 'See "podstead history", look at "podstead diff", and try again' },
    );
  }

  #plan(operations: readonly Operation[]): Promise<PlannedFiles> {
    const { fs, load, agent } = this.#deps;
    return planFiles(operations, { fs, load, include: agent.settings.include });
  }

  /** A stop with who asked for it, when and why. */
  #withNote(operation: Operation, { callerUid, message }: ChangeRequest): Operation {
    if (operation.kind !== "stop") return operation;
    const note = {
      ...(message === undefined ? {} : { why: message }),
      ...(callerUid === undefined ? {} : { by: callerUid }),
      since: new Date(this.#deps.clock.now()).toISOString().replace(/\.\d+Z$/, "Z"),
      ...(operation.for === undefined ? {} : { for: operation.for }),
    };
    return { ...operation, note };
  }

  #restore(number: number): Promise<readonly Operation[]> {
    return restoreOf(this.#deps.store, number);
  }

  async #apply(writes: readonly FileWrite[], origin: ReloadOrigin): Promise<ReloadOutcome> {
    const { stateDir, recorder, reload } = this.#deps;
    await writeFiles(stateDir, writes);
    const written = new Set(writes.map(({ path }) => path));
    const outcome = await reload({ origin, written });
    await recorder.settled();
    return outcome;
  }

  async #try({ options, backTo, apply, mayRefuse = false }: {
    readonly options: TrialOptions & { readonly trigger?: string };
    readonly backTo: number;
    readonly apply: () => Promise<ReloadOutcome>;
    /** Whether it is no fault of it if it has refused pods. */
    readonly mayRefuse?: boolean;
  }): Promise<{ readonly reload: ReloadOutcome; readonly trial: Trial | undefined }> {
    const { store, recorder, trials, agent, clock } = this.#deps;
    await recorder.settled();
    const { running } = trials().state;
    const refusedBefore = running?.refusedBefore ?? refusedIn(agent.state.lastReload);
    const way = await store.read(backTo); // without a way back there is no trial
    const prepared: Trial = {
      revision: agent.state.revision + 1,
      backTo,
      startedMs: clock.now(),
      timeoutMs: options.timeoutMs,
      settleMs: options.settleMs,
      confirm: options.confirm,
      pods: [],
      ...(options.guards === undefined ? {} : { guards: options.guards }),
      ...(options.trigger === undefined ? {} : { trigger: options.trigger }),
      refusedBefore,
    };
    await trials().prepare(prepared);
    let reload: ReloadOutcome;
    try {
      reload = await apply();
    } catch (error) {
      // What could not be written has changed nothing, and ends no earlier trial.
      await trials().unprepare(running);
      throw error;
    }
    const known = mayRefuse ? [...refusedBefore, ...refusedIn(reload)] : refusedBefore;
    const pods = this.podsSince(way, { ...prepared, refusedBefore: known });
    if (pods.length === 0) {
      if (running === undefined) await trials().unprepare(undefined);
      else await trials().moot(running);
      return { reload, trial: undefined };
    }
    // Images come first: the time of the trial begins with what is served.
    const trial = {
      ...prepared,
      ...{ revision: reload.revision, startedMs: clock.now(), pods, refusedBefore: known },
    };
    await trials().watch(trial);
    return { reload, trial };
  }
}

/** Watches the running trial, and ends it in one of its two ends. */
import {
  type GoBack,
  type Trial,
  trialCause,
  TrialJudge,
  type TrialPod,
  type TrialProgress,
} from "../change/mod.ts";
import { type Clock, errorText, PodsteadError, SerialQueue } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import { saveTrials, type TrialEnd, type TrialState } from "./trial_store.ts";

/** How often kubelet and runtime are asked during a trial, in milliseconds. */
const LOOK_INTERVAL_MS = 500;

/**
 * How long is waited before going back is tried again, in milliseconds: a file may be edited in the
 * very moment, and a disk stays full until there is room again.
 */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** How long a cause may be looked for, in milliseconds: going back comes first. */
const EXPLAIN_LIMIT_MS = 2_000;

/** What is told of a trial. */
export type TrialNews = "started" | "kept" | "reverted" | "failed" | "back-failed";

/** What a trial needs of the agent. */
export interface TrialDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly stateDir: string;
  /** Begins to follow a trial's pods; each call of what it returns is a look at them. */
  readonly follow: (trial: Trial) => () => Promise<TrialProgress>;
  /** Why a pod does not run, as `describe` says it; undefined if nothing is known. */
  readonly explain: (podId: string) => Promise<string | undefined>;
  /** Does something while no change is made. */
  readonly exclusively: <T>(step: () => Promise<T>) => Promise<T>;
  /**
   * Serves an earlier revision again; called exclusively.
   *
   * @returns the pods in the versions that should run then
   * @throws when that cannot be done
   */
  readonly goBack: (trial: Trial, cause: string) => Promise<readonly TrialPod[]>;
  /** Called when the state is another one. */
  readonly changed: () => void;
  /** Called for each beginning and end, for events. */
  readonly told: (what: TrialNews, trial: Trial, why: string) => void;
}

/**
 * Holds at most one trial. Whatever ends it looks first whether it is still the one that runs:
 * a confirmation, a replacement and a failed pod may come at the same time.
 */
export class TrialRunner {
  readonly #deps: TrialDeps;
  #state: TrialState;
  #stop = new AbortController();
  /** Looks at the pods; ends before anything is decided about the trial. */
  #looking: Promise<void> = Promise.resolve();
  readonly #saves = new SerialQueue();
  #goingBack: Promise<TrialEnd | undefined> = Promise.resolve(undefined);
  /** The trial that was taken back last, with the versions before it, until they have come up or failed. */
  #back: Trial | undefined;
  readonly #closing = new AbortController();
  /** Resolves when a prepared trial is watched, or is none: before, nothing ends it. */
  #begun = Promise.withResolvers<void>();

  constructor(deps: TrialDeps, state: TrialState) {
    this.#deps = deps;
    this.#state = state;
    this.#begun.resolve();
  }

  get state(): TrialState {
    return this.#state;
  }

  /** The pods of a trial that was taken back whose versions before it are still coming up. */
  get comingBack(): readonly TrialPod[] {
    return this.#back?.pods ?? [];
  }

  /** Puts a trial on disk, before what it tries is served. */
  async prepare(trial: Trial): Promise<void> {
    await this.#halt();
    const begun = Promise.withResolvers<void>();
    this.#begun = begun;
    try {
      await this.#save({ ...this.#state, running: trial });
    } catch (error) {
      begun.resolve();
      throw error;
    }
  }

  /** Removes a prepared trial of which nothing is served from disk; the one before it continues. */
  async unprepare(before: Trial | undefined): Promise<void> {
    if (before !== undefined) return await this.watch(before);
    await this.#halt();
    const { running: _, ...rest } = this.#state;
    await this.#save(rest);
    this.#begun.resolve();
    this.#watchBack();
  }

  /** Begins to watch, or continues after a restart. */
  async watch(trial: Trial): Promise<void> {
    await this.#halt();
    this.#back = undefined;
    await this.#save({ ...this.#state, running: trial });
    this.#stop = new AbortController();
    this.#begun.resolve();
    this.#deps.told("started", trial, `revision ${trial.revision} is on trial`);
    this.#looking = this.#look(trial, this.#stop.signal).catch((error) => {
      this.#deps.log.error("The trial cannot be watched", { error: errorText(error) });
    });
  }

  /** Ends a trial of which nothing is left: its files are as they were before. */
  async moot(trial: Trial): Promise<void> {
    await this.#halt();
    await this.#end(trial, "reverted", "nothing of it is declared any longer");
    this.#begun.resolve();
  }

  /**
   * Keeps the running trial; undefined when there is none. Waits for one that is just beginning.
   *
   * @throws {PodsteadError} if it is going back already
   */
  async confirm(): Promise<TrialEnd | undefined> {
    await this.#begun.promise;
    await this.#halt();
    const { running } = this.#state;
    if (running === undefined) return this.#watchBack();
    if (running.goingBack !== undefined) {
      throw new PodsteadError("failed", `The trial is going back already: ${running.goingBack}`, {
        hint: 'What was tried is kept in "discarded" of the state directory',
      });
    }
    return await this.#end(running, "kept");
  }

  /** Takes the running trial back now; undefined when there is none. */
  async cancel(cause: string): Promise<TrialEnd | undefined> {
    await this.#begun.promise;
    await this.#halt();
    const { running } = this.#state;
    if (running === undefined) return this.#watchBack();
    return await this.#takeBack(running, cause) ?? await this.#goingBack;
  }

  /** Stops watching; the trial stays on disk for the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#halt();
    await this.#goingBack.catch(() => undefined); // it was told
  }

  async #look(trial: Trial, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const judge = new TrialJudge(trial);
    const look = this.#deps.follow(trial);
    // A clock that steps back must not prolong a trial forever, nor one that jumps end it.
    const before = Math.min(Math.max(0, clock.now() - trial.startedMs), trial.timeoutMs);
    const startMs = clock.monotonicMs();
    while (!signal.aborted) {
      const progress = trial.pods.length === 0
        ? { state: "settled" as const, pods: [] }
        : await look();
      if (signal.aborted) return;
      const step = judge.look(progress, before + clock.monotonicMs() - startMs);
      if (step.kind === "keep") return void await this.#end(trial, "kept");
      if (step.kind === "go-back") {
        const cause = await this.#explained(step);
        if (signal.aborted) return;
        // Not waited for: it waits for a change, and that change may wait for this look.
        return void this.#takeBack(trial, cause);
      }
      await clock.sleep(LOOK_INTERVAL_MS, signal).catch(() => undefined); // the loop sees it
    }
  }

  /** The cause with what `describe` says of its pods, unless that takes too long. */
  async #explained(step: GoBack): Promise<string> {
    const { clock, explain } = this.#deps;
    const late = new AbortController();
    const limit = clock.sleep(EXPLAIN_LIMIT_MS, late.signal).catch(() => undefined); // it was in time
    const explained = new Map<string, string>();
    await Promise.all(step.pods.map(async ({ id }) => {
      const asked = explain(id).catch(() => undefined); // the pod's reason says enough
      const why = await Promise.race([asked, limit.then(() => undefined)]);
      if (why !== undefined) explained.set(id, why);
    }));
    late.abort();
    return trialCause(step, explained);
  }

  /** @returns undefined when it is not the running trial any more */
  #takeBack(trial: Trial, cause: string): Promise<TrialEnd | undefined> {
    const going = this.#triedBack({ ...trial, goingBack: trial.goingBack ?? cause }, trial);
    this.#goingBack = going;
    going.catch((error) => {
      this.#deps.log.error("The trial cannot be taken back", { error: errorText(error) });
    });
    return going;
  }

  /** Tries until it works, or has not for long; other changes are not held up between two tries. */
  async #triedBack(
    marked: Trial & { readonly goingBack: string },
    trial: Trial,
  ): Promise<TrialEnd | undefined> {
    const { exclusively, clock, log } = this.#deps;
    for (let tries = 0;; tries++) {
      const pauseMs = PAUSES_MS[tries];
      const result = await exclusively(async () => {
        const { running } = this.#state;
        if (running !== trial && running !== marked) return { end: undefined };
        try {
          return { end: await this.#goBack(marked) };
        } catch (error) {
          const why = errorText(error);
          if (pauseMs !== undefined) return { failure: why };
          const cause = `${marked.goingBack}; and going back failed: ${why}`;
          return { end: await this.#end(marked, "failed", cause) };
        }
      });
      if (!("failure" in result) || pauseMs === undefined) return result.end;
      log.warn("The trial is not taken back yet, which is tried again", { error: result.failure });
      const isClosing = await clock.sleep(pauseMs, this.#closing.signal)
        .then(() => false, () => true);
      if (isClosing) return undefined; // the next start continues
    }
  }

  async #goBack(marked: Trial & { readonly goingBack: string }): Promise<TrialEnd> {
    await this.#save({ ...this.#state, running: marked });
    const pods = await this.#deps.goBack(marked, marked.goingBack);
    const end = await this.#end(marked, "reverted", marked.goingBack);
    this.#back = pods.length === 0 ? undefined : { ...marked, pods };
    this.#watchBack();
    return end;
  }

  /** Looks whether the versions before come up again, if any are to, and tells once if they do not. */
  #watchBack(): undefined {
    const trial = this.#back;
    if (trial === undefined || this.#closing.signal.aborted) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#looking = this.#lookBack(trial, signal).catch((error) => {
      this.#deps.log.error("The version before cannot be watched", { error: errorText(error) });
    });
  }

  async #lookBack(trial: Trial, signal: AbortSignal): Promise<void> {
    const { clock, told } = this.#deps;
    const judge = new TrialJudge({ ...trial, confirm: "auto" });
    const look = this.#deps.follow(trial);
    const startMs = clock.monotonicMs();
    while (!signal.aborted) {
      const step = judge.look(await look(), clock.monotonicMs() - startMs);
      if (signal.aborted) return;
      if (step.kind !== "watch") this.#back = undefined;
      if (step.kind === "keep") return;
      if (step.kind === "go-back") return told("back-failed", trial, trialCause(step));
      await clock.sleep(LOOK_INTERVAL_MS, signal).catch(() => undefined); // the loop sees it
    }
  }

  async #end(trial: Trial, result: TrialEnd["result"], cause?: string): Promise<TrialEnd> {
    const end: TrialEnd = {
      revision: trial.revision,
      backTo: trial.backTo,
      result,
      ...(cause === undefined ? {} : { cause }),
      at: new Date(this.#deps.clock.now()).toISOString(),
      ...(trial.trigger === undefined ? {} : { trigger: trial.trigger }),
    };
    await this.#save({ last: end });
    this.#deps.told(result, trial, cause ?? `revision ${trial.revision} is kept`);
    return end;
  }

  async #halt(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #save(state: TrialState): Promise<void> {
    this.#state = state;
    this.#deps.changed();
    await this.#saves.run(() => saveTrials(this.#deps.stateDir, state));
  }
}

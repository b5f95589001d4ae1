/** Watches the running trial, and ends it in one of its two ends. */
import { type Trial, TrialJudge, type TrialPod, type TrialProgress } from "../change/mod.ts";
import { type Clock, errorText } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import { saveTrials, type TrialEnd, type TrialState } from "./trial_store.ts";

/** How often kubelet and runtime are asked during a trial, in milliseconds. */
const LOOK_INTERVAL_MS = 500;

/** What a trial needs of the agent. */
export interface TrialDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly stateDir: string;
  /** Begins to follow a trial's pods; each call of what it returns is a look at them. */
  readonly follow: (trial: Trial) => () => Promise<TrialProgress>;
  /** Serves an earlier revision again. @throws when that cannot be done */
  readonly goBack: (trial: Trial, cause: string) => Promise<void>;
  /** Told of each beginning and end, for events. */
  readonly told: (
    what: "started" | "kept" | "reverted" | "failed",
    trial: Trial,
    why: string,
  ) => void;
}

/** Holds at most one trial. */
export class TrialRunner {
  readonly #deps: TrialDeps;
  #state: TrialState;
  #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(deps: TrialDeps, state: TrialState) {
    this.#deps = deps;
    this.#state = state;
  }

  get state(): TrialState {
    return this.#state;
  }

  /** Puts a trial on disk, before what it tries is served. */
  async prepare(trial: Trial): Promise<void> {
    await this.#halt();
    await this.#save({ ...this.#state, running: trial });
  }

  /** Forgets a prepared trial of which nothing is served. */
  async forget(): Promise<void> {
    await this.#halt();
    const { running: _, ...rest } = this.#state;
    await this.#save(rest);
  }

  /** Begins to watch, or goes on after a restart. */
  async watch(trial: Trial): Promise<void> {
    await this.#halt();
    await this.#save({ ...this.#state, running: trial });
    this.#stop = new AbortController();
    this.#deps.told("started", trial, `revision ${trial.revision} is on trial`);
    this.#done = this.#run(trial, this.#stop.signal).catch((error) => {
      this.#deps.log.error("The trial cannot be watched", { error: errorText(error) });
    });
  }

  /** Another reload has changed what the running trial must watch. */
  async follow(pods: readonly TrialPod[], revision: number): Promise<void> {
    const { running } = this.#state;
    if (running !== undefined) await this.watch({ ...running, pods, revision });
  }

  /** Keeps the running trial; undefined when there is none. */
  async confirm(): Promise<TrialEnd | undefined> {
    const { running } = this.#state;
    if (running === undefined) return undefined;
    await this.#halt();
    return await this.#end(running, "kept");
  }

  /** Takes the running trial back now; undefined when there is none. */
  async cancel(cause: string): Promise<TrialEnd | undefined> {
    const { running } = this.#state;
    if (running === undefined) return undefined;
    await this.#halt();
    return await this.#takeBack(running, cause);
  }

  /** Stops watching; the trial stays on disk for the next start. */
  async close(): Promise<void> {
    await this.#halt();
  }

  async #run(trial: Trial, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const judge = new TrialJudge(trial);
    const look = this.#deps.follow(trial);
    // A clock that steps back must not prolong a trial for ever, nor one that jumps end it.
    const before = Math.min(Math.max(0, clock.now() - trial.startedMs), trial.timeoutMs);
    const startMs = clock.monotonicMs();
    while (!signal.aborted) {
      const progress = trial.pods.length === 0
        ? { state: "settled" as const, pods: [] }
        : await look();
      if (signal.aborted) return;
      const step = judge.look(progress, before + clock.monotonicMs() - startMs);
      if (step.kind === "keep") return void await this.#end(trial, "kept");
      if (step.kind === "go-back") return void await this.#takeBack(trial, step.cause);
      await clock.sleep(LOOK_INTERVAL_MS, signal).catch(() => undefined); // the loop sees it
    }
  }

  async #takeBack(trial: Trial, cause: string): Promise<TrialEnd> {
    try {
      await this.#deps.goBack(trial, cause);
    } catch (error) {
      return await this.#end(
        trial,
        "failed",
        `${cause}; and going back failed: ${errorText(error)}`,
      );
    }
    return await this.#end(trial, "reverted", cause);
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
    await this.#done;
  }

  async #save(state: TrialState): Promise<void> {
    this.#state = state;
    await saveTrials(this.#deps.stateDir, state);
  }
}

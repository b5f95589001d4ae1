/** Tells of trials: in the log, as events, as metrics, and in the status of the config. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Trial } from "../../change/mod.ts";
import type { JsonObject } from "../../core/mod.ts";
import type { TrialNews, TrialState } from "../../transaction/mod.ts";
import type { Sources } from "../sources.ts";

const EVENT_TYPES = {
  started: "trial",
  kept: "kept",
  reverted: "reverted",
  failed: "reverted",
  "back-failed": "reverted",
} as const;

const LEVELS = {
  started: "info",
  kept: "info",
  reverted: "warn",
  failed: "error",
  "back-failed": "error",
} as const;

/** What telling needs. */
export interface TrialNewsDeps extends Pick<Sources, "log" | "events"> {
  readonly registry: Registry;
  readonly state: () => TrialState;
}

/** Takes what is told of trials; its metrics show the state as it is when they are read. */
export function trialNews(
  { log, events, registry, state }: TrialNewsDeps,
): (what: TrialNews, trial: Trial, why: string) => void {
  const registers = [registry];
  new Gauge({
    name: "podstead_trial_running",
    help: "1 while a change is on trial, 0 otherwise",
    registers,
    collect() {
      this.set(state().running === undefined ? 0 : 1);
    },
  });
  new Gauge({
    name: "podstead_trial_deadline_timestamp_seconds",
    help: "When the running trial goes back at the latest; 0 while none runs",
    registers,
    collect() {
      const { running } = state();
      this.set(running === undefined ? 0 : (running.startedMs + running.timeoutMs) / 1000);
    },
  });
  const ends = new Counter({
    name: "podstead_trial_ends_total",
    help: "Trials that have ended, by result (kept, reverted, failed: they could not go back)",
    labelNames: ["result"] as const,
    registers,
  });
  for (const result of ["kept", "reverted", "failed"]) ends.inc({ result }, 0);
  return (what, trial, why) => {
    const { revision, backTo, pods } = trial;
    if (what !== "started" && what !== "back-failed") ends.inc({ result: what });
    log[LEVELS[what]](`Trial ${what}`, { revision, backTo, why });
    const message = messageOf(what, backTo, why);
    const isEnd = what !== "started" && what !== "kept";
    for (const { namespace, name, hash } of pods) {
      events.record({
        type: EVENT_TYPES[what],
        ...{ namespace, name, message, revision, backTo },
        ...(isEnd ? { reason: why } : {}),
        ...(hash === undefined ? {} : { hash }),
      });
    }
  };
}

function messageOf(what: TrialNews, backTo: number, why: string): string {
  switch (what) {
    case "started":
      return `on trial; goes back to revision ${backTo} unless it stays ready`;
    case "kept":
      return "the trial has ended: kept";
    case "reverted":
      return `the trial has ended: back to revision ${backTo}: ${why}`;
    case "failed":
      return `the trial has ended, and going back has failed: ${why}`;
    case "back-failed":
      return `the version of revision ${backTo} does not come up either: ${why}`;
  }
}

/** The running trial, or else how the last one ended; undefined if there was none. */
export function trialStatus({ running, last }: TrialState): JsonObject | undefined {
  if (running !== undefined) {
    const { revision, backTo, startedMs, timeoutMs, confirm, goingBack } = running;
    return {
      state: goingBack === undefined ? "running" : "going-back",
      ...{ revision, backTo, confirm },
      until: new Date(startedMs + timeoutMs).toISOString(),
      ...(goingBack === undefined ? {} : { cause: goingBack }),
    };
  }
  if (last === undefined) return undefined;
  const { result, revision, backTo, cause, at } = last;
  return { state: result, revision, backTo, at, ...(cause === undefined ? {} : { cause }) };
}

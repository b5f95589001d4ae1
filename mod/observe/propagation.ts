/** How long each change took from the config to a pod that is ready. */
import { type Clock, formatDuration, formatIssueBriefly } from "../core/mod.ts";
import { Histogram, type Registry } from "prom-client";
import { gracePeriodMs, type PodStatusRow, type RemovedPod } from "../status/mod.ts";
import { type EventLog, eventsOf, type NewPodEvent } from "./event_log.ts";
import type { FetchRecord } from "./fetch_log.ts";
import type { Commit, PodOutcome, ReloadOutcome, ServedList, ServedPod } from "../agent/mod.ts";

/** The stages of a change, in their order. */
export const CHANGE_STAGES = ["served", "fetched", "running", "ready"] as const;
export type ChangeStage = typeof CHANGE_STAGES[number];

/** One change of one pod on its way. Times are ISO 8601; an absent one has not come yet. */
export interface PodChange {
  readonly namespace: string;
  /** As declared. */
  readonly name: string;
  readonly hash: string;
  readonly applied: string;
  readonly served?: string;
  readonly fetched?: string;
  readonly running?: string;
  readonly ready?: string;
  /** How its new version took the place of the old one; absent for a pod that is new. */
  readonly method?: "in-place" | "quick" | "kubelet";
  /** How long no container of it ran, in milliseconds; absent if the old one was not seen to end. */
  readonly downMs?: number;
}

/** A new version that runs in the place of an old one. */
export interface ReplacedPod {
  readonly namespace: string;
  /** As declared. */
  readonly name: string;
  readonly hash: string;
  readonly method: "in-place" | "quick" | "kubelet";
  readonly downtimeMs?: number;
}

/** What the tracker needs. */
export interface PropagationDeps {
  readonly clock: Clock;
  readonly events: EventLog;
  readonly registry: Registry;
  /** Asks kubelet and runtime; `observe` is called with the rows. */
  readonly look: () => Promise<unknown>;
  /** What was served before the agent started: nothing of it is a change. */
  readonly served: ServedList;
}

interface Journey {
  readonly pod: { readonly namespace: string; readonly name: string };
  readonly hash: string;
  readonly atMs: { applied: number } & Partial<Record<ChangeStage, number>>;
  /** What its replacement cost; undefined until the new version runs. */
  cost: Pick<PodChange, "method" | "downMs"> | undefined;
  /** It is no longer followed: it took too long. */
  abandoned: boolean;
  /** What was last seen of its readiness. */
  lastReady: PodStatusRow["ready"];
}

/** How long a change is followed after its fetch, in milliseconds: an image may need a pull. */
const LOOK_AFTER_MS = 180_000;

/** How many pods that have left the list are remembered. */
const MAX_REMOVED = 1_000;

/**
 * Follows changes from reload to ready. It looks at kubelet and runtime only
 * while a change that the kubelet has fetched is not ready yet, ever more
 * rarely, and not for longer than three minutes; at all other times it waits
 * to be called.
 */
export class PropagationTracker {
  readonly #deps: PropagationDeps;
  readonly #histogram: Histogram<"stage">;
  readonly #journeys = new Map<string, Journey>();
  /** Pods that have left the list: they may still be ending. */
  readonly #removed = new Map<string, RemovedPod>();
  readonly #stop = new AbortController();
  #served: ReadonlyMap<string, ServedPod>;
  #etag: string;
  #looking = false;

  constructor(deps: PropagationDeps) {
    this.#deps = deps;
    this.#served = byKey(deps.served.pods);
    this.#etag = deps.served.etag;
    this.#histogram = new Histogram({
      name: "podstead_propagation_seconds",
      help: "From a change being applied until it is served, fetched, running and ready",
      labelNames: ["stage"],
      buckets: [0.01, 0.05, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160],
      registers: [deps.registry],
    });
  }

  /** The last change of a pod since the agent runs. */
  changeOf(namespace: string, name: string): PodChange | undefined {
    const journey = this.#journeys.get(`${namespace}/${name}`);
    return journey === undefined ? undefined : toChange(journey);
  }

  /** Since when this version of a pod is served; undefined if the agent found it so at its start. */
  servedSinceMs(pod: ServedPod): number | undefined {
    const journey = this.#journeys.get(`${pod.namespace}/${pod.name}`);
    return journey?.hash === pod.hash ? journey.atMs.served : undefined;
  }

  /** The pods that have left the list since the agent runs; the latest thousand of them. */
  removed(): readonly RemovedPod[] {
    return [...this.#removed.values()];
  }

  /** The agent has made a step: that a pod was declared is recorded before that it is served. */
  committed({ outcome, list }: Commit): void {
    const served = list === undefined ? [] : this.#listed(list);
    if (outcome !== undefined) this.#reloaded(outcome);
    for (const event of served) this.#deps.events.record(event);
  }

  /** @returns the events of what is served from now on */
  #listed({ pods, etag }: ServedList): readonly NewPodEvent[] {
    const { clock } = this.#deps;
    const events: NewPodEvent[] = [];
    const now = byKey(pods);
    this.#etag = etag;
    for (const [key, { namespace, name, pod }] of this.#served) {
      if (now.has(key)) continue;
      this.#removed.delete(key); // so that it comes last, as the newest
      const graceMs = gracePeriodMs(pod["spec"]);
      this.#removed.set(key, { namespace, name, graceMs, sinceMs: clock.now() });
    }
    for (const key of now.keys()) this.#removed.delete(key);
    for (const oldest of [...this.#removed.keys()].slice(0, -MAX_REMOVED)) {
      this.#removed.delete(oldest);
    }
    for (const [key, pod] of now) {
      const before = this.#served.get(key);
      if (before?.hash === pod.hash) continue;
      this.#journeyOf(pod).atMs.served = clock.now();
      this.#reached(this.#journeyOf(pod), "served");
      const message = before === undefined
        ? `In the list, as of revision ${pod.revision}`
        : `In the list in a new version, as of revision ${pod.revision}`;
      const atMs = clock.now();
      events.push({ ...nameOf(pod), type: "served", message, hash: pod.hash, atMs });
    }
    this.#served = now;
    return events;
  }

  #reloaded(outcome: ReloadOutcome): void {
    const { events } = this.#deps;
    const atMs = Date.parse(outcome.at);
    for (const pod of outcome.pods) {
      const where = `${pod.source.file}:${pod.source.line}`;
      const common = { ...nameOf(pod), hash: pod.hash, atMs };
      if (pod.change === "added") {
        events.record({ ...common, type: "declared", message: `Declared at ${where}` });
      } else if (pod.change === "changed") {
        events.record({ ...common, type: "declared", message: `Declared again at ${where}` });
      } else if (pod.change === "removed") {
        this.#journeys.delete(`${pod.namespace}/${pod.name}`);
        const why = pod.reason === undefined ? "" : `: ${pod.reason}`;
        const message = pod.state === "Stopped"
          ? `No longer served: ${pod.reason}`
          : `Declared no longer${why}`;
        events.record({ ...nameOf(pod), type: "removed", message, atMs });
      }
      if (pod.state === "Rejected" || pod.state === "Blocked") this.#rejected(pod, where, atMs);
    }
    this.#forget(outcome.pods);
  }

  /** The kubelet has fetched a list. */
  fetched({ atMs, etag }: FetchRecord): void {
    if (etag !== this.#etag) return;
    for (const journey of this.#journeys.values()) {
      if (journey.atMs.served === undefined || journey.atMs.fetched !== undefined) continue;
      journey.atMs.fetched = atMs;
      this.#reached(journey, "fetched");
      this.#deps.events.record({
        ...journey.pod,
        type: "fetched",
        message: `Fetched by the kubelet ${
          formatDuration(atMs - journey.atMs.served)
        } after it was served`,
        hash: journey.hash,
        atMs,
      });
      void this.#lookAfter();
    }
  }

  /** The new version of a pod runs. */
  replaced({ namespace, name, hash, method, downtimeMs }: ReplacedPod): void {
    const journey = this.#journeys.get(`${namespace}/${name}`);
    if (journey?.hash !== hash) return;
    journey.cost = {
      method,
      ...(downtimeMs === undefined ? {} : { downMs: Math.round(downtimeMs) }),
    };
  }

  /** There was a look; the rows are as of now. */
  observe(rows: readonly PodStatusRow[]): void {
    const nowMs = this.#deps.clock.now();
    for (const row of rows) {
      const { desired } = row.joined;
      const journey = desired && this.#journeys.get(`${desired.namespace}/${desired.name}`);
      if (journey === undefined || journey.atMs.fetched === undefined) continue;
      journey.lastReady = row.ready;
      if (row.drift !== "Current") continue;
      // It has done its work, and will not be ready again.
      if (row.phase === "Succeeded") journey.abandoned = true;
      const [sandbox] = row.joined.sandboxes;
      if (journey.atMs.running === undefined && row.startedAtMs !== undefined) {
        const started = (sandbox?.containers ?? [])
          .filter(({ state, type }) => state === "CONTAINER_RUNNING" && type === "container")
          .map(({ createdAt }) => Date.parse(createdAt));
        if (started.length > 0 || row.ready === "True") {
          journey.atMs.running = Math.min(nowMs, Math.max(journey.atMs.fetched, ...started));
          this.#reached(journey, "running");
        }
      }
      if (journey.atMs.ready === undefined && row.ready === "True") {
        journey.atMs.running ??= nowMs;
        // The kubelet tells times in whole seconds: to have seen it is more exact.
        journey.atMs.ready = nowMs;
        this.#reached(journey, "ready");
      }
    }
  }

  /** Stops following changes. */
  close(): void {
    this.#stop.abort();
  }

  async #lookAfter(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { clock, look } = this.#deps;
    const { signal } = this.#stop;
    try {
      while (!signal.aborted && this.#onTheirWay().length > 0) {
        await look().catch(() => undefined); // what cannot be asked now may answer the next time
        const youngest = Math.max(...this.#onTheirWay().map(({ atMs }) => atMs.fetched ?? 0));
        await clock.sleep(pauseMs(clock.now() - youngest), signal);
      }
    } catch {
      // Only the sleep throws, and only when the agent stops.
    } finally {
      this.#looking = false;
    }
  }

  #onTheirWay(): readonly Journey[] {
    const nowMs = this.#deps.clock.now();
    for (const journey of this.#journeys.values()) {
      const { fetched } = journey.atMs;
      const late = fetched !== undefined && nowMs - fetched > LOOK_AFTER_MS;
      if (!late || journey.abandoned || journey.atMs.ready !== undefined) continue;
      journey.abandoned = true;
      // What cannot be seen must not be called not ready.
      if (journey.lastReady !== "False") continue;
      const message = `Still not ready ${
        formatDuration(LOOK_AFTER_MS)
      } after the kubelet fetched it`;
      this.#deps.events.record({ ...journey.pod, type: "not-ready", message, hash: journey.hash });
    }
    return [...this.#journeys.values()].filter(({ atMs, abandoned }) =>
      atMs.fetched !== undefined && atMs.ready === undefined && !abandoned
    );
  }

  #journeyOf(pod: ServedPod): Journey {
    const key = `${pod.namespace}/${pod.name}`;
    const known = this.#journeys.get(key);
    if (known?.hash === pod.hash) return known;
    const journey: Journey = {
      pod: nameOf(pod),
      hash: pod.hash,
      atMs: { applied: pod.sinceMs },
      cost: undefined,
      abandoned: false,
      lastReady: "Unknown",
    };
    this.#journeys.set(key, journey);
    return journey;
  }

  #rejected(pod: PodOutcome, where: string, atMs: number): void {
    const { events } = this.#deps;
    const known = events.list(eventsOf(pod)).findLast(({ type }) =>
      type === "rejected" || type === "declared"
    );
    // Each reload judges it again; only another verdict is news.
    if (known?.type === "rejected" && known.hash === pod.hash) return;
    const [issue] = pod.errors;
    events.record({
      ...nameOf(pod),
      type: "rejected",
      message: issue === undefined
        ? `Not served as declared at ${where}: ${pod.reason ?? "see the reload"}`
        : `The kubelet would refuse it as declared at ${where}: ${formatIssueBriefly(issue)}`,
      hash: pod.hash,
      atMs,
    });
  }

  /** Nothing is kept of pods that are no longer declared. */
  #forget(pods: readonly PodOutcome[]): void {
    const known = new Set(pods.map(({ namespace, name }) => `${namespace}/${name}`));
    for (const key of this.#journeys.keys()) if (!known.has(key)) this.#journeys.delete(key);
  }

  #reached(journey: Journey, stage: ChangeStage): void {
    const reachedMs = journey.atMs[stage] ?? journey.atMs.applied;
    this.#histogram.observe({ stage }, Math.max(0, reachedMs - journey.atMs.applied) / 1000);
  }
}

/** Quick while a second counts, rare when a person will not notice. */
function pauseMs(sinceFetchMs: number): number {
  return sinceFetchMs < 5_000 ? 250 : sinceFetchMs < 30_000 ? 1_000 : 3_000;
}

function byKey(pods: readonly ServedPod[]): ReadonlyMap<string, ServedPod> {
  return new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return { namespace, name };
}

function toChange({ pod, hash, atMs, cost }: Journey): PodChange {
  const stages = CHANGE_STAGES.map((stage) => [stage, atMs[stage]] as const)
    .filter((entry): entry is readonly [ChangeStage, number] => entry[1] !== undefined)
    .map(([stage, ms]) => [stage, new Date(ms).toISOString()]);
  return {
    ...pod,
    hash,
    applied: new Date(atMs.applied).toISOString(),
    ...Object.fromEntries(stages),
    ...cost,
  };
}

/** Keeps `StaticPodStatus` true: asks the kubelet and the runtime on demand. */
import {
  type Clock,
  formatDuration,
  formatIssue,
  formatIssueBriefly,
  type IssueParts,
  PodsteadError,
} from "../core/mod.ts";
import type { Settings } from "../config/mod.ts";
import type { PodView } from "../cri/mod.ts";
import { askingFailure, type KubeletPod } from "../kubelet/mod.ts";
import {
  DEFAULT_LIMITS,
  type DesiredError,
  type DesiredPod,
  joinStatus,
  NEVER_READ,
  type PodStatusRow,
  type ProbeAnswer,
  type Reading,
  type RemovedPod,
  staticPodName,
  statusContent,
  type StatusInput,
} from "../status/mod.ts";
import type { FetchLog } from "./fetch_log.ts";
import type {
  AgentState,
  HeldBack,
  ReportedPodIssue,
  ResourceStore,
  ServedPod,
} from "../agent/mod.ts";

/** What the status is read from. */
export interface StatusDeps {
  readonly clock: Clock;
  readonly store: ResourceStore;
  readonly fetches: FetchLog;
  readonly state: () => AgentState;
  readonly settings: () => Settings;
  /** `/pods` of the kubelet, with the current settings. */
  readonly kubeletPods: (signal: AbortSignal) => Promise<readonly KubeletPod[]>;
  /** Every pod of the runtime, with the statuses of exited containers. */
  readonly runtimePods: (signal: AbortSignal) => Promise<readonly PodView[]>;
  /** Asks the probes of pods that podstead can ask itself, where the kubelet cannot be asked. */
  readonly ownProbes?: (
    pods: readonly DesiredPod[],
  ) => Promise<ReadonlyMap<string, ProbeAnswer>>;
  /** Keys of pods that the list holds in an older version, or not at all, for now. */
  readonly heldBack: () => ReadonlyMap<string, HeldBack>;
  /** Since when a version is in the list, if that is later than it was desired. */
  readonly servedSinceMs?: (pod: ServedPod) => number | undefined;
  /** Pods that have left the list recently, and since when. */
  readonly removed?: () => readonly RemovedPod[];
}

/** What is remembered of the kubelet's polls, as a status is joined from it. */
export type FetchLogView = StatusInput["fetches"];

/** How long the kubelet and the runtime may take to answer, in milliseconds: a person waits. */
const ASK_TIMEOUT_MS = 2_000;

/** How often the sources are asked while there is a watcher, in milliseconds. */
const WATCH_INTERVAL_MS = 1_000;

/** The least time between two rounds of probes, in milliseconds, however often there is a look. */
const PROBE_INTERVAL_MS = 1_000;

/** Asks the sources on demand; several callers at one time share one round. */
export class StatusService {
  readonly #deps: StatusDeps;
  readonly #listeningSinceMs: number;
  #kubelet: Reading<readonly KubeletPod[]> = NEVER_READ;
  #runtime: Reading<readonly PodView[]> = NEVER_READ;
  #probes: ReadonlyMap<string, ProbeAnswer> = new Map();
  /** By the monotonic clock. */
  #probedMs = -Infinity;
  #running: Promise<readonly PodStatusRow[]> | undefined;
  #watchers = 0;
  /** By the monotonic clock. */
  #lookedMs = -Infinity;
  readonly #onRows: ((rows: readonly PodStatusRow[]) => void)[] = [];

  constructor(deps: StatusDeps) {
    this.#deps = deps;
    this.#listeningSinceMs = deps.clock.now();
  }

  /** The last readings, to explain a status by. */
  get readings(): Pick<StatusInput, "kubelet" | "runtime"> {
    return { kubelet: this.#kubelet, runtime: this.#runtime };
  }

  /** Whether a pod, by its declared name, is declared here, was recently, or runs with our stamp. */
  isOurs(namespace: string, name: string): boolean {
    const is = (pod: { readonly namespace: string; readonly name: string }) =>
      pod.namespace === namespace && pod.name === name;
    if (this.#deps.state().pods.some(is)) return true;
    if (this.#deps.removed?.().some(is) === true) return true;
    const fullName = staticPodName(name, this.#deps.settings().node.name);
    return this.#runtime.value?.some((pod) =>
      pod.specHash !== undefined && pod.namespace === namespace && pod.name === fullName
    ) ?? false;
  }

  /** Calls `listener` with the rows after each look. */
  onRows(listener: (rows: readonly PodStatusRow[]) => void): void {
    this.#onRows.push(listener);
  }

  /** Asks every source and brings the resources up to date; callers at one time share one round. */
  refresh(): Promise<readonly PodStatusRow[]> {
    this.#running ??= this.#refresh().finally(() => this.#running = undefined);
    return this.#running;
  }

  /**
   * The same by a round that begins only now: a running one may have asked before
   * the event that the caller looks for.
   */
  async refreshAnew(): Promise<readonly PodStatusRow[]> {
    await this.#running?.catch(() => undefined); // its first caller gets the error
    return await this.refresh();
  }

  /** The rows of a look of at most this age; asks only if there is none. */
  async recent(maxAgeMs: number): Promise<void> {
    const { clock } = this.#deps;
    if (clock.monotonicMs() - this.#lookedMs > maxAgeMs) await this.refresh();
  }

  /** Refreshes at an interval until `signal` aborts; several watchers share one loop. */
  keepFresh(signal: AbortSignal): void {
    this.#watchers += 1;
    signal.addEventListener("abort", () => this.#watchers -= 1, { once: true });
    if (this.#watchers === 1) void this.#loop();
  }

  /** What a status is joined from, as of the last readings. */
  input(): StatusInput {
    const { clock, fetches } = this.#deps;
    const { last, lastRefused, intervalMs, goneMs } = fetches;
    return {
      nowMs: clock.now(),
      nodeName: this.#deps.settings().node.name,
      desired: this.#desired(),
      removed: (this.#deps.removed?.() ?? []).map((pod) => ({
        ...pod,
        fetchedAtMs: fetches.firstSince(pod.sinceMs),
      })),
      fetches: {
        listeningSinceMs: this.#listeningSinceMs,
        lastGood: last === undefined ? undefined : { ...last, status: 200 },
        lastRefused,
        intervalMs,
        goneMs,
      },
      kubelet: this.#kubelet,
      runtime: this.#runtime,
      probes: this.#probes,
      limits: DEFAULT_LIMITS,
    };
  }

  async #loop(): Promise<void> {
    while (this.#watchers > 0) {
      await this.refresh();
      await this.#deps.clock.sleep(WATCH_INTERVAL_MS);
    }
  }

  async #refresh(): Promise<readonly PodStatusRow[]> {
    const [kubelet, runtime] = await Promise.all([
      this.#ask("The kubelet", this.#kubelet, this.#deps.kubeletPods),
      this.#ask("The container runtime", this.#runtime, this.#deps.runtimePods),
    ]);
    this.#kubelet = kubelet;
    this.#runtime = runtime;
    await this.#askProbes();
    this.#lookedMs = this.#deps.clock.monotonicMs();
    const input = this.input();
    const rows = joinStatus(input);
    const { store } = this.#deps;
    const contents = rows.map((row) => statusContent(row, input.nodeName));
    store.replace("StaticPodStatus", store.upcoming("StaticPodStatus", contents));
    for (const listener of this.#onRows) listener(rows);
    return rows;
  }

  /** Only while there is no other source: the kubelet asks them anyway. */
  async #askProbes(): Promise<void> {
    const { clock, ownProbes } = this.#deps;
    if (ownProbes === undefined || this.#kubelet.failure === undefined) {
      this.#probes = new Map();
      return;
    }
    if (clock.monotonicMs() - this.#probedMs < PROBE_INTERVAL_MS) return;
    this.#probedMs = clock.monotonicMs();
    this.#probes = await ownProbes(this.#desired());
  }

  async #ask<T>(
    who: string,
    before: Reading<T>,
    source: (signal: AbortSignal) => Promise<T>,
  ): Promise<Reading<T>> {
    const { clock } = this.#deps;
    const deadline = AbortSignal.timeout(ASK_TIMEOUT_MS);
    try {
      const value = await source(deadline);
      return { value, atMs: clock.now() };
    } catch (error) {
      const failure = { atMs: clock.now(), ...askingFailure(error) };
      // It was ended by our own deadline, which each runtime names differently.
      const late = deadline.aborted && !(error instanceof PodsteadError);
      const message = `${who} did not answer within ${formatDuration(ASK_TIMEOUT_MS)}`;
      return { ...before, failure: late ? { ...failure, message, problem: "timeout" } : failure };
    }
  }

  #desired(): readonly DesiredPod[] {
    const state = this.#deps.state();
    const held = this.#deps.heldBack();
    const outcomes = new Map((state.lastReload?.pods ?? []).map((pod) => [pod.id, pod]));
    const incarnations = new Map(state.incarnations.map((one) => [one.key, one]));
    const served = state.pods.map((pod): DesiredPod => {
      const known = incarnations.get(`${pod.namespace}/${pod.name}`);
      const outcome = outcomes.get(pod.id);
      const hold = held.get(`${pod.namespace}/${pod.name}`);
      const state = outcome?.state ?? "Served";
      const servedSinceMs = this.#deps.servedSinceMs?.(pod) ?? pod.sinceMs;
      return {
        ...pod,
        state: hold !== undefined && state === "Served" ? hold.state : state,
        reasonCode: hold?.code ?? outcome?.reasonCode,
        reason: hold?.reason ?? outcome?.reason ?? issueText(outcome?.errors[0]),
        error: firstError(outcome?.errors ?? []),
        servedHash: hold === undefined ? pod.hash : undefined,
        servedAs: known?.version === pod.hash ? known : undefined,
        servedSinceMs,
        fetchedAtMs: this.#deps.fetches.firstSince(servedSinceMs),
      };
    });
    const servedIds = new Set(state.pods.map((pod) => pod.id));
    const stops = new Map(
      (state.stops ?? []).map((stop) => [`${stop.namespace}/${stop.name}`, stop.since]),
    );
    const unserved = [...outcomes.values()]
      .filter((pod) => pod.state !== undefined && !servedIds.has(pod.id))
      .map((pod): DesiredPod => ({
        id: pod.id,
        namespace: pod.namespace,
        name: pod.name,
        state: pod.state ?? "Rejected",
        reasonCode: pod.reasonCode,
        reason: pod.reason ?? issueText(pod.errors[0]),
        error: firstError(pod.errors),
        pod: {},
        servedHash: undefined,
        servedSinceMs: Date.parse(
          stops.get(`${pod.namespace}/${pod.name}`) ?? state.lastReload?.at ?? "",
        ),
        source: pod.source,
      }));
    return [...served, ...unserved];
  }
}

function issueText(issue: IssueParts | undefined): string | undefined {
  return issue === undefined ? undefined : formatIssueBriefly(issue);
}

/** The first error of a rejected pod, just as the reload told it. */
function firstError([first, ...others]: readonly ReportedPodIssue[]): DesiredError | undefined {
  return first && {
    text: formatIssue(first),
    line: first.line,
    column: first.column,
    hint: first.hint,
    others: others.length,
  };
}

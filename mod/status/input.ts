import type { JsonObject } from "../core/mod.ts";
import type { PodView } from "../cri/mod.ts";
import type { KubeletPod } from "../kubelet/mod.ts";
import type { HoldCode, PodState } from "../pods/mod.ts";
import type { Reading } from "./reading.ts";

/** Why a declared pod is rejected, and where. */
export interface DesiredError {
  /** `spec.containers[0].image: Required value` */
  readonly text: string;
  /** Of the wrong value itself, 1-based. */
  readonly line: number;
  readonly column: number;
  /** The next step. */
  readonly hint?: string | undefined;
  /** How many more errors there are. */
  readonly others: number;
}

/** A pod that is declared, or still served though it is no longer declared like that. */
export interface DesiredPod {
  /** `default-nginx` */
  readonly id: string;
  readonly namespace: string;
  /** Without the node's name. */
  readonly name: string;
  readonly state: PodState;
  /** Why it is not served as declared; undefined if it is, or is refused. */
  readonly reasonCode?: HoldCode | undefined;
  /** The same as text, or the first thing that is wrong with a refused pod. */
  readonly reason?: string | undefined;
  /** The first error that it is rejected for, as the reload told it; undefined for any other reason. */
  readonly error?: DesiredError | undefined;
  /** The pod as it is meant to run: as served, or as declared where nothing is served. */
  readonly pod: JsonObject;
  /** Spec hash of the version in the list now; undefined if the list has none. */
  readonly servedHash: string | undefined;
  /** Under which UID the list has it, and with which version that pod began; undefined while the kubelet makes up the UID. */
  readonly servedAs?: { readonly uid: string; readonly hash: string } | undefined;
  /** Since when the list is as it is for this pod. */
  readonly servedSinceMs: number;
  /** When the kubelet first fetched the list as it is for this pod; undefined if that was not seen. */
  readonly fetchedAtMs?: number | undefined;
  readonly source: { readonly file: string; readonly line: number };
}

/** A pod that has left the list for good, while it may still be ending. */
export interface RemovedPod {
  readonly namespace: string;
  /** Without the node's name. */
  readonly name: string;
  /** The time that it has for its end. */
  readonly graceMs: number;
  /** Since when the list is without it. */
  readonly sinceMs: number;
  /** When the kubelet first fetched the list without it; undefined if that was not seen. */
  readonly fetchedAtMs?: number | undefined;
}

/** One request for the manifest. */
export interface Fetch {
  readonly atMs: number;
  /** 200 and 304 gave the list, everything else did not. */
  readonly status: number;
  /** The URL path that was asked for. */
  readonly path?: string | undefined;
  readonly userAgent: string;
}

/** What is remembered of the requests for the manifest. */
export interface FetchLog {
  /** Since when podstead listens: silence before it says nothing. */
  readonly listeningSinceMs: number;
  /** The last one that got the list; undefined if none has. */
  readonly lastGood?: Fetch | undefined;
  /** The last one that did not: 401, 404, 421, 503. */
  readonly lastRefused?: Fetch | undefined;
  /** The time between two good ones, as seen recently; undefined before the second. */
  readonly intervalMs?: number | undefined;
  /** When the kubelet was last seen to go away; undefined for never. */
  readonly goneMs?: number | undefined;
}

/** The last good poll of the kubelet that is there now: what one asked before it went away proves nothing. */
export function lastPoll({ lastGood, goneMs = -Infinity }: FetchLog): Fetch | undefined {
  return lastGood !== undefined && lastGood.atMs > goneMs ? lastGood : undefined;
}

/** How long things may take before they count. Milliseconds. */
export interface StatusLimits {
  /** Age up to which an answer of the kubelet is believed. */
  readonly kubeletFreshMs: number;
  /** The same for the container runtime. */
  readonly runtimeFreshMs: number;
  /** How long the kubelet may take from fetching a pod to running it. */
  readonly settleMs: number;
  /** How long the kubelet may be silent before it counts as not polling, where its interval is not known. */
  readonly silenceMs: number;
}

/**
 * How long the kubelet may be silent before it counts as not polling, in
 * milliseconds: five of its polls where they are known to be frequent, three
 * of a rare one. Never less than ten seconds: a kubelet may be restarted.
 */
export function silenceLimitMs(fetches: FetchLog, limits: StatusLimits): number {
  const { intervalMs } = fetches;
  if (intervalMs === undefined) return limits.silenceMs;
  return 5 * intervalMs <= limits.silenceMs
    ? Math.max(10_000, 5 * intervalMs)
    : Math.max(limits.silenceMs, 3 * intervalMs);
}

/**
 * - a source is asked every 15 s; one late answer is not a lost source
 * - a changed pod takes the kubelet 13 to 16 s, and the old one's grace period before
 *   that (facts on change and removal); an image pull shows in the pod's own reason
 * - the kubelet polls every 20 s unless told otherwise; three polls missed are silence
 */
export const DEFAULT_LIMITS: StatusLimits = {
  kubeletFreshMs: 20_000,
  runtimeFreshMs: 20_000,
  settleMs: 30_000,
  silenceMs: 60_000,
};

/** Everything that a status is joined from. */
export interface StatusInput {
  readonly nowMs: number;
  /** As the kubelet has it; its lower-case form is the suffix of each static pod's name. */
  readonly nodeName: string;
  readonly desired: readonly DesiredPod[];
  /** Pods that were served recently and are no longer desired. */
  readonly removed?: readonly RemovedPod[];
  readonly fetches: FetchLog;
  /** `/pods` of the kubelet. */
  readonly kubelet: Reading<readonly KubeletPod[]>;
  /** Every pod of the container runtime, with the statuses of exited containers. */
  readonly runtime: Reading<readonly PodView[]>;
  /**
   * Probes that podstead has asked itself, by `namespace/name` with the node's name; only
   * while the kubelet cannot be asked.
   */
  readonly probes?: ReadonlyMap<string, ProbeAnswer>;
  readonly limits: StatusLimits;
}

/** How a pod's probes were answered. */
export interface ProbeAnswer {
  readonly atMs: number;
  /** `readiness probe (http-get …) does not pass: …`; undefined if all pass. */
  readonly failure: string | undefined;
}

/** Whether a change has really arrived: the new version runs, is ready, and stays so. */
import type { PodStatusRow } from "../status/mod.ts";
import { liveVersions } from "./live_versions.ts";
import { podVerdict } from "./pod_verdict.ts";

/** A pod that is waited for. */
export interface AwaitedPod {
  readonly namespace: string;
  /** As declared: without the node's name. */
  readonly name: string;
  /** Spec hash of the version that should run; absent for a pod that should be gone. */
  readonly hash?: string;
}

/**
 * How far one awaited pod has come.
 *
 * - `pending`: on its way, and nothing is wrong yet
 * - `settling`: ready in its new version, but not for long enough yet
 * - `settled`: ready in its new version for as long as was asked, or gone as it should be
 * - `failed`: something is wrong; `final` where no amount of waiting changes it
 */
export type PodProgress =
  & {
    /** `default/web-node-1`; `default/web` where no source knows the pod. */
    readonly id: string;
    /** In a few words; empty for a settled pod. */
    readonly reason: string;
  }
  & (
    | { readonly state: "pending" | "settling" | "settled" }
    | { readonly state: "failed"; readonly final: boolean }
  );

/**
 * How far the whole change has come; of several pods the worst counts.
 *
 * `failed` is said only when every pod has come to its end, so that all reasons
 * are there: each is settled or has failed for good, and one at least has failed.
 */
export interface ChangeProgress {
  readonly state: "pending" | "settled" | "failed";
  readonly pods: readonly PodProgress[];
}

/** How a change is followed. */
export interface FollowOptions {
  /** The pods of the change; empty for every pod that the node should run. */
  readonly pods: readonly AwaitedPod[];
  /** How long each must stay ready without a restart, in milliseconds. */
  readonly settleMs: number;
}

/** One look at the node. */
export interface Look {
  readonly rows: readonly PodStatusRow[];
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Of a clock that never steps: a settle time is measured by it. */
  readonly monotonicMs: number;
}

/** Since when a pod is ready, and in which instances of its containers. */
interface ReadySpell {
  readonly sinceMs: number;
  readonly instances: string;
}

/** Follows one change over many looks; pure but for what it remembers of earlier looks. */
export class ChangeFollower {
  readonly #options: FollowOptions;
  readonly #spells = new Map<string, ReadySpell>();
  /** Pods that were ready and restarted or fell back since, and how that looked. */
  readonly #relapses = new Map<string, string>();

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** How far the change is, by what this look shows. */
  look({ rows, nowMs, monotonicMs }: Look): ChangeProgress {
    const { pods } = this.#options;
    const progress = pods.length > 0
      ? pods.map((pod) => this.#awaited(pod, rowOf(rows, pod), nowMs, monotonicMs))
      : rows.filter(({ joined, origin }) => joined.desired !== undefined || origin === "podstead")
        .map((row) => this.#ofRow(row, undefined, nowMs, monotonicMs));
    const over = progress.every((pod) =>
      pod.state === "settled" || (pod.state === "failed" && pod.final)
    );
    const failed = progress.some(({ state }) => state === "failed");
    return { state: over ? failed ? "failed" : "settled" : "pending", pods: progress };
  }

  #awaited(
    pod: AwaitedPod,
    row: PodStatusRow | undefined,
    nowMs: number,
    monotonicMs: number,
  ): PodProgress {
    const id = row?.id ?? `${pod.namespace}/${pod.name}`;
    if (pod.hash === undefined) return removal(id, row);
    if (row?.joined.desired?.state === "Stopped") {
      return { id, state: "failed", final: true, reason: "it was stopped since" };
    }
    if (row?.joined.desired === undefined) {
      return { id, state: "failed", final: true, reason: "it was removed from the config since" };
    }
    return this.#ofRow(row, pod.hash, nowMs, monotonicMs);
  }

  /** @param hash the version that is waited for; undefined for the one that is served */
  #ofRow(
    row: PodStatusRow,
    hash: string | undefined,
    nowMs: number,
    monotonicMs: number,
  ): PodProgress {
    const { id } = row;
    const refusal = refusalOf(row, hash);
    if (refusal !== undefined) return { id, state: "failed", final: true, reason: refusal };
    const verdict = podVerdict(row, nowMs, 0);
    const isDown = row.joined.desired?.state === "Stopped";
    if (verdict.state === "holds" && (row.phase === "Succeeded" || isDown)) {
      return { id, state: "settled", reason: "" };
    }
    const spell = this.#spells.get(id);
    if (verdict.state !== "holds") {
      this.#spells.delete(id);
      // What podstead itself takes away for a moment has not failed: the API server for etcd's change.
      const isReplaced = row.joined.desired?.state === "Replacing";
      if (spell !== undefined && !isReplaced) {
        this.#relapses.set(id, "it was ready, and is not any more");
      }
      const relapse = this.#relapses.get(id);
      const reason = [relapse, verdict.text].filter((one) => one !== undefined).join(": ");
      const alarming = verdict.state === "broken" || relapse !== undefined;
      return alarming
        ? { id, state: "failed", final: false, reason }
        : { id, state: "pending", reason };
    }
    const instances = instancesOf(row);
    const restarted = spell !== undefined && spell.instances !== instances;
    if (restarted) this.#relapses.set(id, "it was ready, and restarted");
    const sinceMs = spell === undefined || restarted ? monotonicMs : spell.sinceMs;
    this.#spells.set(id, { sinceMs, instances });
    const readyMs = Math.max(
      monotonicMs - sinceMs,
      // What is not part of the change need not prove itself again.
      hash === undefined ? readyForMs(row, nowMs) : 0,
    );
    if (readyMs >= this.#options.settleMs) {
      this.#relapses.delete(id);
      return { id, state: "settled", reason: "" };
    }
    const reason = this.#relapses.get(id) ?? "ready, but not for long enough yet";
    return { id, state: "settling", reason };
  }
}

function rowOf(
  rows: readonly PodStatusRow[],
  { namespace, name }: AwaitedPod,
): PodStatusRow | undefined {
  return rows.find(({ joined: { desired, removed } }) => {
    const known = desired ?? removed;
    return known?.namespace === namespace && known.name === name;
  });
}

/** A pod that should be gone is done with when nothing of it runs. */
function removal(id: string, row: PodStatusRow | undefined): PodProgress {
  if (row === undefined) return { id, state: "settled", reason: "" };
  const { desired } = row.joined;
  if (desired?.state === "Stopped" && row.drift === "Current") {
    return { id, state: "settled", reason: "" };
  }
  if (desired !== undefined && desired.state !== "Stopped") {
    return { id, state: "failed", final: true, reason: "it was declared again since" };
  }
  return row.ending || row.drift === "Updating"
    ? { id, state: "pending", reason: "it is still ending" }
    : { id, state: "failed", final: false, reason: "it still runs though its time is over" };
}

/** Why the awaited version will not come, whatever happens on the node; undefined if it may. */
function refusalOf(row: PodStatusRow, hash: string | undefined): string | undefined {
  const { desired } = row.joined;
  if (desired?.state === "Rejected" || desired?.state === "Blocked") {
    return desired.reason ?? "it was refused";
  }
  if (desired?.state === "Kept") {
    return desired.reason ?? "the file that declares it cannot be read";
  }
  const replaced = hash !== undefined && desired?.state === "Served" &&
    desired.servedHash !== undefined && desired.servedHash !== hash;
  return replaced ? "another version has replaced it since" : undefined;
}

/** The instances of its containers that run, so that a restart between two looks is noticed. */
function instancesOf({ restarts, joined: { kubelet, sandboxes } }: PodStatusRow): string {
  const [live] = liveVersions(sandboxes);
  const running = (live?.containers ?? [])
    .filter(({ type, state }) => type === "container" && state === "CONTAINER_RUNNING")
    .map(({ id }) => id);
  const ids = running.length > 0
    ? running
    : (kubelet?.containers ?? []).map(({ containerId }) => containerId);
  return [restarts, ...ids.toSorted()].join(" ");
}

/** For how long its sources say that it has been ready; 0 where none says so. */
function readyForMs({ readySinceMs }: PodStatusRow, nowMs: number): number {
  return readySinceMs === undefined ? 0 : Math.max(0, nowMs - readySinceMs);
}

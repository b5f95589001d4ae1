/** Whether one pod is as it should be, in four words instead of a table of them. */
import { formatDuration } from "../core/mod.ts";
import type { PodStatusRow } from "../status/mod.ts";
import { liveVersions } from "./live_versions.ts";

/**
 * - `holds`: its version runs and is ready, or has done its work
 * - `changing`: on its way, or ending, within its time: no alarm
 * - `broken`: a person should look
 * - `unknown`: no source can tell
 */
export type PodState = "holds" | "changing" | "broken" | "unknown";

/** The verdict on one pod. */
export interface PodVerdict {
  readonly state: PodState;
  /** In a few words: `Terminating, 14 s of 30 s left`. */
  readonly text: string;
}

/** How long a take-over holds a pod, in milliseconds: usually less than 10 s. */
const TAKE_OVER_MS = 30_000;

/** How long a pod that has just started may be without being ready, in milliseconds. */
const START_MS = 30_000;

/**
 * For how long a container must have run since its last restart before its pod
 * counts as well, in milliseconds: between two crashes it is ready for a moment.
 */
export const CALM_MS = 10_000;

/**
 * Judges a row as of `nowMs` (Unix milliseconds).
 *
 * @param calmMs as {@linkcode CALM_MS}; 0 where the caller measures that itself
 */
export function podVerdict(row: PodStatusRow, nowMs: number, calmMs = CALM_MS): PodVerdict {
  const { desired, sandboxes } = row.joined;
  if (desired === undefined) return undeclared(row, nowMs);
  switch (desired.state) {
    case "Rejected":
    case "Blocked":
    case "Kept":
    case "Held":
      return { state: "broken", text: desired.reason ?? desired.state };
    case "Stopped":
      return stopped(row, nowMs);
    case "Waiting":
    case "Replacing":
      return { state: "changing", text: desired.reason ?? desired.state };
    case "Served":
      break;
  }
  if (row.drift === "Unknown") return { state: "unknown", text: "no source can tell" };
  if (row.drift !== "Current") return onItsWay(row);
  if (liveVersions(sandboxes).length > 1) {
    return { state: "broken", text: "two versions of it run at once" };
  }
  if (row.phase === "Succeeded") return { state: "holds", text: "has done its work" };
  if (row.ready === "Unknown") return { state: "unknown", text: row.reason };
  if (row.ready === "True") {
    const agoMs = nowMs - lastRestartMs(row);
    return agoMs < calmMs
      ? { state: "changing", text: `ready, but restarted ${seconds(Math.max(0, agoMs))} ago` }
      : { state: "holds", text: "ready" };
  }
  const young = nowMs - (row.startedAtMs ?? -Infinity) <= START_MS;
  const text = row.reason === "" ? "not ready" : row.reason;
  return { state: young && !isFailure(row) ? "changing" : "broken", text };
}

/** As it should be once nothing of it runs. */
function stopped(row: PodStatusRow, nowMs: number): PodVerdict {
  const { desired } = row.joined;
  if (desired?.reasonCode === "held-for-take-over") {
    const isUnderWay = nowMs - desired.servedSinceMs < TAKE_OVER_MS;
    return { state: isUnderWay ? "changing" : "broken", text: desired.reason ?? "held" };
  }
  switch (row.drift) {
    case "Current":
      return { state: "holds", text: desired?.reason ?? "stopped" };
    case "Updating":
      return { state: "changing", text: endingText(row, nowMs) };
    case "Stale":
      return { state: "broken", text: "still runs though it was stopped" };
    default:
      return { state: "unknown", text: "no source can tell" };
  }
}

function undeclared(row: PodStatusRow, nowMs: number): PodVerdict {
  const { removed } = row.joined;
  if (row.ending && removed !== undefined) {
    return { state: "changing", text: endingText(row, nowMs) };
  }
  if (row.drift === "Orphaned") {
    return { state: "broken", text: "runs, though nothing declares it" };
  }
  if (row.drift === "Unknown" || row.ready === "Unknown") {
    return { state: "unknown", text: row.reason };
  }
  if (row.ready === "True" || row.phase === "Succeeded") return { state: "holds", text: "ready" };
  return { state: "broken", text: row.reason === "" ? "not ready" : row.reason };
}

/** `Terminating, 14 s of 30 s left`. */
function endingText({ joined: { removed } }: PodStatusRow, nowMs: number): string {
  if (removed === undefined) return "Terminating";
  const { fetchedAtMs, graceMs } = removed;
  if (fetchedAtMs === undefined) return "Terminating, once the kubelet has fetched the list";
  const leftMs = Math.max(0, graceMs - (nowMs - fetchedAtMs));
  const left = leftMs === 0 ? "its time is over" : `${seconds(leftMs)} of ${seconds(graceMs)} left`;
  return `Terminating, ${left}`;
}

function onItsWay(row: PodStatusRow): PodVerdict {
  const inTime = row.drift === "Pending" || row.drift === "Updating";
  const text = row.reason === "" ? row.drift : row.reason;
  return { state: inTime && !isFailure(row) ? "changing" : "broken", text };
}

/** Whether a container of the pod, or the pod as a whole, has failed. */
function isFailure({ restarts, joined }: PodStatusRow): boolean {
  const served = joined.desired?.servedAs?.uid;
  const isBefore = (uid: string | undefined) => served !== undefined && uid !== served;
  // How the version before has ended says nothing of the one that comes after it.
  const sandboxes = joined.sandboxes.filter(({ uid }) => !isBefore(uid));
  const kubelet = isBefore(joined.kubelet?.uid) ? undefined : joined.kubelet;
  if (sandboxes.length === 0 && kubelet === undefined) return false;
  const ended = newestInstances(sandboxes[0]).some(({ type, state, status }) =>
    state === "CONTAINER_EXITED" && (type === "container" || status?.exitCode !== 0)
  );
  const [newest] = joined.sandboxes;
  const isCounted = newest === undefined || !isBefore(newest.uid);
  if (isCounted && restarts > 0 || ended) return true;
  if (kubelet === undefined) return false;
  if (kubelet.phase === "Failed" || kubelet.reason !== "") return true;
  return [...kubelet.initContainers, ...kubelet.containers].some(({ state, ready }) =>
    state.kind === "waiting"
      ? !/^(|ContainerCreating|PodInitializing)$/.test(state.reason)
      : state.kind === "terminated" && !ready && state.exitCode !== 0
  );
}

type Sandbox = PodStatusRow["joined"]["sandboxes"][number];

/** The newest instance of each container of a sandbox: those before it have ended, as they must. */
function newestInstances(sandbox: Sandbox | undefined): Sandbox["containers"] {
  const byName = Map.groupBy(sandbox?.containers ?? [], ({ name }) => name);
  return [...byName.values()].map((instances) =>
    instances.reduce((best, one) => one.attempt >= best.attempt ? one : best)
  );
}

/** When a container of it was last started again, in Unix milliseconds; -Infinity for never. */
function lastRestartMs({ joined: { kubelet, sandboxes } }: PodStatusRow): number {
  const ends = (kubelet?.containers ?? []).map(({ lastTermination }) =>
    Date.parse(lastTermination?.finishedAt ?? "")
  );
  const starts = (sandboxes[0]?.containers ?? [])
    .filter(({ type, restartCount }) => type === "container" && restartCount > 0)
    .map(({ createdAt }) => Date.parse(createdAt));
  return Math.max(-Infinity, ...[...ends, ...starts].filter(Number.isFinite));
}

function seconds(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : formatDuration(Math.round(ms / 1000) * 1000);
}

import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { fetchedAtMs, initContainers, mainContainers, type PodStatusRow } from "../status/mod.ts";
import type { Evidence } from "./evidence.ts";

/** A container that keeps its pod from running, whichever source reports it. */
export interface FailingContainer {
  readonly name: string;
  readonly isInit: boolean;
  readonly image: string;
  /** Why it waits; empty if it does not, or no source says why. */
  readonly waiting: string;
  /** What the kubelet or the runtime says in full; empty for nothing. */
  readonly message: string;
  readonly restarts: number;
  /** How it last ended; undefined if it has not. */
  readonly exit: { readonly code: number; readonly reason: string } | undefined;
}

/** What the rules of the table ask of the evidence. */
export interface Facts {
  readonly evidence: Evidence;
  /** `default/nginx` as people write it: without the node's name. */
  readonly pod: string;
  /** `default/nginx-node-1`, for commands. */
  readonly id: string;
  readonly failing: FailingContainer | undefined;
  /** True when the kubelet has fetched the list since it holds this version. */
  readonly fetched: boolean;
  /** True when the kubelet can be asked, has fetched the list some polls ago, and lists no such pod. */
  readonly untaken: boolean;
  /** The pod's container list names the node's network. */
  readonly hostNetwork: boolean;
  readonly spec: JsonObject;
  /** The newest line of the kubelet's log that matches, or undefined. */
  kubeletLog(pattern: RegExp): string | undefined;
  /** The newest line of the container's log that matches, or undefined. */
  logTail(pattern: RegExp): string | undefined;
}

/**
 * How long a kubelet may take to list a pod that it has fetched: it takes the
 * new version with that poll, and only then waits for the old one's end.
 */
const TAKE_IN_MS = 5_000;

/** Reads the evidence once for all rules. */
export function factsOf(evidence: Evidence): Facts {
  const { row, fetches } = evidence;
  const { desired } = row.joined;
  const spec = objectOf(desired?.pod["spec"]);
  const newest = (lines: readonly string[] | undefined, pattern: RegExp) =>
    lines?.findLast((line) => pattern.test(line));
  const fetchedMs = desired === undefined ? undefined : fetchedAtMs(desired, fetches);
  const fetched = fetchedMs !== undefined;
  const readable = evidence.kubeletFailure === undefined && evidence.kubeletPodCount !== undefined;
  return {
    evidence,
    pod: desired === undefined ? row.id : `${desired.namespace}/${desired.name}`,
    id: row.id,
    failing: failingContainer(evidence),
    fetched,
    untaken: fetched && readable && row.joined.kubelet === undefined &&
      evidence.nowMs - fetchedMs > TAKE_IN_MS,
    hostNetwork: spec["hostNetwork"] === true,
    spec,
    kubeletLog: (pattern) => newest(evidence.kubeletLog, pattern),
    logTail: (pattern) => newest(evidence.logTail, pattern),
  };
}

/** How long the end of a container that runs again is worth mentioning, in milliseconds. */
const RECENT_END_MS = 600_000;

/** The latest end of a container of a pod in the last ten minutes, by the kubelet. */
export function lastEnd(
  { joined: { kubelet } }: PodStatusRow,
  nowMs: number,
): { readonly name: string; readonly exitCode: number; readonly agoMs: number } | undefined {
  const ends = (kubelet?.containers ?? []).flatMap(({ name, lastTermination }) => {
    const agoMs = nowMs - Date.parse(lastTermination?.finishedAt ?? "");
    return lastTermination === undefined || !(agoMs < RECENT_END_MS)
      ? []
      : [{ name, exitCode: lastTermination.exitCode, agoMs: Math.max(0, agoMs) }];
  });
  return ends.toSorted((left, right) => left.agoMs - right.agoMs)[0];
}

/**
 * The first container that keeps its pod from running, by the kubelet or else by the
 * runtime, which knows of an end some seconds before the kubelet does.
 */
export function failingContainer({ row }: Pick<Evidence, "row">): FailingContainer | undefined {
  const { kubelet } = row.joined;
  // Its containers have ended as they should.
  if (kubelet?.phase === "Succeeded") return undefined;
  return failingByKubelet(kubelet) ??
    (kubelet !== undefined && row.ready === "True" ? undefined : failingByRuntime(row));
}

function failingByKubelet(
  kubelet: PodStatusRow["joined"]["kubelet"],
): FailingContainer | undefined {
  if (kubelet === undefined) return undefined;
  const all = [
    ...kubelet.initContainers.map((container) => ({ container, isInit: true })),
    ...kubelet.containers.map((container) => ({ container, isInit: false })),
  ];
  for (const { container, isInit } of all) {
    const { state, lastTermination, ready } = container;
    if (ready) continue;
    if (state.kind === "running" && (isInit || lastTermination === undefined)) continue;
    const ended = state.kind === "terminated" ? state : lastTermination;
    const waiting = state.kind === "waiting" ? state : undefined;
    if (
      ended === undefined && /^(ContainerCreating|PodInitializing|)$/.test(waiting?.reason ?? "")
    ) {
      continue;
    }
    return {
      name: container.name,
      isInit,
      image: container.image,
      waiting: waiting?.reason ?? "",
      // That it backs off says less than how it ended.
      message: waiting?.reason === "CrashLoopBackOff"
        ? ended?.message ?? ""
        : waiting?.message || ended?.message || "",
      restarts: container.restartCount,
      exit: ended === undefined ? undefined : { code: ended.exitCode, reason: ended.reason },
    };
  }
  return undefined;
}

function failingByRuntime({ joined: { sandboxes } }: PodStatusRow): FailingContainer | undefined {
  const newest = sandboxes[0];
  for (const container of [...initContainers(newest), ...mainContainers(newest)]) {
    const { state, status } = container;
    const isInit = container.type === "init";
    if (state !== "CONTAINER_EXITED" || (isInit && status?.exitCode === 0)) continue;
    return {
      name: container.name,
      isInit,
      image: container.image,
      waiting: "",
      message: status?.message ?? "",
      restarts: container.restartCount,
      exit: { code: status?.exitCode ?? 0, reason: status?.reason ?? "" },
    };
  }
  return undefined;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Turns what is seen of the pods into events: whenever somebody looks, what is new is recorded. */
import { declaredName, type JoinedPod, type PodStatusRow } from "../status/mod.ts";
import { type EventLog, eventsOf, type NewPodEvent } from "./event_log.ts";

interface Seen {
  readonly namespace: string;
  readonly name: string;
  readonly startedAtMs: number | undefined;
  readonly restarts: number;
  /** How often each of its containers was started again, by name. */
  readonly restartsOf: ReadonlyMap<string, number>;
  /** Undefined while it is only ending as asked. */
  readonly drift: PodStatusRow["drift"] | undefined;
  readonly origin: PodStatusRow["origin"];
}

/** Compares each look at the pods with the one before. */
export class LifeRecorder {
  readonly #events: EventLog;
  readonly #nodeName: () => string;
  #before = new Map<string, Seen>();

  constructor(events: EventLog, nodeName: () => string) {
    this.#events = events;
    this.#nodeName = nodeName;
  }

  /**
   * The pods as they are now.
   *
   * @param runtimeSeen whether the runtime answered: without it, nothing is known to be gone
   */
  observe(rows: readonly PodStatusRow[], runtimeSeen = true): void {
    const now = new Map<string, Seen>();
    for (const row of rows) {
      if (row.origin !== "podstead") continue;
      const seen = seenOf(row, this.#nodeName());
      const before = this.#before.get(row.id);
      now.set(row.id, seen);
      for (const event of this.#news(row, seen, before)) this.#events.record(event);
    }
    for (const [id, seen] of this.#before) {
      if (now.has(id)) continue;
      if (!runtimeSeen) {
        now.set(id, seen);
        continue;
      }
      const { namespace, name } = seen;
      this.#events.record({ namespace, name, type: "removed", message: "Gone from this node" });
    }
    this.#before = now;
  }

  *#news(row: PodStatusRow, seen: Seen, before: Seen | undefined): Generator<NewPodEvent> {
    const pod = { namespace: seen.namespace, name: seen.name };
    const { desired, sandboxes } = row.joined;
    const hash = row.drift === "Current" ? desired?.servedHash : sandboxes[0]?.specHash;
    const version = hash === undefined ? {} : { hash };
    const recorded = this.#events.list(eventsOf(pod));
    const started = seen.startedAtMs;
    if (started !== undefined && started !== before?.startedAtMs) {
      const at = new Date(started).toISOString();
      // After a restart of podstead it is in the log already.
      if (!recorded.some((event) => event.type === "started" && event.at === at)) {
        yield { ...pod, ...version, type: "started", message: "Its containers run", atMs: started };
      }
    }
    if (before !== undefined && seen.restarts > before.restarts) {
      const ended = [...seen.restartsOf]
        .filter(([name, count]) => count > (before.restartsOf.get(name) ?? 0))
        .map(([name, count]) => endBefore(row.joined, name, count))
        .find((end) => end !== undefined);
      const how = ended === undefined
        ? ""
        : `, after exit code ${ended.exitCode}${ended.reason === "" ? "" : ` (${ended.reason})`}`;
      const restartedMs = newestStart(row.joined.sandboxes);
      yield {
        ...pod,
        ...version,
        type: "restarted",
        message: `Restarted ${times(seen.restarts - before.restarts)}, ${
          times(seen.restarts)
        } in all${how}`,
        ...(restartedMs === undefined ? {} : { atMs: restartedMs }),
      };
    }
    const last = recorded.findLast(({ type }) => type === "ready" || type === "not-ready")?.type;
    if (row.ready === "True" && last !== "ready") {
      yield { ...pod, ...version, type: "ready", message: "Ready" };
    }
    if (row.ready === "False" && last === "ready" && !row.ending) {
      const why = row.reason === "" ? "" : `: ${row.reason}`;
      yield { ...pod, ...version, type: "not-ready", message: `Not ready any more${why}` };
    }
    const { drift } = seen;
    const adrift = drift === "Stale" || drift === "Missing" || drift === "Orphaned";
    if (adrift && before !== undefined && drift !== before.drift) {
      const why = row.reason === "" ? "" : `: ${row.reason}`;
      yield { ...pod, type: "drifted", message: `${drift}${why}` };
    }
  }
}

function seenOf(row: PodStatusRow, nodeName: string): Seen {
  const { desired, sandboxes } = row.joined;
  const [sandbox] = sandboxes;
  const runs = sandbox?.state === "SANDBOX_READY" &&
    sandbox.containers.some(({ state }) => state === "CONTAINER_RUNNING");
  return {
    namespace: row.namespace,
    name: desired?.name ?? declaredName(row.name, nodeName),
    startedAtMs: runs && sandbox.createdAt !== undefined
      ? Date.parse(sandbox.createdAt)
      : undefined,
    restarts: row.restarts,
    restartsOf: restartsOf(row.joined),
    drift: row.ending ? undefined : row.drift,
    origin: row.origin,
  };
}

/** Whichever source saw the last restart of a container; the other is told of it a little later. */
function restartsOf({ kubelet, sandboxes }: JoinedPod): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const views = (sandboxes[0]?.containers ?? []).filter(({ type }) => type === "container");
  for (const { name, restartCount } of [...kubelet?.containers ?? [], ...views]) {
    counts.set(name, Math.max(restartCount, counts.get(name) ?? 0));
  }
  return counts;
}

/**
 * How a container ended before its `restarts`th start: by the runtime, as long
 * as it has that attempt, or else by a kubelet that knows of the restart already.
 */
function endBefore(
  { kubelet, sandboxes }: JoinedPod,
  name: string,
  restarts: number,
): { readonly exitCode: number; readonly reason: string } | undefined {
  const ended = sandboxes.filter(({ uid }) => uid === sandboxes[0]?.uid)
    .flatMap(({ containers }) => containers)
    .find((one) => one.name === name && one.restartCount === restarts - 1)?.status;
  if (ended?.exitCode !== undefined) {
    return { exitCode: ended.exitCode, reason: ended.reason };
  }
  const told = kubelet?.containers.find((one) => one.name === name);
  if (told === undefined) return undefined;
  if (told.restartCount >= restarts) return told.lastTermination;
  const last = told.restartCount === restarts - 1 ? told.state : undefined;
  return last?.kind === "terminated" ? last : undefined;
}

function newestStart(sandboxes: PodStatusRow["joined"]["sandboxes"]): number | undefined {
  const times = (sandboxes[0]?.containers ?? []).map(({ createdAt }) => Date.parse(createdAt));
  return times.length === 0 ? undefined : Math.max(...times);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

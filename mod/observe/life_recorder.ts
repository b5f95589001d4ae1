/** Turns what is seen of the pods into events: with each look at them, what is new is recorded. */
import { declaredName, type PodStatusRow } from "../status/mod.ts";
import type { EventLog, NewPodEvent, PodEvent } from "./event_log.ts";

interface Seen {
  readonly namespace: string;
  readonly name: string;
  /** Undefined while it is only ending as asked. */
  readonly drift: PodStatusRow["drift"] | undefined;
}

/**
 * Compares each look at the pods with the one before: whether they are ready,
 * drift, and are gone. Starts and ends of containers are `ContainerLife`'s.
 */
export class LifeRecorder {
  readonly #events: Pick<EventLog, "record">;
  readonly #nodeName: () => string;
  /** By `namespace/name`: the images that the kubelet cannot pull, as was recorded. */
  readonly #imagesFailing = new Map<string, ReadonlySet<string>>();
  /** By `namespace/name`: what was recorded last of its readiness. */
  readonly #readiness = new Map<string, PodEvent["type"]>();
  #before = new Map<string, Seen>();

  constructor(events: Pick<EventLog, "record" | "list">, nodeName: () => string) {
    this.#events = events;
    this.#nodeName = nodeName;
    for (const { namespace, name, type } of events.list()) {
      if (type === "ready" || type === "not-ready") {
        this.#readiness.set(`${namespace}/${name}`, type);
      }
    }
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
      this.#readiness.delete(`${namespace}/${name}`);
      this.#imagesFailing.delete(`${namespace}/${name}`);
      this.#events.record({ namespace, name, type: "removed", message: "Gone from this node" });
    }
    this.#before = now;
  }

  *#news(row: PodStatusRow, seen: Seen, before: Seen | undefined): Generator<NewPodEvent> {
    const pod = { namespace: seen.namespace, name: seen.name };
    const key = `${pod.namespace}/${pod.name}`;
    const { desired, sandboxes } = row.joined;
    const hash = row.drift === "Current" ? desired?.servedHash : sandboxes[0]?.specHash;
    const version = hash === undefined ? {} : { hash };
    const last = this.#readiness.get(key);
    if (row.ready === "True" && last !== "ready") {
      this.#readiness.set(key, "ready");
      yield { ...pod, ...version, ...since(row), type: "ready", message: "Ready" };
    }
    if (row.ready === "False" && last === "ready" && !row.ending) {
      this.#readiness.set(key, "not-ready");
      const why = row.reason === "" ? "" : `: ${row.reason}`;
      const message = `Not ready any more${why}`;
      yield { ...pod, ...version, ...since(row), type: "not-ready", message };
    }
    for (const event of this.#imageNews(row, key)) yield { ...pod, ...version, ...event };
    const { drift } = seen;
    const adrift = drift === "Stale" || drift === "Missing" || drift === "Orphaned";
    if (adrift && before !== undefined && drift !== before.drift) {
      const why = row.reason === "" ? "" : `: ${row.reason}`;
      yield { ...pod, type: "drifted", message: `${drift}${why}` };
    }
  }

  /** Images that the kubelet failed to pull since the last look, and those that it has since. */
  *#imageNews(
    { joined: { kubelet } }: PodStatusRow,
    key: string,
  ): Generator<Pick<NewPodEvent, "type" | "message">> {
    // A kubelet that cannot be asked says nothing of images.
    if (kubelet === undefined) return;
    const before = this.#imagesFailing.get(key) ?? new Set();
    const now = new Set<string>();
    for (const { image, state } of [...kubelet.initContainers, ...kubelet.containers]) {
      if (state.kind !== "waiting" || !IMAGE_REASONS.test(state.reason)) continue;
      if (!before.has(image) && !now.has(image)) {
        const why = state.message === "" ? state.reason : state.message;
        yield { type: "image-failed", message: `Image "${image}" cannot be pulled: ${why}` };
      }
      now.add(image);
    }
    for (const image of before) {
      if (now.has(image)) continue;
      yield { type: "image-pulled", message: `Image "${image}" is no longer missing` };
    }
    this.#imagesFailing.set(key, now);
  }
}

/** Source: kubernetes pkg/kubelet/images/types.go. A back-off says the same again. */
const IMAGE_REASONS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/;

/**
 * Since when it is ready or not, by who says so. The kubelet tells whole
 * seconds, and so the end of that second is meant: no pod is ready before its
 * containers have begun, and none stops being so before it was declared.
 */
function since(
  { readySinceMs, ready, seenAtMs = Infinity, joined: { sandboxes } }: PodStatusRow,
): { readonly atMs?: number } {
  if (readySinceMs === undefined) return {};
  if (ready !== "True") return { atMs: Math.min(seenAtMs, readySinceMs + 999) };
  const starts = (sandboxes[0]?.containers ?? [])
    .filter(({ state }) => state === "CONTAINER_RUNNING")
    .map(({ createdAt, status }) => Date.parse(status?.startedAt ?? createdAt));
  return { atMs: Math.min(seenAtMs, Math.max(readySinceMs + 999, ...starts)) };
}

function seenOf(row: PodStatusRow, nodeName: string): Seen {
  return {
    namespace: row.namespace,
    name: row.joined.desired?.name ?? declaredName(row.name, nodeName),
    drift: row.ending ? undefined : row.drift,
  };
}

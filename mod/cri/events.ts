/**
 * What happens to containers, as it happens.
 *
 * CRI's own GetContainerEvents is not used: up to containerd 1.7 its events go
 * to one subscriber each, so reading them would steal them from the kubelet
 * (containerd/containerd#7318). containerd's event exchange gives every event
 * to every subscriber, in all versions. Another runtime is compared with itself
 * once a second.
 */
import { type Clock, RuntimeUnavailable, systemClock } from "../core/mod.ts";
import { Containers } from "./gen/containerd_containers.ts";
import { type Envelope, Events } from "./gen/containerd_events.ts";
import {
  ContainerRefSchema,
  TaskExitSchema,
  TaskOomSchema,
  TaskStartSchema,
} from "./gen/containerd_types.ts";
import { isUnimplemented } from "./errors.ts";
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL } from "./labels.ts";
import { isoTimestamp } from "./namespaces.ts";
import { CRI_NAMESPACE } from "./pids.ts";
import { listPods } from "./pods.ts";
import type { Runtime } from "./runtime.ts";
import type { ContainerView, PodView } from "./view.ts";
import { decodeMessage, type MessageType } from "../grpc/mod.ts";

const CONTAINER_EVENT_TYPES = ["created", "started", "exited", "oom", "deleted"] as const;

/** What happened to a container or a sandbox. */
export type ContainerEventType = typeof CONTAINER_EVENT_TYPES[number];

/** One thing that happened. */
export interface ContainerEvent {
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly type: ContainerEventType;
  /** The container's ID, or the sandbox's where `container` is absent. */
  readonly id: string;
  /** Absent if the runtime no longer knew it when it was asked, like the next three. */
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly attempt?: number;
  /** Only for `exited`. */
  readonly exitCode?: number;
}

/** How to watch. */
export interface WatchEventsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

const POLL_INTERVAL_MS = 1000;

/** Lists that are compared need the times and the codes of exits. */
const QUERY = { processes: false, statuses: "exited" } as const;

/**
 * Everything that happens to containers and sandboxes from now on, until the
 * signal aborts or the reader leaves the loop.
 *
 * A lost connection is opened again, and what happened meanwhile is told then,
 * as far as it can be seen from what is left.
 *
 * @throws {PodsteadError} as `Runtime.call` for the first list; the signal's reason.
 */
export async function* watchEvents(
  runtime: Runtime,
  options: WatchEventsOptions = {},
): AsyncGenerator<ContainerEvent> {
  const { signal, clock = systemClock } = options;
  const seen = new SeenEvents(await listPods(runtime, { ...QUERY, signal }));
  for (;;) {
    try {
      yield* containerdEvents(runtime, seen, signal);
    } catch (error) {
      if (isUnimplemented(error)) return yield* polledEvents(runtime, clock, signal);
      if (!(error instanceof RuntimeUnavailable)) throw error;
    }
    yield* seen.missed(await listAgain(runtime, clock, signal), clock.now());
  }
}

async function* containerdEvents(
  runtime: Runtime,
  seen: SeenEvents,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent> {
  const envelopes = runtime.stream(Events.method.subscribe, {
    filters: [`namespace==${CRI_NAMESPACE},topic~="^/(tasks|containers)/"`],
  }, { signal });
  for await (const envelope of envelopes) {
    const event = readEnvelope(envelope);
    if (event === undefined) continue;
    if (event.type !== "created" && !seen.knows(event.id)) {
      seen.learn(await listPods(runtime, { processes: false, signal }));
    }
    // containerd tells of a container before its CRI plugin lists it; 1.7 and
    // later list a sandbox only after its start, too.
    const names = seen.knows(event.id) ? {} : await namesByLabels(runtime, event.id, signal);
    yield { ...names, ...seen.add(event) };
  }
}

/** The names on containerd's own record; without the attempt, which is not there. */
async function namesByLabels(
  runtime: Runtime,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Names> {
  const { containers: [found] } = await runtime.call(Containers.method.list, {
    filters: [`id==${id}`],
  }, { namespace: CRI_NAMESPACE, signal });
  const namespace = found?.labels[POD_NAMESPACE_LABEL];
  const pod = found?.labels[POD_NAME_LABEL];
  const container = found?.labels[CONTAINER_NAME_LABEL];
  return {
    ...(namespace !== undefined && { namespace }),
    ...(pod !== undefined && { pod }),
    ...(container !== undefined && { container }),
  };
}

/** Waits until the runtime is back, for as long as it takes. */
async function listAgain(
  runtime: Runtime,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<readonly PodView[]> {
  for (;;) {
    await clock.sleep(POLL_INTERVAL_MS, signal);
    try {
      return await listPods(runtime, { ...QUERY, signal });
    } catch (error) {
      if (!(error instanceof RuntimeUnavailable)) throw error;
    }
  }
}

/** Remembers names of what may be deleted, and what was told already. */
class SeenEvents {
  #pods: readonly PodView[];
  #names: Map<string, Names>;
  /** Type and ID, of containers that are there, and of those that the last list has. */
  readonly #told = new Set<string>();
  #listed: ReadonlySet<string>;

  constructor(pods: readonly PodView[]) {
    this.#pods = pods;
    this.#listed = idsIn(pods);
    this.#names = nameIndex(pods);
  }

  knows(id: string): boolean {
    return this.#names.has(id);
  }

  /** Adds names; those of what is gone stay until its `deleted` has come. */
  learn(pods: readonly PodView[]): void {
    for (const [id, names] of nameIndex(pods)) this.#names.set(id, names);
  }

  /** Gives the event its names and notes that it was told. */
  add(event: NamelessEvent): ContainerEvent {
    const named = { ...event, ...this.#names.get(event.id) };
    this.#told.add(toldAs(event));
    if (event.type === "deleted") this.#forget(event.id);
    return named;
  }

  /** What is gone will not be listed again; it may only be missed in the last list. */
  #forget(id: string): void {
    this.#names.delete(id);
    for (const type of CONTAINER_EVENT_TYPES) {
      if (type !== "deleted" || !this.#listed.has(id)) this.#told.delete(toldAs({ type, id }));
    }
  }

  /** What happened while no events came: judged by the lists before and after. */
  missed(pods: readonly PodView[], nowMs: number): ContainerEvent[] {
    const events = eventsBetween(this.#pods, pods, new Date(nowMs).toISOString())
      .filter((event) => !this.#told.has(toldAs(event)));
    this.#pods = pods;
    this.#listed = idsIn(pods);
    this.#told.clear();
    // No event will say that the others are deleted.
    this.#names = nameIndex(pods);
    return events;
  }
}

function toldAs({ type, id }: Pick<ContainerEvent, "type" | "id">): string {
  return `${type} ${id}`;
}

function idsIn(pods: readonly PodView[]): ReadonlySet<string> {
  return new Set(containerIndex(pods).keys());
}

type NamelessEvent = Pick<ContainerEvent, "time" | "type" | "id" | "exitCode">;
type Names = Pick<ContainerEvent, "namespace" | "pod" | "container" | "attempt">;

/** The event in an envelope; undefined for one that is of no interest, such as an exec's end. */
export function readEnvelope(envelope: Envelope): NamelessEvent | undefined {
  const data = envelope.event?.value ?? new Uint8Array();
  const time = isoTimestamp(envelope.timestamp) ?? new Date(0).toISOString();
  const decode = <T>(type: MessageType<T>): T => decodeMessage(type, data);
  switch (envelope.topic) {
    case "/containers/create":
      return { time, type: "created", id: decode(ContainerRefSchema).id };
    case "/containers/delete":
      return { time, type: "deleted", id: decode(ContainerRefSchema).id };
    case "/tasks/start":
      return { time, type: "started", id: decode(TaskStartSchema).containerId };
    case "/tasks/oom":
      return { time, type: "oom", id: decode(TaskOomSchema).containerId };
    case "/tasks/exit": {
      const exit = decode(TaskExitSchema);
      if (exit.id !== exit.containerId) return undefined;
      return { time, type: "exited", id: exit.containerId, exitCode: exit.exitStatus };
    }
    default:
      return undefined;
  }
}

async function* polledEvents(
  runtime: Runtime,
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent> {
  const list = () => listPods(runtime, { ...QUERY, signal });
  let earlier = await list();
  for (;;) {
    await clock.sleep(POLL_INTERVAL_MS, signal);
    const later = await list();
    yield* eventsBetween(earlier, later, new Date(clock.now()).toISOString());
    earlier = later;
  }
}

/** What must have happened to containers between two lists, for a runtime that does not tell. */
export function eventsBetween(
  earlier: readonly PodView[],
  later: readonly PodView[],
  now: string,
): ContainerEvent[] {
  const before = containerIndex(earlier);
  const after = containerIndex(later);
  const events: ContainerEvent[] = [];
  for (const [id, { pod, container }] of after) {
    const was = before.get(id)?.container;
    const event = { id, ...namesOf(pod, container) };
    if (was === undefined) events.push({ time: container.createdAt, type: "created", ...event });
    const ran = was !== undefined && was.state !== "CONTAINER_CREATED";
    if (!ran && container.state !== "CONTAINER_CREATED") {
      events.push({ time: container.status?.startedAt ?? now, type: "started", ...event });
    }
    if (container.state === "CONTAINER_EXITED" && was?.state !== "CONTAINER_EXITED") {
      const { finishedAt = now, exitCode } = container.status ?? {};
      events.push({
        time: finishedAt,
        type: "exited",
        ...event,
        ...(exitCode !== undefined && { exitCode }),
      });
    }
  }
  for (const [id, { pod, container }] of before) {
    if (!after.has(id)) {
      events.push({ time: now, type: "deleted", id, ...namesOf(pod, container) });
    }
  }
  return events;
}

function containerIndex(pods: readonly PodView[]) {
  return new Map(
    pods.flatMap((pod) =>
      pod.containers.map((container) => [container.id, { pod, container }] as const)
    ),
  );
}

function nameIndex(pods: readonly PodView[]): Map<string, Names> {
  const names = new Map<string, Names>();
  for (const pod of pods) {
    names.set(pod.sandboxId, { namespace: pod.namespace, pod: pod.name });
    for (const container of pod.containers) names.set(container.id, namesOf(pod, container));
  }
  return names;
}

function namesOf(pod: PodView, container: ContainerView): Names {
  return {
    namespace: pod.namespace,
    pod: pod.name,
    container: container.name,
    attempt: container.attempt,
  };
}

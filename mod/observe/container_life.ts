/** Every start and end of a container, once, with the time at which it happened. */
import type { ContainerEvent, PodView } from "../cri/mod.ts";
import type { NewPodEvent, PodEvent } from "./event_log.ts";

/** A pod as it is declared. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** What the record needs. */
export interface ContainerLifeDeps {
  readonly record: (event: NewPodEvent) => void;
  /** What was recorded before this start: none of it is reported again. */
  readonly recorded: readonly PodEvent[];
  /** The pod of ours with this namespace and full name; undefined for pods of others. */
  readonly ownerOf: (namespace: string, fullName: string) => PodName | undefined;
}

/** What was reported of one instance of a container. */
interface Told {
  started: boolean;
  ended: boolean;
}

/** A start or an end, by whichever source knew of it first. */
interface Happening {
  readonly id: string;
  readonly pod: PodName;
  readonly container: string;
  readonly attempt: number;
  readonly atMs: number;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly hash?: string | undefined;
}

/** As many hexadecimal digits of a container's ID as people read. */
const ID_LENGTH = 12;

/**
 * Joins the runtime's event stream and its lists: the stream is at once and
 * exact, a list knows what happened while events were missed. Whichever comes
 * first is recorded; the other adds nothing.
 */
export class ContainerLife {
  readonly #deps: ContainerLifeDeps;
  readonly #told = new Map<string, Told>();
  /** Out of memory is reported a moment before the end that it leads to. */
  readonly #oom = new Set<string>();

  constructor(deps: ContainerLifeDeps) {
    this.#deps = deps;
    for (const { type, container } of deps.recorded) {
      if (container === undefined) continue;
      if (type === "started" || type === "restarted") this.#toldOf(container.id).started = true;
      if (type === "ended") this.#toldOf(container.id).ended = true;
    }
  }

  /** Takes one event of the stream. */
  onEvent(event: ContainerEvent): void {
    const { namespace, pod: fullName, container, attempt = 0, type } = event;
    if (namespace === undefined || fullName === undefined || container === undefined) return;
    const pod = this.#deps.ownerOf(namespace, fullName);
    if (pod === undefined) return;
    const id = shortId(event.id);
    const atMs = Date.parse(event.time);
    const happening = { id, pod, container, attempt, atMs, exitCode: event.exitCode };
    if (type === "oom") this.#oom.add(id);
    if (type === "started") this.#started(happening);
    if (type === "exited") this.#ended(happening);
    if (type === "deleted") this.#oom.delete(id);
  }

  /** Takes a whole list of the runtime, with the statuses of exited containers. */
  onList(pods: readonly PodView[]): void {
    const listed = new Set<string>();
    for (const view of pods) {
      const pod = this.#deps.ownerOf(view.namespace, view.name);
      for (const one of view.containers) {
        const id = shortId(one.id);
        listed.add(id);
        if (pod === undefined || one.state === "CONTAINER_CREATED") continue;
        const { startedAt, finishedAt, exitCode, reason } = one.status ?? {};
        const common = {
          id,
          pod,
          container: one.name,
          attempt: one.restartCount,
          hash: view.specHash,
        };
        this.#started({ ...common, atMs: Date.parse(startedAt ?? one.createdAt) });
        if (one.state === "CONTAINER_EXITED" && finishedAt !== undefined) {
          this.#ended({ ...common, atMs: Date.parse(finishedAt), exitCode, reason });
        }
      }
    }
    // What the runtime has forgotten will not be reported again.
    for (const [id, { started, ended }] of this.#told) {
      if (!listed.has(id) && started && ended) this.#told.delete(id);
    }
  }

  #started({ id, pod, container, attempt, atMs, hash }: Happening): void {
    const told = this.#toldOf(id);
    if (told.started) return;
    told.started = true;
    const again = attempt > 0;
    this.#deps.record({
      ...pod,
      type: again ? "restarted" : "started",
      message: again
        ? `Container ${container} was started again, restart ${attempt}`
        : `Container ${container} runs`,
      container: { id, name: container },
      atMs,
      ...(hash === undefined ? {} : { hash }),
    });
  }

  #ended(happening: Happening): void {
    const { id, pod, container, atMs, exitCode, hash } = happening;
    const told = this.#toldOf(id);
    if (told.ended) return;
    // It has run, though no look saw it: an end without a start would be half a story.
    this.#started(happening);
    told.ended = true;
    const reason = this.#oom.delete(id) ? "OOMKilled" : happening.reason ?? "";
    const code = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
    const why = reason === "" || reason === "Error" || reason === "Completed" ? "" : ` (${reason})`;
    this.#deps.record({
      ...pod,
      type: "ended",
      message: `Container ${container} ended${code}${why}`,
      container: { id, name: container },
      atMs,
      ...(hash === undefined ? {} : { hash }),
    });
  }

  #toldOf(id: string): Told {
    const known = this.#told.get(id) ?? { started: false, ended: false };
    this.#told.set(id, known);
    return known;
  }
}

function shortId(id: string): string {
  return id.slice(0, ID_LENGTH);
}

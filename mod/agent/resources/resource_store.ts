/** The agent's resources in memory, with versions that outlive it and watchers. */
import { allAtOnce, type Clock, isSameJson, type Steps } from "../../core/mod.ts";
import type { Resource, ResourceContent, ResourceEvent, ResourceType } from "./resource.ts";

/** What must outlive the process for versions to keep counting. */
export type SavedVersions = readonly Omit<Resource, "status">[];

/**
 * Events a watcher may lag behind, besides the list that it begins with, before it
 * is cut off. A watcher that stops reading must not grow the agent; it can list and
 * watch again. One reload may change every pod of a large node at a stroke.
 */
const MAX_PENDING_EVENTS = 5_000;

/** Holds every resource by type and ID. */
export class ResourceStore {
  readonly #byType = new Map<ResourceType, Map<string, Resource>>();
  readonly #watchers = new Set<(event: ResourceEvent) => void>();
  readonly #clock: Clock;

  /** @param saved what `save()` gave before the restart; statuses come again */
  constructor(clock: Clock, saved: SavedVersions = []) {
    this.#clock = clock;
    for (const resource of saved) this.#ofType(resource.type).set(resource.id, resource);
  }

  /** All resources of a type, sorted by ID. */
  list(type: ResourceType): readonly Resource[] {
    return [...this.#ofType(type).values()].sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  }

  /**
   * What the resources of a type would be with these contents: new IDs start
   * at version 1, a changed spec counts one up. Changes nothing.
   */
  upcoming(type: ResourceType, contents: readonly ResourceContent[]): readonly Resource[] {
    return allAtOnce(this.upcomingSteps(type, contents));
  }

  /** The same in steps. */
  *upcomingSteps(
    type: ResourceType,
    contents: readonly ResourceContent[],
  ): Steps<readonly Resource[]> {
    const resources: Resource[] = [];
    for (const content of contents) {
      resources.push(this.#next(type, content));
      yield;
    }
    return resources;
  }

  /** Makes the resources of a type exactly these, as `upcoming` gave them, and tells watchers. */
  replace(type: ResourceType, resources: readonly Resource[]): void {
    const current = this.#ofType(type);
    const wanted = new Set(resources.map((resource) => resource.id));
    for (const [id, resource] of current) {
      if (wanted.has(id)) continue;
      current.delete(id);
      this.#emit({ event: "destroyed", resource });
    }
    for (const resource of resources) {
      const before = current.get(resource.id);
      if (before === resource) continue;
      current.set(resource.id, resource);
      this.#emit({ event: before === undefined ? "created" : "updated", resource });
    }
  }

  /**
   * The resources of a type as `created` events, then every change, until
   * `signal` aborts. A reader that falls too far behind is cut off with an error.
   */
  async *watch(type: ResourceType, signal: AbortSignal): AsyncGenerator<ResourceEvent> {
    const pending: ResourceEvent[] = this.list(type)
      .map((resource) => ({ event: "created", resource }));
    const limit = pending.length + MAX_PENDING_EVENTS;
    let overflown = false;
    let wake: () => void = () => undefined;
    const onEvent = (event: ResourceEvent) => {
      if (event.resource.type !== type) return;
      if (pending.length >= limit) overflown = true;
      else pending.push(event);
      wake();
    };
    const onAbort = () => wake();
    this.#watchers.add(onEvent);
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        if (overflown) throw new Error("The watcher fell too far behind");
        const event = pending.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      this.#watchers.delete(onEvent);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** What a restart needs to count on, were these types replaced. */
  save(upcoming: ReadonlyMap<ResourceType, readonly Resource[]> = new Map()): SavedVersions {
    const types = new Set([...this.#byType.keys(), ...upcoming.keys()]);
    return [...types].flatMap((type) => upcoming.get(type) ?? this.list(type))
      .map(({ status: _, ...rest }) => rest);
  }

  #next(type: ResourceType, content: ResourceContent): Resource {
    const before = this.#ofType(type).get(content.id);
    const now = new Date(this.#clock.now()).toISOString();
    if (before === undefined) return { type, version: 1, created: now, updated: now, ...content };
    const sameSpec = isSameJson(before.spec, content.spec);
    const sameStatus = isSameJson(before.status ?? null, content.status ?? null);
    if (sameSpec && sameStatus) return before;
    return {
      type,
      version: sameSpec || before.draft === true ? before.version : before.version + 1,
      created: before.created,
      updated: sameSpec ? before.updated : now,
      ...content,
    };
  }

  #ofType(type: ResourceType): Map<string, Resource> {
    let resources = this.#byType.get(type);
    if (resources === undefined) {
      resources = new Map();
      this.#byType.set(type, resources);
    }
    return resources;
  }

  #emit(event: ResourceEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }
}

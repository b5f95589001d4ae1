import type { ContainerStatus } from "./gen/runtime.ts";
import type { Runtime } from "./runtime.ts";

/**
 * What does not change about a sandbox or a container as long as it has its ID.
 * containerd asks every shim for a list of processes (some 0.2 ms each), so an
 * agent that lists pods all the time must not ask for the same ones again.
 */
export interface RuntimeMemory {
  /** Process IDs of what runs, by ID. */
  pids: ReadonlyMap<string, number>;
  /** Image names of sandboxes, by ID. */
  sandboxImages: ReadonlyMap<string, string>;
  /** Statuses of containers that have ended, by ID. */
  exits: ReadonlyMap<string, ContainerStatus>;
}

/** It belongs to the connection, and is gone with it. */
const memories = new WeakMap<Runtime, RuntimeMemory>();

/** The memory of this connection. */
export function memoryOf(runtime: Runtime): RuntimeMemory {
  let memory = memories.get(runtime);
  if (memory === undefined) {
    memory = { pids: new Map(), sandboxImages: new Map(), exits: new Map() };
    memories.set(runtime, memory);
  }
  return memory;
}

/**
 * Completes what is remembered about `ids`: asks only where one is missing, and
 * forgets every other ID.
 */
export async function recall<T>(
  remembered: ReadonlyMap<string, T>,
  ids: readonly string[],
  ask: (missing: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<ReadonlyMap<string, T>> {
  const missing = ids.filter((id) => !remembered.has(id));
  const fresh: ReadonlyMap<string, T> = missing.length > 0 ? await ask(missing) : new Map();
  const known = new Map<string, T>();
  for (const id of ids) {
    const value = remembered.get(id) ?? fresh.get(id);
    if (value !== undefined) known.set(id, value);
  }
  return known;
}

/** The life of the pods as podstead saw it: bounded in memory and on disk, kept over restarts. */
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { canonicalJson, type Clock, errorText, type JsonObject, SerialQueue } from "../core/mod.ts";
import { type Logger, MAX_OWN_BYTES, readRegularText, writeFileAtomic } from "../os/mod.ts";

/** What can happen to a pod, and to the node that it is on. */
export const POD_EVENT_TYPES = [
  "declared",
  "rejected",
  "served",
  "replacing",
  "waiting",
  "fetched",
  "started",
  "ready",
  "not-ready",
  "ended",
  "restarted",
  "drifted",
  "removed",
  "kubelet-down",
  "kubelet-up",
  "runtime-down",
  "runtime-up",
  "config-changed",
  "config-applied",
  "config-refused",
  "image-pulled",
  "image-failed",
  "trial",
  "kept",
  "reverted",
  "audit",
] as const;
export type PodEventType = typeof POD_EVENT_TYPES[number];

/** One step in the life of a pod, or of the node: then namespace and name are empty. */
export interface PodEvent {
  /** ISO 8601: when it happened, which may be before podstead saw it. */
  readonly at: string;
  readonly type: PodEventType;
  readonly namespace: string;
  /** As declared: without the node's name. */
  readonly name: string;
  /** One sentence for people. */
  readonly message: string;
  /** The version of the pod that it is about; absent if it is about no single one. */
  readonly hash?: string;
  /** Of a trial: the revision that is tried, and the one that it goes back to. */
  readonly revision?: number;
  readonly backTo?: number;
  /** Of a trial that went back: why. */
  readonly reason?: string;
  /** The instance that started or ended; its ID is cut to twelve digits. */
  readonly container?: { readonly id: string; readonly name: string };
}

/** An event to record; without `atMs` it happens now. */
export interface NewPodEvent extends Omit<PodEvent, "at"> {
  readonly atMs?: number;
}

/** Which events are wanted. */
export type EventFilter = (event: PodEvent) => boolean;

/** The events of one pod. */
export function eventsOf(pod: { readonly namespace: string; readonly name: string }): EventFilter {
  return ({ namespace, name }) => namespace === pod.namespace && name === pod.name;
}

/**
 * The events of the pods that a person may mean: `nginx`, `default/nginx` or
 * `default-nginx`, each with or without the node's name at its end.
 */
export function eventsNamed(text: string, nodeName: string): EventFilter {
  const suffix = `-${nodeName.toLowerCase()}`;
  const wanted = [text, text.endsWith(suffix) ? text.slice(0, -suffix.length) : text];
  return ({ namespace, name }) =>
    [name, `${namespace}/${name}`, `${namespace}-${name}`].some((form) => wanted.includes(form));
}

/** What an event log needs. */
export interface EventLogDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The state directory. */
  readonly directory: string;
}

/** Events that are kept: some days of a node that works, an hour of one where everything crashes. */
const MAX_EVENTS = 1_000;

/** The file is written again once it has this many lines. */
const MAX_LINES = 2 * MAX_EVENTS;

/** Events come in bursts; they are written together after this many milliseconds. */
const WRITE_DELAY_MS = 1_000;

const FILE_NAME = "events.ndjson";

const EventSchema = v.object({
  at: v.string(),
  type: v.picklist(POD_EVENT_TYPES),
  namespace: v.string(),
  name: v.string(),
  message: v.string(),
  hash: v.exactOptional(v.string()),
  revision: v.exactOptional(v.number()),
  backTo: v.exactOptional(v.number()),
  reason: v.exactOptional(v.string()),
  container: v.exactOptional(v.object({ id: v.string(), name: v.string() })),
});

/** Records what happens to pods, and shows it. Recording never throws and never waits. */
export class EventLog {
  readonly #deps: EventLogDeps;
  readonly #queue = new SerialQueue();
  readonly #listeners = new Set<(event: PodEvent) => void>();
  #events: PodEvent[];
  #unwritten: PodEvent[] = [];
  /** Lines in the file; Infinity where it must be written again. */
  #lines: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reported = false;

  private constructor(deps: EventLogDeps, events: readonly PodEvent[], lines: number) {
    this.#deps = deps;
    this.#events = events.slice(-MAX_EVENTS);
    this.#lines = lines;
  }

  /** Reads what was recorded before; lines that cannot be read are left out. */
  static async open(deps: EventLogDeps): Promise<EventLog> {
    let text = "";
    let isFile = true;
    try {
      text = await readRegularText(join(deps.directory, FILE_NAME), MAX_OWN_BYTES);
    } catch (error) {
      // There is none before the first start; what is no file must not be written to.
      isFile = (error as NodeJS.ErrnoException).code === "ENOENT";
    }
    const lines = text.split("\n");
    const events = lines.map(parseEvent).filter((event) => event !== undefined);
    // A file that ends in the middle of a line, or has others in it, is not appended to.
    const sound = isFile && lines.at(-1) === "" && events.length === lines.length - 1;
    return new EventLog(deps, events, sound ? events.length : Infinity);
  }

  /** Records an event; it is on disk a moment later. */
  record({ atMs, ...event }: NewPodEvent): void {
    const at = new Date(atMs ?? this.#deps.clock.now()).toISOString();
    const recorded: PodEvent = { at, ...event };
    this.#events.push(recorded);
    if (this.#events.length > MAX_EVENTS + 100) this.#events = this.#events.slice(-MAX_EVENTS);
    this.#unwritten.push(recorded);
    for (const listener of this.#listeners) listener(recorded);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#write(), WRITE_DELAY_MS);
    this.#timer.unref();
  }

  /** The events that pass, in the order in which they happened. */
  list(filter: EventFilter = () => true): readonly PodEvent[] {
    return this.#events.slice(-MAX_EVENTS).filter(filter)
      .sort((left, right) => left.at < right.at ? -1 : left.at > right.at ? 1 : 0);
  }

  /** The events that pass, then those to come, until `signal` aborts. */
  async *watch(filter: EventFilter, signal: AbortSignal): AsyncGenerator<PodEvent> {
    let pending = [...this.list(filter)];
    let wake: () => void = () => undefined;
    const onEvent = (event: PodEvent) => {
      if (!filter(event)) return;
      pending.push(event);
      // A reader that does not read loses the oldest, as the log itself does.
      if (pending.length > MAX_EVENTS) pending = pending.slice(-MAX_EVENTS);
      wake();
    };
    const onAbort = () => wake();
    this.#listeners.add(onEvent);
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        const event = pending.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      this.#listeners.delete(onEvent);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Writes what is not on disk yet. */
  async close(): Promise<void> {
    await this.#write();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#queue.run(async () => {
      const events = this.#unwritten;
      this.#unwritten = [];
      if (events.length === 0) return;
      const { directory, log } = this.#deps;
      const path = join(directory, FILE_NAME);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        if (this.#lines + events.length > MAX_LINES) {
          const kept = this.list();
          await writeFileAtomic(path, toLines(kept), 0o600);
          this.#lines = kept.length;
        } else {
          await appendFile(path, toLines(events), { mode: 0o600 });
          this.#lines += events.length;
        }
        this.#reported = false;
      } catch (error) {
        // What was written of it is not known: all of it is written again the next time.
        this.#lines = Infinity;
        if (!this.#reported) log.warn("Cannot write the events", { path, error: errorText(error) });
        this.#reported = true;
      }
    });
  }
}

function toLines(events: readonly PodEvent[]): string {
  return events.map((event) => `${canonicalJson(event as unknown as JsonObject)}\n`).join(""); // plain data
}

function parseEvent(line: string): PodEvent | undefined {
  if (line === "") return undefined;
  try {
    const parsed = v.safeParse(EventSchema, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined; // half a line, from a crash
  }
}

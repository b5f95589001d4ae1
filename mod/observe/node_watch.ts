/**
 * The watch that never sleeps: woken by the runtime's events, the kubelet's polls
 * and its open connection, it looks when something happens, and seldom otherwise.
 */
import type { Clock } from "../core/mod.ts";
import type { ContainerEvent } from "../cri/mod.ts";

/** What the watch looks with. */
export interface NodeWatchDeps {
  readonly clock: Clock;
  /** What happens to containers from now on, until `signal` aborts; throws if it cannot be read. */
  readonly containerEvents: (signal: AbortSignal) => AsyncIterable<ContainerEvent>;
  /** Asks runtime and kubelet; says whether nothing is on its way and nothing is wrong. */
  readonly look: () => Promise<boolean>;
  /** Called for each event of the runtime, at once. */
  readonly onEvent: (event: ContainerEvent) => void;
}

/** Events come in bursts: one look serves all that come within this many milliseconds. */
const GATHER_MS = 150;

/** The least time between two looks, in milliseconds, however much happens. */
const BUSY_MS = 1_000;

/** The time between looks while something is changing or wrong, in milliseconds. */
const RESTLESS_MS = 5_000;

/** How long after the last event a kubelet may still not know of it, in milliseconds. */
const AFTERMATH_MS = 6_000;

/**
 * The time between looks while nothing happens, in milliseconds: what the events
 * did not report is found then, such as a probe that fails. A look at thirty pods
 * takes some ten milliseconds; a command, a scrape and a wait look themselves.
 */
const IDLE_MS = 30_000;

/** How long to wait before the runtime's events are asked for again, in milliseconds. */
const RECONNECT_MS = 1_000;

/** Runs until its signal aborts. */
export class NodeWatch {
  readonly #deps: NodeWatchDeps;
  #wake: (() => void) | undefined;
  #lastEventMs = -Infinity;

  constructor(deps: NodeWatchDeps) {
    this.#deps = deps;
  }

  /** Watches until `signal` aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#listen(signal), this.#looks(signal)]);
  }

  /** Looks soon: something has happened that is not an event of the runtime. */
  poke(): void {
    this.#lastEventMs = this.#deps.clock.monotonicMs();
    this.#wake?.();
  }

  /** Looks soon, once: the source that says so has seen it already. */
  look(): void {
    this.#wake?.();
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { clock, containerEvents, onEvent } = this.#deps;
    while (!signal.aborted) {
      try {
        for await (const event of containerEvents(signal)) {
          onEvent(event);
          this.poke();
        }
      } catch {
        // The runtime is away: the look says so, with its reason.
        this.poke();
      }
      await clock.sleep(RECONNECT_MS, signal).catch(() => undefined); // the loop sees it
    }
  }

  async #looks(signal: AbortSignal): Promise<void> {
    const { clock, look } = this.#deps;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const woken = this.#untilWoken();
      const calm = await look().catch(() => false); // the next one may succeed
      const pauseMs = this.#pauseMs(calm);
      await this.#sleep(pauseMs, woken, signal);
      // However much happens, the looks themselves must not become a load.
      const tooSoonMs = BUSY_MS - (clock.monotonicMs() - startedMs);
      const restMs = clock.monotonicMs() - startedMs < pauseMs ? Math.max(GATHER_MS, tooSoonMs) : 0;
      if (restMs > 0) await clock.sleep(restMs, signal).catch(() => undefined); // the loop sees it
    }
  }

  #pauseMs(calm: boolean): number {
    const sinceEventMs = this.#deps.clock.monotonicMs() - this.#lastEventMs;
    if (sinceEventMs < AFTERMATH_MS) return BUSY_MS;
    return calm ? IDLE_MS : RESTLESS_MS;
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  async #sleep(ms: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const until = AbortSignal.any([signal, done.signal]);
    const slept = this.#deps.clock.sleep(ms, until).catch(() => undefined); // woken, or stopped
    await Promise.race([slept, woken]);
    done.abort();
  }
}

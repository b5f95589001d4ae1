/** What a node reports by itself while it is looked at, so that it need not be polled. */
import type { AgentClient } from "../api/client/mod.ts";
import type { Clock } from "../core/mod.ts";

/** After this long without a look the node is no longer followed, in milliseconds. */
const UNSEEN_MS = 10_000;

/** What news are made from. */
export interface NewsDeps {
  readonly clock: Clock;
  /** @throws {PodsteadError} if the node cannot be reached */
  readonly agent: () => Promise<Pick<AgentClient, "events">>;
  /** Aborts when the command ends. */
  readonly closing: AbortSignal;
}

/** Follows the events of a node. */
export class News {
  readonly #deps: NewsDeps;
  #lookedMs = -Infinity;
  #newestMs = -Infinity;
  #runs = false;
  #follows = false;

  constructor(deps: NewsDeps) {
    this.#deps = deps;
  }

  /** Called for each look: the node is followed from now on. */
  look(): void {
    this.#lookedMs = this.#deps.clock.monotonicMs();
    if (this.#runs) return;
    this.#runs = true;
    void this.#follow().finally(() => {
      this.#runs = this.#follows = false;
    });
  }

  /** Whether the node is followed, and has told nothing new since then. */
  isQuietSince(atMs: number): boolean {
    return this.#follows && this.#newestMs < atMs;
  }

  async #follow(): Promise<void> {
    const { clock, agent, closing } = this.#deps;
    const unseen = new AbortController();
    const signal = AbortSignal.any([closing, unseen.signal]);
    void this.#untilUnseen(signal).then(() => unseen.abort(), () => undefined); // aborted anyway
    try {
      const events = (await agent()).events({ follow: true }, { signal });
      for await (const _ of events) {
        this.#follows = true;
        this.#newestMs = clock.monotonicMs();
      }
    } catch {
      // A node that cannot be followed is asked each time.
    } finally {
      unseen.abort();
    }
  }

  async #untilUnseen(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    for (;;) {
      const leftMs = this.#lookedMs + UNSEEN_MS - clock.monotonicMs();
      if (leftMs <= 0) return;
      await clock.sleep(leftMs, signal);
    }
  }
}

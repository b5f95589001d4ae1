import type { Choreography } from "./choreography.ts";
import type { Phase } from "./phase.ts";
import type { RolloutPod } from "./types.ts";

/** How long a pod of a control plane may keep others waiting once it runs, in milliseconds. */
const SETTLING_LIMIT_MS = 120_000;

/** How long after a restart the first plan may take to come, in milliseconds. */
const FIRST_PLAN_LIMIT_MS = 10_000;

const NO_ORDER: Choreography = { turns: new Map(), out: new Map() };

/** Whose turn it is to change, in a control plane that stays up while its pods do. */
export class Turns {
  #choreography: Choreography = NO_ORDER;
  /** Changes that have to wait, for whatever reason. */
  #gated: ReadonlySet<string> = new Set();
  /** Pods of a control plane that run in a new version, since when (monotonic). */
  readonly #settling = new Map<string, number>();
  /** After a restart: pods that others make room for, until a plan says what becomes of them. */
  #resumed: { readonly keys: ReadonlySet<string>; readonly untilMs: number } | undefined;

  /** Takes the order of a new plan. @returns takes the order before it back */
  planned(choreography: Choreography, gated: ReadonlySet<string>): () => void {
    const then = [this.#choreography, this.#gated, this.#resumed] as const;
    this.#choreography = choreography;
    this.#gated = gated;
    this.#resumed = undefined;
    return () => {
      [this.#choreography, this.#gated, this.#resumed] = then;
    };
  }

  /** After a restart: the rooms that were being made, by the keys of the pods that make them. */
  resumed(rooms: ReadonlyMap<string, readonly string[]>, nowMs: number): void {
    if (rooms.size === 0) return;
    this.#choreography = { turns: new Map(), out: rooms };
    this.#resumed = {
      keys: new Set([...rooms.values()].flat()),
      untilMs: nowMs + FIRST_PLAN_LIMIT_MS,
    };
  }

  /** The pods that make room, each with those for which it does. */
  get rooms(): ReadonlyMap<string, readonly string[]> {
    return this.#choreography.out;
  }

  /** Forgets the order: no pod makes room any longer. */
  clear(): void {
    this.#choreography = NO_ORDER;
  }

  /** The pods for which a pod makes room; undefined if it makes none. */
  madeRoomFor(key: string): readonly string[] | undefined {
    return this.#choreography.out.get(key);
  }

  /** A pod makes no room any longer. */
  makesNoRoom(key: string): void {
    const out = new Map(this.#choreography.out);
    out.delete(key);
    this.#choreography = { ...this.#choreography, out };
  }

  /** Whether a pod has yet to change. @param nowMs monotonic */
  isGated(key: string, nowMs: number): boolean {
    const resumed = this.#resumed;
    return this.#gated.has(key) ||
      resumed !== undefined && nowMs < resumed.untilMs && resumed.keys.has(key);
  }

  /** A pod of a control plane runs in its new version, since this moment (monotonic). */
  runs(key: string, nowMs: number): void {
    this.#settling.set(key, nowMs);
  }

  /** A pod was seen ready. */
  isReady(key: string): void {
    this.#settling.delete(key);
  }

  /** Pods of a control plane whose new version runs, and has not been seen ready yet. */
  settling(nowMs: number): ReadonlySet<string> {
    const sinceMs = nowMs - SETTLING_LIMIT_MS;
    for (const [key, runsMs] of this.#settling) if (runsMs < sinceMs) this.#settling.delete(key);
    return new Set(this.#settling.keys());
  }

  /** Whether a change waits for its turn. */
  get hasTurns(): boolean {
    return this.#choreography.turns.size > 0;
  }

  /**
   * Whether it is some change's turn now: the pods before it have changed and
   * are ready, or are out of its way. A further plan says whose turn is next.
   */
  take(phases: ReadonlyMap<string, Phase<RolloutPod>>, nowMs: number): boolean {
    const settling = this.settling(nowMs);
    const isDue = [...this.#choreography.turns].some(([key, awaited]) =>
      awaited.every((other) => {
        const phase = phases.get(other);
        if (phase?.step === "waiting" && phase.madeRoom?.for.includes(key)) return true;
        if (this.#choreography.out.get(other)?.includes(key)) return false;
        return phase === undefined && !this.isGated(other, nowMs) && !settling.has(other);
      })
    );
    if (isDue) this.#choreography = { ...this.#choreography, turns: new Map() };
    return isDue;
  }
}

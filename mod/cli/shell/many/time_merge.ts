import type { Clock } from "../../../core/mod.ts";

/**
 * How long an item waits for an earlier one of a source that may never have another, in
 * milliseconds: longer than messages of a network need, and too short for a reader to notice.
 */
export const LIVE_HOLD_MS = 300;

/**
 * How long the first node to answer waits for the others, so that what they remember is told in one
 * order, in milliseconds: ssh to a healthy node needs less. A dead node is not waited for.
 */
export const START_HOLD_MS = 1_000;

/** How many items of one source are kept before it must wait. */
const MAX_WAITING = 20_000;

interface Waiting<T> {
  readonly item: T;
  readonly timeMs: number;
  readonly dueMs: number;
}

interface Source<T> {
  readonly queue: Waiting<T>[];
  isOpen: boolean;
}

/**
 * Puts the items of several sources into the order of time: exactly if each source ends by itself;
 * otherwise an item that comes later than `holdMs` is passed on late, and so are the items of a
 * source that begins much later than the first one.
 */
export class TimeMerge<T> {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #emit: (item: T) => void;
  readonly #sources = new Map<string, Source<T>>();
  #starting: Set<string>;
  /** When it looks next whether something is due, on the monotonic clock. */
  #wakeAtMs = Infinity;
  /** Until when the sources that have begun wait for the others; undefined before the first. */
  #startUntilMs: number | undefined;
  #room = Promise.withResolvers<void>();

  /**
   * @param sources all of them: each that has neither begun nor ended is waited for, if every
   *   source ends as long as it takes, otherwise for a moment
   * @param holdMs how long an item waits for an earlier one; Infinity if every source ends
   * @param emit takes the items in order
   */
  constructor(
    sources: readonly string[],
    { clock, holdMs }: { readonly clock: Clock; readonly holdMs: number },
    emit: (item: T) => void,
  ) {
    this.#clock = clock;
    this.#holdMs = holdMs;
    this.#emit = emit;
    this.#starting = new Set(sources);
  }

  /** A source can be read now. */
  begin(source: string): void {
    if (!this.#starting.delete(source)) return;
    this.#sources.set(source, { queue: [], isOpen: true });
    this.#startUntilMs ??= this.#holdMs === Infinity
      ? Infinity
      : this.#clock.monotonicMs() + START_HOLD_MS;
    this.#flush();
  }

  /** Takes an item; resolves when there is room for the next one. */
  async add(source: string, timeMs: number, item: T): Promise<void> {
    this.begin(source);
    const from = this.#sources.get(source);
    if (from === undefined) return;
    from.queue.push({ item, timeMs, dueMs: this.#clock.monotonicMs() + this.#holdMs });
    this.#flush();
    while (from.queue.length >= MAX_WAITING) await this.#room.promise;
  }

  /** A source has ended, or could not begin. */
  end(source: string): void {
    this.#starting.delete(source);
    const from = this.#sources.get(source);
    if (from !== undefined) from.isOpen = false;
    this.#flush();
  }

  /** Passes on everything that waits. */
  close(): void {
    this.#starting.clear();
    for (const source of this.#sources.values()) source.isOpen = false;
    this.#flush();
  }

  #flush(): void {
    const startUntilMs = this.#startUntilMs ?? Infinity;
    if (this.#starting.size > 0 && startUntilMs > this.#clock.monotonicMs()) {
      return this.#wakeAt(startUntilMs);
    }
    for (;;) {
      const heads = [...this.#sources.values()].filter(({ queue }) => queue.length > 0);
      const first = heads.reduce<Source<T> | undefined>(
        (least, one) =>
          least === undefined || (one.queue[0]?.timeMs ?? 0) < (least.queue[0]?.timeMs ?? 0)
            ? one
            : least,
        undefined,
      );
      const head = first?.queue[0];
      if (first === undefined || head === undefined) break;
      const silent = [...this.#sources.values()].some(({ queue, isOpen }) =>
        isOpen && queue.length === 0
      );
      if (silent && head.dueMs > this.#clock.monotonicMs()) {
        this.#wakeAt(head.dueMs);
        break;
      }
      first.queue.shift();
      this.#emit(head.item);
    }
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    void this.#clock.sleep(atMs - this.#clock.monotonicMs()).then(() => {
      if (this.#wakeAtMs === atMs) this.#wakeAtMs = Infinity;
      this.#flush();
    });
  }
}

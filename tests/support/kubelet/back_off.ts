/** Remembers how long to wait before something that failed is tried again. */
export class BackOff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #entries = new Map<string, { delayMs: number; updatedAtMs: number }>();

  constructor(initialMs: number, maxMs: number) {
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  /** The current delay of a key; 0 before its first failure. */
  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** How much of the delay is left, counted from when the thing failed; 0 for none, and once it is forgotten. */
  remainingMs(key: string, failedAtMs: number, nowMs: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || failedAtMs - entry.updatedAtMs > 2 * this.#maxMs) return 0;
    return Math.max(0, failedAtMs + entry.delayMs - nowMs);
  }

  /** Notes another try: the delay doubles, up to the limit, and starts over after twice that. */
  next(key: string, nowMs: number): void {
    const entry = this.#entries.get(key);
    const stale = entry === undefined || nowMs - entry.updatedAtMs > 2 * this.#maxMs;
    const delayMs = stale ? this.#initialMs : Math.min(this.#maxMs, entry.delayMs * 2);
    this.#entries.set(key, { delayMs, updatedAtMs: nowMs });
  }
}

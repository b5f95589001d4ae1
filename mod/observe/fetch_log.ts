/** Who asked for the list, and when: the agent's only sight of the kubelet's polls. */

/** One successful fetch of the list. */
export interface FetchRecord {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The list that was given, or confirmed by a 304. */
  readonly etag: string;
  readonly userAgent: string;
}

/** One refused fetch. */
export interface RefusedFetch {
  readonly atMs: number;
  readonly status: number;
  /** The URL path that was asked for; it may be another than the list's. */
  readonly path: string;
  readonly userAgent: string;
}

/** How many fetches the usual interval is taken from: an outlier must not count. */
const MAX_INTERVALS = 3;

/** How many changes of the list are remembered. */
const MAX_FIRSTS = 100;

/** Remembers the last fetches by the kubelet, and lets others wait for the next one. */
export class FetchLog {
  #last: FetchRecord | undefined;
  #lastRefused: RefusedFetch | undefined;
  #intervalsMs: readonly number[] = [];
  #goneMs: number | undefined;
  /** When each list was fetched for the first time, oldest first. */
  #firstsMs: readonly number[] = [];
  readonly #listeners = new Set<(fetch: FetchRecord) => void>();

  /** The last successful fetch by a kubelet. */
  get last(): FetchRecord | undefined {
    return this.#last;
  }

  /** The last fetch by a kubelet that was refused, such as for a wrong token. */
  get lastRefused(): RefusedFetch | undefined {
    return this.#lastRefused;
  }

  /** When the kubelet was last seen to go away, in Unix milliseconds; undefined for never. */
  get goneMs(): number | undefined {
    return this.#goneMs;
  }

  /**
   * The usual time between two successful fetches, in milliseconds: a kubelet
   * that was restarted or could not poll for a while has one interval that is
   * not its own.
   */
  get intervalMs(): number | undefined {
    const sorted = this.#intervalsMs.toSorted((left, right) => left - right);
    return sorted[Math.floor(sorted.length / 2)];
  }

  /**
   * When the kubelet first fetched what is in the list since `sinceMs`, in Unix
   * milliseconds; undefined if it has not, or that is not remembered.
   */
  firstSince(sinceMs: number): number | undefined {
    return this.#firstsMs.find((atMs) => atMs >= sinceMs);
  }

  /** Records an answered request of a kubelet. */
  record(fetch: FetchRecord): void {
    const before = this.#last;
    if (before !== undefined) {
      this.#intervalsMs = [...this.#intervalsMs, fetch.atMs - before.atMs].slice(-MAX_INTERVALS);
    }
    // Whatever changes in the list changes its tag.
    if (before?.etag !== fetch.etag) {
      this.#firstsMs = [...this.#firstsMs, fetch.atMs].slice(-MAX_FIRSTS);
    }
    this.#last = fetch;
    for (const listener of this.#listeners) listener(fetch);
  }

  /** Records a refused request of a kubelet. */
  recordRefused(fetch: RefusedFetch): void {
    this.#lastRefused = fetch;
  }

  /** The kubelet was seen to go away: no fetch before that is one of the next kubelet. */
  gone(atMs: number): void {
    this.#goneMs = atMs;
  }

  /** Calls `listener` on each successful fetch until the returned function is called. */
  onFetch(listener: (fetch: FetchRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

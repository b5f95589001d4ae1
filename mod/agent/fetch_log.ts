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

/**
 * How Go's HTTP client names itself, and so every kubelet's poll.
 *
 * Source: kubelet pkg/kubelet/config/http.go sets no User-Agent of its own.
 */
const KUBELET_USER_AGENT = /^Go-http-client\//;

/** True for a request that a kubelet's poll looks like. */
export function isKubelet(userAgent: string): boolean {
  return KUBELET_USER_AGENT.test(userAgent);
}

/** Remembers the last fetches by the kubelet, and lets others wait for the next one. */
export class FetchLog {
  #last: FetchRecord | undefined;
  #lastRefused: RefusedFetch | undefined;
  #intervalMs: number | undefined;
  readonly #listeners = new Set<(fetch: FetchRecord) => void>();

  /** The last successful fetch by a kubelet. */
  get last(): FetchRecord | undefined {
    return this.#last;
  }

  /** The last fetch by a kubelet that was refused, such as for a wrong token. */
  get lastRefused(): RefusedFetch | undefined {
    return this.#lastRefused;
  }

  /** The time between the last two successful fetches, in milliseconds. */
  get intervalMs(): number | undefined {
    return this.#intervalMs;
  }

  /** Records an answered request of a kubelet. */
  record(fetch: FetchRecord): void {
    if (this.#last !== undefined) this.#intervalMs = fetch.atMs - this.#last.atMs;
    this.#last = fetch;
    for (const listener of this.#listeners) listener(fetch);
  }

  /** Records a refused request of a kubelet. */
  recordRefused(fetch: RefusedFetch): void {
    this.#lastRefused = fetch;
  }

  /** Calls `listener` on each successful fetch until the returned function is called. */
  onFetch(listener: (fetch: FetchRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

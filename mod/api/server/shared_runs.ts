/**
 * The rest after a computation that others wait for, in milliseconds: as long as one
 * takes on a usual node, so that it has half of the time, which goes unnoticed.
 */
const REST_MS = 25;

interface Runs {
  readonly current: Promise<unknown>;
  next: Promise<unknown> | undefined;
}

/**
 * Computes the same thing for all who ask at one time: who asks while it is being
 * computed shares the next computation, which begins after that, so that each
 * gets what is true after the asking. Hundreds of clients cost as much as two, and
 * between two computations there is room for others, above all for the kubelet.
 */
export class SharedRuns {
  readonly #runs = new Map<string, Runs>();

  /** @param key what is asked for: equal keys must mean equal answers */
  run<T>(key: string, compute: () => Promise<T>): Promise<T> {
    const runs = this.#runs.get(key);
    if (runs === undefined) return this.#begin(key, compute);
    runs.next ??= runs.current.catch(() => undefined)
      .then(() => new Promise((resolve) => setTimeout(resolve, REST_MS)))
      .then(() => this.#begin(key, compute));
    return runs.next as Promise<T>; // of the same key, and so of the same type
  }

  #begin<T>(key: string, compute: () => Promise<T>): Promise<T> {
    const current = compute();
    const runs: Runs = { current, next: undefined };
    this.#runs.set(key, runs);
    const end = () => {
      // The next one takes its place by itself.
      if (runs.next === undefined && this.#runs.get(key) === runs) this.#runs.delete(key);
    };
    current.then(end, end);
    return current;
  }
}

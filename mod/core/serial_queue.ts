/** Runs asynchronous jobs one at a time, in the order in which they came. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `job` after all earlier ones have settled; a failed job does not stop the next. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(job, job);
    // The queue itself must not carry a rejection on: the caller has it.
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

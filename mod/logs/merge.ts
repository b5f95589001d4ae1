import { Buffer } from "node:buffer";
import type { TimedBatch } from "./read_log.ts";
import { ByteSink } from "./sink.ts";

/** One of the logs that are merged, and how far its current batch is used up. */
class Lane {
  readonly #batches: AsyncIterator<TimedBatch>;
  #batch: TimedBatch | undefined;
  #next = 0;
  #start = 0;
  /** Nothing to give now; more may come. */
  idle = false;
  done = false;
  /** The batch that is on its way. Settles without a value: it is kept here. */
  pending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(batches: AsyncIterable<TimedBatch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The time of its next line, or undefined if it has none at hand. */
  get timeNs(): bigint | undefined {
    return this.#batch?.marks[this.#next]?.timeNs;
  }

  /** Asks for the next batch unless there are lines at hand, or it is asked for already. */
  refill(): void {
    if (this.done || this.pending !== undefined || this.timeNs !== undefined) return;
    this.pending = this.#batches.next().then((result) => {
      this.pending = undefined;
      if (result.done === true) {
        this.done = true;
        this.#batch = undefined;
        return;
      }
      this.#batch = result.value;
      this.#next = this.#start = 0;
      this.idle = result.value.idle;
    }, (error) => {
      this.pending = undefined;
      this.done = true;
      this.#failure = { error };
    });
  }

  /** Moves its next line into the sink. */
  give(sink: ByteSink): void {
    const batch = this.#batch;
    const mark = batch?.marks[this.#next];
    if (batch === undefined || mark === undefined) return;
    const { bytes } = batch;
    sink.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), this.#start, mark.end);
    this.#start = mark.end;
    this.#next++;
  }

  /** @throws what reading it has thrown. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Stops reading it. One that waits for new lines ends when its signal is aborted, not before. */
  async close(): Promise<void> {
    const returned = this.#batches.return?.();
    if (this.pending === undefined) await returned;
    // A late failure matters to no one any longer.
    else returned?.catch(() => undefined);
  }
}

/**
 * Interleaves the lines of several logs by time; lines of one log stay in
 * their order, lines of equal time come in the order of the logs. While logs are
 * followed, one that is quiet holds up no other: what comes then comes in the
 * order of arrival.
 *
 * `limitBytes` bounds the whole output. To stop it while it waits, abort the signal that the sources were given.
 *
 * @throws what reading one of them throws.
 */
export async function* mergeByTime(
  sources: readonly AsyncIterable<TimedBatch>[],
  options: { readonly limitBytes?: number | undefined } = {},
): AsyncGenerator<Uint8Array> {
  let left = options.limitBytes ?? Infinity;
  for await (const chunk of interleave(sources)) {
    if (chunk.length >= left) {
      if (left > 0) yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}

async function* interleave(
  sources: readonly AsyncIterable<TimedBatch>[],
): AsyncGenerator<Uint8Array> {
  const lanes = sources.map((source) => new Lane(source));
  const sink = new ByteSink();
  try {
    while (true) {
      for (const lane of lanes) lane.refill();
      // A lane that is being read, and was not idle before, may have the oldest line.
      const awaited = lanes.filter((lane) => lane.pending !== undefined && !lane.idle);
      if (awaited.length > 0) await Promise.all(awaited.map((lane) => lane.pending));
      for (const lane of lanes) lane.check();
      let first = earliest(lanes);
      if (first === undefined) {
        sink.flush();
        for (const chunk of takeAll(sink)) yield chunk;
        const pending = lanes.flatMap((lane) => lane.pending ?? []);
        if (pending.length > 0) await Promise.race(pending);
        else if (lanes.every((lane) => lane.done)) return;
        continue;
      }
      // Until one of them runs out, nothing can come in between.
      for (; first !== undefined; first = earliest(lanes)) {
        first.give(sink);
        if (first.timeNs === undefined) break;
      }
      for (const chunk of takeAll(sink)) yield chunk;
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

function* takeAll(sink: ByteSink): Generator<Uint8Array> {
  for (let chunk = sink.takeFull(); chunk !== undefined; chunk = sink.takeFull()) yield chunk;
}

function earliest(lanes: readonly Lane[]): Lane | undefined {
  let first: Lane | undefined;
  for (const lane of lanes) {
    if (lane.timeNs === undefined) continue;
    if (first?.timeNs === undefined || lane.timeNs < first.timeNs) first = lane;
  }
  return first;
}

/**
 * An etcd in memory with a clock of its own, for what a real one cannot be made to do at will:
 * leases that end on time, and nodes that stop between two steps.
 */
import type { Clock } from "../../mod/core/mod.ts";
import { EtcdUnavailable } from "../../mod/core/mod.ts";
import type {
  Condition,
  Etcd,
  KeyEvent,
  KeyRange,
  KeyState,
  Snapshot,
  Step,
  TxnResult,
} from "../../mod/etcd/mod.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** The store that several clients share. */
export class MemoryEtcd {
  readonly #clock: Clock;
  #keys = new Map<string, KeyState>();
  #revision = 1n;
  #leases = new Map<bigint, number>();
  #lastLease = 0n;
  readonly #listeners = new Set<(events: readonly KeyEvent[], revision: bigint) => void>();
  clusterId = 7n;
  /** Transactions that went through. */
  txns = 0;
  /** While true, no client is answered. */
  isAway = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Everything as it is now, and how to go back to it. */
  backup(): () => void {
    const keys = new Map(this.#keys);
    const revision = this.#revision;
    return () => {
      this.#keys = new Map(keys);
      this.#revision = revision;
    };
  }

  get(key: string): string | undefined {
    const found = this.#keys.get(key);
    return found && text(found.value);
  }

  /** A client; `isCut` cuts it off alone. */
  client(): Etcd & { isCut: boolean } {
    const check = () => {
      if (client.isCut || this.isAway) throw new EtcdUnavailable("etcd does not answer");
      this.#expire();
    };
    const client = {
      isCut: false,
      read: (range: KeyRange): Promise<Snapshot> =>
        answer(() => {
          check();
          return { revision: this.#revision, clusterId: this.clusterId, keys: this.#range(range) };
        }),
      txn: (
        conditions: readonly Condition[],
        steps: readonly Step[],
        orElse: readonly KeyRange[] = [],
      ): Promise<TxnResult> =>
        answer(() => {
          check();
          return this.#txn(conditions, steps, orElse);
        }),
      watch: (range: KeyRange, _from: bigint, signal: AbortSignal) =>
        this.#watch(range, signal, check),
      grantLease: (seconds: number) =>
        answer(() => {
          check();
          this.#lastLease += 1n;
          this.#leases.set(this.#lastLease, this.#clock.monotonicMs() + seconds * 1000);
          return this.#lastLease;
        }),
      keepAlive: (lease: bigint) =>
        answer(() => {
          check();
          if (!this.#leases.has(lease)) return false;
          this.#leases.set(lease, this.#clock.monotonicMs() + 60_000);
          return true;
        }),
      revokeLease: (lease: bigint) =>
        answer(() => {
          check();
          this.#end(lease);
        }),
      status: () => Promise.reject(new Error("not here")),
      call: () => Promise.reject(new Error("not here")),
      close: () => {},
    };
    return client;
  }

  #range(range: KeyRange): readonly KeyState[] {
    const isIn = (key: string) => isInRange(key, range);
    return [...this.#keys.values()].filter(({ key }) => isIn(key))
      .sort((left, right) => left.key < right.key ? -1 : 1);
  }

  #txn(
    conditions: readonly Condition[],
    steps: readonly Step[],
    orElse: readonly KeyRange[],
  ): TxnResult {
    const holds = conditions.every((condition) => {
      const state = this.#keys.get(text(condition.key));
      // VERSION (the default) is compared with 0 alone, MOD with a revision.
      if (condition.target === 2) return (state?.modRevision ?? 0n) === condition.modRevision;
      return condition.result === 1 ? state !== undefined : state === undefined;
    });
    if (!holds) {
      const current = orElse.flatMap((range) => this.#range(range));
      return { succeeded: false, revision: this.#revision, current };
    }
    if (steps.length > 128) throw new Error("too many operations in txn request");
    const written = steps.map((one) => text(one.requestPut?.key ?? one.requestDeleteRange?.key));
    if (new Set(written).size !== written.length) throw new Error("duplicate key given in txn");
    this.txns += 1;
    if (steps.length > 0) this.#revision += 1n;
    const events = steps.flatMap((step): readonly KeyEvent[] => {
      const { requestPut: put, requestDeleteRange: removal } = step;
      if (put !== undefined) {
        if (put.lease !== undefined && !this.#leases.has(put.lease)) {
          throw new Error("requested lease not found");
        }
        return [this.#put(text(put.key), put.value ?? new Uint8Array(), put.lease ?? 0n)];
      }
      const key = text(removal?.key);
      return this.#keys.delete(key) ? [{ key, state: undefined }] : [];
    });
    this.#tell(events);
    return { succeeded: true, revision: this.#revision, current: [] };
  }

  #put(key: string, value: Uint8Array, lease: bigint): KeyEvent {
    const createRevision = this.#keys.get(key)?.createRevision ?? this.#revision;
    const state = { key, value, lease, createRevision, modRevision: this.#revision };
    this.#keys.set(key, state);
    return { key, state };
  }

  #expire(): void {
    for (const [lease, endMs] of this.#leases) {
      if (endMs <= this.#clock.monotonicMs()) this.#end(lease);
    }
  }

  #end(lease: bigint): void {
    this.#leases.delete(lease);
    const gone = [...this.#keys.values()].filter((one) => one.lease === lease);
    if (gone.length === 0) return;
    this.#revision += 1n;
    for (const { key } of gone) this.#keys.delete(key);
    this.#tell(gone.map(({ key }) => ({ key, state: undefined })));
  }

  #tell(events: readonly KeyEvent[]): void {
    if (events.length === 0) return;
    for (const listener of this.#listeners) listener(events, this.#revision);
  }

  async *#watch(range: KeyRange, signal: AbortSignal, check: () => void) {
    const isIn = (key: string) => isInRange(key, range);
    const queue: { events: readonly KeyEvent[]; revision: bigint }[] = [];
    let wake = () => {};
    const listener = (events: readonly KeyEvent[], revision: bigint) => {
      const mine = events.filter(({ key }) => isIn(key));
      if (mine.length > 0) queue.push({ events: mine, revision });
      wake();
    };
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        check();
        const batch = queue.shift();
        if (batch === undefined) await new Promise<void>((resolve) => wake = resolve);
        else yield { clusterId: this.clusterId, ...batch };
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** Wakes every watch, so that one that was cut off notices it. */
  stir(): void {
    for (const listener of this.#listeners) listener([], this.#revision);
  }
}

function isInRange(key: string, range: KeyRange): boolean {
  if ("key" in range) return key === range.key;
  if ("prefix" in range) return key.startsWith(range.prefix);
  return key >= range.from && (key < range.toPrefix || key.startsWith(range.toPrefix));
}

/** In a turn of its own, as an answer comes. */
async function answer<T>(make: () => T): Promise<T> {
  await Promise.resolve();
  return make();
}

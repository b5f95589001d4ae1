/** A client of an etcd cluster: one connection at a time, to the endpoint that answers. */
import type { Clock } from "../core/mod.ts";
import {
  type ClientCertificates,
  decodeMessage,
  encodeMessage,
  GrpcClient,
  type GrpcTarget,
  type Init,
  type Method,
  tcpTarget,
  tlsTarget,
} from "../grpc/mod.ts";
import { convertEtcdError, isTransient, isUnsent } from "./errors.ts";
import { EventType, KV, Lease, Maintenance, Watch, type WatchResponse } from "./gen/etcd.ts";
import {
  type KeyEvent,
  type KeyRange,
  keyState,
  type Snapshot,
  textOf,
  wireRange,
} from "./keys.ts";
import { type Condition, type Step, type TxnResult, txnResult } from "./txn.ts";
import { Compacted } from "./compacted.ts";

/** How an etcd cluster is reached. */
export interface EtcdOptions {
  readonly clock: Clock;
  /** `https://10.0.0.1:2379`, or `http://…` without protection; in the order of preference. */
  readonly endpoints: readonly string[];
  /** Needed for https; asked for each connection, so that renewed ones are taken up. */
  readonly certificates?: (() => ClientCertificates) | undefined;
  /** How long one endpoint may take for an answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** What one endpoint says about itself. */
export interface EtcdStatus {
  readonly version: string;
  readonly dbSizeBytes: number;
  readonly hasLeader: boolean;
  readonly clusterId: bigint;
  readonly revision: bigint;
  /** Alarms, such as a full database. */
  readonly errors: readonly string[];
}

/** Settings of one request. */
export interface EtcdCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A batch of changes. */
export interface WatchBatch {
  readonly revision: bigint;
  readonly clusterId: bigint;
  readonly events: readonly KeyEvent[];
}

/**
 * An etcd cluster. Every method throws `EtcdUnavailable` where no endpoint answers, has no leader
 * or takes no writes, and `permission` where certificates or rights do not suffice.
 */
export interface Etcd {
  /** The keys of a range now; linearizable: never older than what another has seen. */
  read(
    range: KeyRange,
    options?: EtcdCallOptions & { readonly keysOnly?: boolean },
  ): Promise<Snapshot>;
  /**
   * Does the steps if every condition holds, all at once. Not tried again elsewhere once it may
   * have been sent: who gets `EtcdUnavailable` must read what has become of it.
   *
   * @param orElse ranges that are read if a condition does not hold
   */
  txn(
    conditions: readonly Condition[],
    steps: readonly Step[],
    orElse?: readonly KeyRange[],
    options?: EtcdCallOptions,
  ): Promise<TxnResult>;
  /**
   * Changes of a range from a revision on, until the signal aborts. While it waits, a PING every
   * 15 s shows whether the connection is alive.
   *
   * @throws {Compacted} if the revision is gone: list, then watch from there
   */
  watch(range: KeyRange, fromRevision: bigint, signal: AbortSignal): AsyncIterable<WatchBatch>;
  /** A new lease. @param ttlSeconds after which it ends unless it is kept alive */
  grantLease(ttlSeconds: number, options?: EtcdCallOptions): Promise<bigint>;
  /** Keeps a lease alive once; false if it is gone. */
  keepAlive(lease: bigint, options?: EtcdCallOptions): Promise<boolean>;
  /** Ends a lease, and deletes its keys. */
  revokeLease(lease: bigint, options?: EtcdCallOptions): Promise<void>;
  status(options?: EtcdCallOptions): Promise<EtcdStatus>;
  /** Any other method, for administration. */
  call<I, O>(
    method: Method<I, O, "unary">,
    request: Init<I>,
    options?: EtcdCallOptions,
  ): Promise<O>;
  /** Ends the connection and every call on it. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** How often a watch's connection is asked whether it is alive, and how long it may take. */
const PING_INTERVAL_MS = 15_000;
const PING_TIMEOUT_MS = 10_000;

/**
 * Prepares a client; nothing is opened before the first call.
 *
 * @throws {TypeError} for an endpoint that is no URL
 */
export function connectEtcd(options: EtcdOptions): Etcd {
  return new EtcdClient(options);
}

class EtcdClient implements Etcd {
  readonly #clock: Clock;
  readonly #endpoints: readonly string[];
  readonly #clients: readonly GrpcClient[];
  readonly #timeoutMs: number;
  /** The endpoint that answered last. */
  #at = 0;

  constructor({ clock, endpoints, certificates, timeoutMs = DEFAULT_TIMEOUT_MS }: EtcdOptions) {
    this.#clock = clock;
    this.#endpoints = endpoints;
    this.#timeoutMs = timeoutMs;
    this.#clients = endpoints.map((endpoint) => new GrpcClient(targetOf(endpoint, certificates)));
  }

  async read(
    range: KeyRange,
    { signal, keysOnly = false }: EtcdCallOptions & { readonly keysOnly?: boolean } = {},
  ): Promise<Snapshot> {
    const { header, kvs } = await this.call(KV.method.range, { ...wireRange(range), keysOnly }, {
      signal,
    });
    return {
      revision: header?.revision ?? 0n,
      clusterId: header?.clusterId ?? 0n,
      keys: kvs.map(keyState),
    };
  }

  async txn(
    conditions: readonly Condition[],
    steps: readonly Step[],
    orElse: readonly KeyRange[] = [],
    { signal }: EtcdCallOptions = {},
  ): Promise<TxnResult> {
    const request = {
      compare: conditions,
      success: steps,
      failure: orElse.map((range) => ({ requestRange: wireRange(range) })),
    };
    return txnResult(await this.#unary(KV.method.txn, request, signal, isUnsent));
  }

  async *watch(
    range: KeyRange,
    fromRevision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<WatchBatch> {
    const client = this.#client();
    const ended = new AbortController();
    void this.#keepPinging(client, ended.signal);
    const createRequest = { ...wireRange(range), startRevision: fromRevision };
    try {
      const stream = client.stream({
        path: pathOf(Watch.method.watch),
        message: encodeMessage(Watch.method.watch.input, { createRequest }),
        timeoutMs: undefined,
        signal,
      });
      for await (const message of stream) {
        const response = decodeMessage(Watch.method.watch.output, message);
        if (response.compactRevision > 0n) throw new Compacted(response.compactRevision);
        if (response.canceled) throw new Error(response.cancelReason || "the watch was canceled");
        if (response.events.length > 0) yield batchOf(response);
      }
      throw new Error("the watch has ended");
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Compacted) throw error;
      if (isTransient(error)) this.#next(client);
      throw convertEtcdError(error, "Watch", this.#endpoints);
    } finally {
      ended.abort();
    }
  }

  async grantLease(ttlSeconds: number, { signal }: EtcdCallOptions = {}): Promise<bigint> {
    const { id } = await this.call(Lease.method.leaseGrant, { ttl: BigInt(ttlSeconds) }, {
      signal,
    });
    return id;
  }

  async keepAlive(lease: bigint, { signal }: EtcdCallOptions = {}): Promise<boolean> {
    return await this.#attempts("LeaseKeepAlive", signal, isTransient, async (client) => {
      const stream = client.stream({
        path: pathOf(Lease.method.leaseKeepAlive),
        message: encodeMessage(Lease.method.leaseKeepAlive.input, { id: lease }),
        timeoutMs: this.#timeoutMs,
        signal,
      });
      for await (const message of stream) {
        return decodeMessage(Lease.method.leaseKeepAlive.output, message).ttl > 0n;
      }
      return false;
    });
  }

  async revokeLease(lease: bigint, { signal }: EtcdCallOptions = {}): Promise<void> {
    await this.call(Lease.method.leaseRevoke, { id: lease }, { signal });
  }

  async status({ signal }: EtcdCallOptions = {}): Promise<EtcdStatus> {
    const { header, version, dbSize, leader, errors } = await this.call(
      Maintenance.method.status,
      {},
      { signal },
    );
    return {
      version,
      dbSizeBytes: Number(dbSize),
      hasLeader: leader !== 0n,
      clusterId: header?.clusterId ?? 0n,
      revision: header?.revision ?? 0n,
      errors,
    };
  }

  call<I, O>(
    method: Method<I, O, "unary">,
    request: Init<I>,
    { signal }: EtcdCallOptions = {},
  ): Promise<O> {
    return this.#unary(method, request, signal, isTransient);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #unary<I, O>(
    method: Method<I, O, "unary">,
    request: Init<I>,
    signal: AbortSignal | undefined,
    mayRetry: (thrown: unknown) => boolean,
  ): Promise<O> {
    const message = encodeMessage(method.input, request);
    return this.#attempts(method.name, signal, mayRetry, async (client) => {
      const call = { path: pathOf(method), message, timeoutMs: this.#timeoutMs, signal };
      return decodeMessage(method.output, await client.unary(call));
    });
  }

  /** Asks each endpoint once at most, beginning with the one that answered last. */
  async #attempts<T>(
    what: string,
    signal: AbortSignal | undefined,
    mayRetry: (thrown: unknown) => boolean,
    attempt: (client: GrpcClient) => Promise<T>,
  ): Promise<T> {
    for (let tried = 1;; tried++) {
      const client = this.#client();
      try {
        return await attempt(client);
      } catch (error) {
        signal?.throwIfAborted();
        if (isTransient(error)) this.#next(client);
        if (tried >= this.#clients.length || !mayRetry(error)) {
          throw convertEtcdError(error, what, this.#endpoints);
        }
      }
    }
  }

  #client(): GrpcClient {
    const client = this.#clients[this.#at];
    if (client === undefined) throw new TypeError("etcd has no endpoints");
    return client;
  }

  /** The next endpoint, unless another call has moved on already. */
  #next(failed: GrpcClient): void {
    if (this.#clients[this.#at] === failed) this.#at = (this.#at + 1) % this.#clients.length;
  }

  async #keepPinging(client: GrpcClient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = this.#clock.sleep(PING_INTERVAL_MS, signal);
      if (await wait.then(() => false, () => true)) return; // the watch has ended
      await client.ping(PING_TIMEOUT_MS);
    }
  }
}

function batchOf({ header, events }: WatchResponse): WatchBatch {
  return {
    revision: header?.revision ?? 0n,
    clusterId: header?.clusterId ?? 0n,
    events: events.flatMap(({ type, kv }): readonly KeyEvent[] => {
      if (kv === undefined) return [];
      const state = type === EventType.DELETE ? undefined : keyState(kv);
      return [{ key: textOf(kv.key), state }];
    }),
  };
}

function pathOf({ service, name }: { readonly service: string; readonly name: string }): string {
  return `/${service}/${name}`;
}

function targetOf(endpoint: string, certificates: EtcdOptions["certificates"]): GrpcTarget {
  const { protocol, hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  const number = Number(port || 2379);
  if (protocol === "http:") return tcpTarget(host, number);
  if (certificates === undefined) {
    throw new TypeError(`${endpoint} needs a certificate authority`);
  }
  return tlsTarget({ host, port: number, certificates });
}

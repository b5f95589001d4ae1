/** Transactions: conditions, and what is done if all of them hold. */
import { type Compare, CompareTarget, type RequestOp, type TxnResponse } from "./gen/etcd.ts";
import type { Init } from "../grpc/mod.ts";
import { bytesOf, type KeyRange, type KeyState, keyState, wireRange } from "./keys.ts";

/** What must hold of a key for a transaction to happen. */
export type Condition = Init<Compare>;

/** One step of a transaction. */
export type Step = Init<RequestOp>;

/** What a transaction came to. */
export interface TxnResult {
  /** Whether the conditions held, and the steps were done. */
  readonly succeeded: boolean;
  /** The revision of the store after it. */
  readonly revision: bigint;
  /** If they did not hold: the keys that were asked for, as they are now. */
  readonly current: readonly KeyState[];
}

/** The key has not been written since this revision: a fence. */
export function sameModRevision(key: string, modRevision: bigint): Condition {
  return { target: CompareTarget.MOD, key: bytesOf(key), modRevision };
}

/** There is no such key. */
export function absent(key: string): Condition {
  return { target: CompareTarget.VERSION, key: bytesOf(key), version: 0n };
}

/** There is such a key. */
export function present(key: string): Condition {
  return { target: CompareTarget.VERSION, result: 1, key: bytesOf(key), version: 0n };
}

/** Writes a key. */
export function putKey(key: string, value: string | Uint8Array, lease?: bigint): Step {
  return {
    requestPut: {
      key: bytesOf(key),
      value: typeof value === "string" ? bytesOf(value) : value,
      ...(lease === undefined ? {} : { lease }),
    },
  };
}

/** Deletes a key, or every key with a prefix. */
export function deleteKey(range: KeyRange): Step {
  return { requestDeleteRange: wireRange(range) };
}

/** What the response says. */
export function txnResult({ header, succeeded, responses }: TxnResponse): TxnResult {
  return {
    succeeded,
    revision: header?.revision ?? 0n,
    current: succeeded
      ? []
      : responses.flatMap(({ responseRange }) => responseRange?.kvs.map(keyState) ?? []),
  };
}

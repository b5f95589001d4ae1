/** Keys and ranges: texts here, bytes on the wire. */
import type { KeyValue } from "./gen/etcd.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One key, every key that begins with a prefix, or all from one key to the end of a prefix. */
export type KeyRange =
  | { readonly key: string }
  | { readonly prefix: string }
  | { readonly from: string; readonly toPrefix: string };

/** A key as it is at one revision. */
export interface KeyState {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision that wrote it last: what a following transaction compares. */
  readonly modRevision: bigint;
  readonly createRevision: bigint;
  /** 0 if it has none. */
  readonly lease: bigint;
}

/** All keys of a range at one revision. */
export interface Snapshot {
  readonly revision: bigint;
  readonly clusterId: bigint;
  readonly keys: readonly KeyState[];
}

/** A change of one key; without a state it was deleted, or its lease ended. */
export interface KeyEvent {
  readonly key: string;
  readonly state: KeyState | undefined;
}

/** The bytes of a text. */
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);

/** The text of bytes in UTF-8; what is no UTF-8 is replaced. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** A range as a request has it: a prefix ends before the next text of its length. */
export function wireRange(range: KeyRange): { key: Uint8Array; rangeEnd?: Uint8Array } {
  if ("key" in range) return { key: bytesOf(range.key) };
  if ("prefix" in range) return { key: bytesOf(range.prefix), rangeEnd: endOf(range.prefix) };
  return { key: bytesOf(range.from), rangeEnd: endOf(range.toPrefix) };
}

/** The first key behind all that begin with a prefix. */
function endOf(prefix: string): Uint8Array {
  const end = bytesOf(prefix);
  for (let index = end.length - 1; index >= 0; index--) {
    const byte = end[index] ?? 0xff;
    if (byte === 0xff) continue;
    end[index] = byte + 1;
    return end.subarray(0, index + 1);
  }
  return Uint8Array.of(0); // there is none
}

/** A key as it came. */
export function keyState(wire: KeyValue): KeyState {
  return {
    key: textOf(wire.key),
    value: wire.value,
    modRevision: wire.modRevision,
    createRevision: wire.createRevision,
    lease: wire.lease,
  };
}

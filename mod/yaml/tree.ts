import type { JsonValue } from "../core/mod.ts";

/** A value with the place where it was written; what both notations are read into. */
export interface Located {
  readonly value: JsonValue;
  /** 0-based offset at which the value begins. */
  readonly offset: number;
  /** Of a mapping: its members by key. */
  readonly members?: ReadonlyMap<string, LocatedMember>;
  /** Of a list: its items. */
  readonly items?: readonly Located[];
  /** Of a value that is known from an earlier text: its packed places there, and how far they moved. */
  readonly packed?: { readonly places: Uint32Array; readonly shift: number };
  /** What it grows to when all aliases are written out, in characters. */
  readonly sizeChars: number;
}

/** A member of a mapping. */
export interface LocatedMember {
  readonly keyOffset: number;
  readonly node: Located;
}

/**
 * An object of own properties only: `__proto__` becomes a key like any other,
 * because the object is defined member by member and never assigned to.
 */
export function objectOf(members: ReadonlyMap<string, LocatedMember>): JsonValue {
  return Object.fromEntries(Array.from(members, ([key, { node }]) => [key, node.value]));
}

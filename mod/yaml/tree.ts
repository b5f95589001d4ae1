import type { JsonValue, Path } from "../core/mod.ts";

/** A value with the place where it was written; what both notations are read into. */
export interface Located {
  readonly value: JsonValue;
  /** 0-based offset at which the value begins. */
  readonly offset: number;
  /** Of a mapping: its members by key. */
  readonly members?: ReadonlyMap<string, LocatedMember>;
  /** Of a list: its items. */
  readonly items?: readonly Located[];
  /** What it grows to when all aliases are written out, in characters. */
  readonly sizeChars: number;
}

/** A member of a mapping. */
export interface LocatedMember {
  readonly keyOffset: number;
  readonly node: Located;
}

/** Offset of the value, or of the key, at `path`; else of the nearest ancestor's key. */
export function offsetOfPath(root: Located, path: Path, part: "key" | "value"): number {
  let node = root;
  let keyOffset = root.offset;
  for (const segment of path) {
    const member = node.members?.get(String(segment));
    if (member !== undefined) {
      node = member.node;
      keyOffset = member.keyOffset;
      continue;
    }
    const item = typeof segment === "number" ? node.items?.[segment] : undefined;
    if (item === undefined) return keyOffset;
    node = item;
    keyOffset = item.offset;
  }
  return part === "key" ? keyOffset : node.offset;
}

/**
 * An object of own properties only: `__proto__` becomes a key like any other,
 * because the object is defined member by member and never assigned to.
 */
export function objectOf(members: ReadonlyMap<string, LocatedMember>): JsonValue {
  return Object.fromEntries(Array.from(members, ([key, { node }]) => [key, node.value]));
}

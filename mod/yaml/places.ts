/** Where the values of a document stand, packed: a tree of objects would outweigh the values. */
import { isJsonObject, type JsonValue, type Path } from "../core/mod.ts";
import type { Located } from "./tree.ts";

/**
 * Three numbers for each value of a document, parents before children and members in
 * the order of the object's own keys: the offset of its key (of an item: its own), its
 * own offset, and how many values it consists of, itself included.
 */
export type Places = Uint32Array;

const PER_VALUE = 3;

/** Packs the places of a tree. */
export function packPlaces(root: Located): Places {
  const numbers: number[] = [];
  const pack = (node: Located, keyOffset: number) => {
    if (node.packed !== undefined) {
      const { places, shift } = node.packed;
      for (let index = 0; index < places.length; index++) {
        const isOffset = index % PER_VALUE !== PER_VALUE - 1;
        numbers.push(places[index]! + (isOffset ? shift : 0));
      }
      return;
    }
    const at = numbers.length;
    numbers.push(keyOffset, node.offset, 0);
    const { members, value } = node;
    if (members !== undefined && isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        const member = members.get(key);
        if (member !== undefined) pack(member.node, member.keyOffset);
      }
    }
    for (const item of node.items ?? []) pack(item, item.offset);
    numbers[at + 2] = (numbers.length - at) / PER_VALUE;
  };
  pack(root, root.offset);
  return Uint32Array.from(numbers);
}

/** Offset of the value, or of the key, at `path`; else of the nearest ancestor's key. */
export function offsetOfPath(
  root: JsonValue,
  places: Places,
  path: Path,
  part: "key" | "value",
): number {
  let value = root;
  let at = 0;
  const next = (child: number) => child + PER_VALUE * (places[child + 2] ?? 1);
  for (const segment of path) {
    let child = at + PER_VALUE;
    if (isJsonObject(value)) {
      const key = String(segment);
      if (!Object.hasOwn(value, key)) return places[at] ?? 0;
      for (const other of Object.keys(value)) {
        if (other === key) break;
        child = next(child);
      }
      value = value[key] ?? null;
    } else {
      const item = Array.isArray(value) && typeof segment === "number" ? value[segment] : undefined;
      if (item === undefined) return places[at] ?? 0;
      for (let before = 0; before < Number(segment); before++) child = next(child);
      value = item;
    }
    at = child;
  }
  return places[part === "key" ? at : at + 1] ?? 0;
}

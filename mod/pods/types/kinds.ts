/**
 * How a Go type is read from JSON: small descriptors from which both the
 * TypeScript types of a pod and its decoder derive.
 *
 * Why not valibot here: the kubelet's decoder is Go's `encoding/json`, whose
 * rules a schema library does not have (null leaves the zero value, unknown
 * fields are dropped and counted, an absent field is its type's zero value),
 * and a list of a thousand pods must be decoded in well under 0.3 s.
 *
 * A decoded value has every field of its struct: `""`, `0`, `false`, an empty
 * list or map where Go has its zero value, `undefined` for a nil pointer.
 */
import { isJsonObject } from "../../core/mod.ts";
import type { JsonValue } from "../../core/mod.ts";
import type { DecodeReport } from "./decode_report.ts";

/** What a kind is made of, for those who walk over the types. */
export type Shape =
  | { readonly is: "scalar"; readonly name: string }
  | { readonly is: "list"; readonly of: Kind<unknown> }
  | { readonly is: "map"; readonly of: Kind<unknown> }
  | { readonly is: "struct"; readonly fields: { readonly [name: string]: Kind<unknown> } };

/** How one Go type is read. */
export interface Kind<T> {
  readonly shape: Shape;
  /** The value of an absent or null field; shared, never to be changed. */
  readonly zero: T;
  /** The minor of Kubernetes 1.x that brought the field, where that matters. */
  readonly since?: number;
  /** The last minor of Kubernetes 1.x that had the field. */
  readonly until?: number;
  /** Reads a value that is not null; reports and gives the zero value when it does not fit. */
  read(value: Exclude<JsonValue, null>, report: DecodeReport): T;
}

/** What a kind decodes to. */
export type ValueOf<K> = K extends Kind<infer T> ? T : never;

/** A Go struct: its fields in order, each with its kind. */
export interface StructKind<T> extends Kind<T> {
  readonly fields: { readonly [name: string]: Kind<unknown> };
}

/** The object that a table of fields decodes to. */
export type StructOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Reads a value that may be null or absent. */
export function readKind<T>(kind: Kind<T>, value: JsonValue | undefined, report: DecodeReport): T {
  return value === undefined || value === null ? kind.zero : kind.read(value, report);
}

/** A Go pointer: `undefined` where it is nil. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return { shape: kind.shape, zero: undefined, read: (value, report) => kind.read(value, report) };
}

/** A field that came with this minor of Kubernetes 1.x. */
export function since<T>(minor: number, kind: Kind<T>): Kind<T> {
  return { ...kind, since: minor };
}

/** A field that went with this minor of Kubernetes 1.x, the last that had it. */
export function until<T>(minor: number, kind: Kind<T>): Kind<T> {
  return { ...kind, until: minor };
}

/** A Go slice. A nil slice is this very `NIL_LIST`, so that it can be told from an empty one. */
export const NIL_LIST: readonly never[] = Object.freeze([]);

/** `map` that leaves an empty list itself, so that a nil one stays nil. */
export function each<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  return items.length === 0 ? items : items.map(change);
}

/** A list of `kind`; null elements are the element's zero value. */
export function list<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    shape: { is: "list", of: kind },
    zero: NIL_LIST,
    read(value, report) {
      if (!Array.isArray(value)) {
        report.mismatch("a list", value);
        return NIL_LIST;
      }
      const items: readonly JsonValue[] = value;
      return items.map((item, index) => {
        report.enter(index);
        const read = readKind(kind, item, report);
        report.leave();
        return read;
      });
    },
  };
}

/** A nil map, to be told from an empty one. */
export const NIL_MAP: ReadonlyMap<string, never> = new Map<string, never>();

/** A map from strings to `kind`, in the order of the text. */
export function map<T>(kind: Kind<T>): Kind<ReadonlyMap<string, T>> {
  return {
    shape: { is: "map", of: kind },
    zero: NIL_MAP,
    read(value, report) {
      if (!isJsonObject(value)) {
        report.mismatch("a mapping", value);
        return NIL_MAP;
      }
      const entries = new Map<string, T>();
      for (const key of Object.keys(value)) {
        report.enter(key);
        entries.set(key, readKind(kind, value[key], report));
        report.leave();
      }
      return entries;
    },
  };
}

/** Whether a minor of Kubernetes 1.x has a field. */
function isKnown({ since = 0, until = Infinity }: Kind<unknown>, minor: number): boolean {
  return since <= minor && minor <= until;
}

/** A struct with these fields. Field names are case-sensitive, unknown ones are reported. */
export function struct<F extends { readonly [name: string]: Kind<unknown> }>(
  fields: F,
): StructKind<StructOf<F>> {
  const names = Object.keys(fields);
  const kinds = new Map(Object.entries(fields));
  const zero = Object.fromEntries([...kinds].map(([name, kind]) => [name, kind.zero]));
  // A frozen object is slow to copy, so results are copies of one that is not.
  const template = { ...zero };

  const read = (value: Exclude<JsonValue, null>, report: DecodeReport) => {
    if (!isJsonObject(value)) {
      report.mismatch("a mapping", value);
      return zero;
    }
    const result = { ...template };
    for (const name of Object.keys(value)) {
      const kind = kinds.get(name);
      if (kind === undefined || !isKnown(kind, report.minor)) {
        report.unknownField(name, names);
        continue;
      }
      const field = value[name]!;
      if (field === null) continue;
      report.enter(name);
      result[name] = kind.read(field, report);
      report.leave();
    }
    return result;
  };
  // The table above is the proof of this type: each name got the value of its kind.
  return {
    shape: { is: "struct", fields },
    fields,
    zero: Object.freeze(zero),
    read,
  } as unknown as StructKind<StructOf<F>>;
}

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
import type { JsonValue, Path, PathSegment } from "../../core/mod.ts";
import { parseQuantity, Quantity, QuantityError } from "../quantity.ts";

/** An `int64`: a number, or a bigint where a number could not hold it exactly. */
export type Int64 = number | bigint;

/** Go's `intstr.IntOrString`: an `int32` or a text. */
export type IntOrString = number | string;

/** A value whose JSON type does not fit its field: Go would not decode the pod. */
export interface DecodeFailure {
  readonly path: Path;
  /** What was wanted and what is there, without the path. */
  readonly message: string;
}

/** A field that no struct knows: Go drops it without a word. */
export interface UnknownField {
  readonly path: Path;
  /** The fields that exist there. */
  readonly known: readonly string[];
}

/** Collects what a decode finds; it never throws. */
export class DecodeReport {
  readonly failures: DecodeFailure[] = [];
  readonly unknown: UnknownField[] = [];
  /** The minor of Kubernetes 1.x that decodes; later fields are unknown to it. */
  readonly minor: number;
  readonly #path: PathSegment[] = [];

  /** Gets the path of each integer that is read, where somebody asks for them. */
  readonly #integers: Path[] | undefined;

  constructor(minor: number, integers?: Path[]) {
    this.minor = minor;
    this.#integers = integers;
  }

  /** Notes that the current value was read as an integer. */
  readInteger(): void {
    this.#integers?.push([...this.#path]);
  }

  /** Steps into a child; the caller steps out with `leave`. */
  enter(segment: PathSegment): void {
    this.#path.push(segment);
  }

  leave(): void {
    this.#path.pop();
  }

  fail(message: string): void {
    this.failures.push({ path: [...this.#path], message });
  }

  /** Says that the value is of the wrong JSON type. */
  mismatch(wanted: string, value: JsonValue): void {
    this.fail(`must be ${wanted}, current value is ${describeJson(value)}`);
  }

  unknownField(name: string, known: readonly string[]): void {
    this.unknown.push({ path: [...this.#path, name], known });
  }
}

/** How one Go type is read. */
export interface Kind<T> {
  /** The value of an absent or null field; shared, never to be changed. */
  readonly zero: T;
  /** The minor of Kubernetes 1.x that brought the field, where that matters. */
  readonly since?: number;
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

function describeJson(value: JsonValue): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value === null ? "null" : "a mapping";
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Go's `string`; invalid surrogates become U+FFFD as in Go. */
export const str: Kind<string> = {
  zero: "",
  read(value, report) {
    if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
    report.mismatch(
      typeof value === "object" ? "a string" : "a string (quote it)",
      value,
    );
    return "";
  },
};

/** Go's `bool`. */
export const bool: Kind<boolean> = {
  zero: false,
  read(value, report) {
    if (typeof value === "boolean") return value;
    report.mismatch("true or false", value);
    return false;
  },
};

/** Go's `int32`. */
export const int32: Kind<number> = {
  zero: 0,
  read(value, report) {
    if (typeof value === "number" && value === (value | 0)) {
      report.readInteger();
      return value | 0;
    }
    report.mismatch(
      typeof value === "number" || typeof value === "bigint"
        ? "a whole number from -2147483648 to 2147483647"
        : "a whole number",
      value,
    );
    return 0;
  },
};

const INT64_MAX = 2n ** 63n - 1n;

/** Go's `int64`. */
export const int64: Kind<Int64> = {
  zero: 0,
  read(value, report) {
    if (typeof value === "number" && Number.isSafeInteger(value)) {
      report.readInteger();
      return value + 0;
    }
    if (typeof value === "bigint" && value <= INT64_MAX && value >= -INT64_MAX - 1n) return value;
    report.mismatch("a whole number of 64 bits", value);
    return 0;
  },
};

/** Go's `intstr.IntOrString`. */
export const intOrString: Kind<IntOrString> = {
  zero: 0,
  read(value, report) {
    return typeof value === "string" ? str.read(value, report) : int32.read(value, report);
  },
};

/** Go's `resource.Quantity`, from a string or a number. */
export const quantity: Kind<Quantity> = {
  zero: Quantity.ZERO,
  read(value, report) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
      const parsed = parseQuantity(typeof value === "string" ? value : numberLiteral(value));
      if (!(parsed instanceof QuantityError)) return parsed;
      report.fail(`must be a quantity such as "500m" or "1Gi": ${parsed.message}`);
    } else {
      report.mismatch('a quantity such as "500m" or "1Gi"', value);
    }
    return Quantity.ZERO;
  },
};

/** A number as Go's JSON encoder writes it, which the quantity parser then reads. */
function numberLiteral(value: number | bigint): string {
  if (typeof value === "bigint") return value.toString();
  const text = String(value);
  // Go writes 1e+21 and 1e-07 where JavaScript writes 1e+21 and 1e-7; both parse alike.
  return text;
}

// A dot or a comma before the fraction: Go's time.Parse takes both.
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Go's `metav1.Time`, kept as its text; empty for the zero time. */
export const time: Kind<string> = {
  zero: "",
  read(value, report) {
    if (typeof value === "string" && isRfc3339(value)) return value;
    report.mismatch('a time such as "2026-01-31T12:00:00Z"', value);
    return "";
  },
};

function isRfc3339(text: string): boolean {
  const match = RFC3339.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as number[];
  if (hour! > 23 || minute! > 59 || second! > 59) return false;
  if (match[8] !== undefined && (Number(match[8]) > 24 || Number(match[9]) > 60)) return false;
  if (month! < 1 || month! > 12 || day! < 1) return false;
  return day! <= daysOfMonth(year!, month!);
}

function daysOfMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Any JSON, kept as it is (`metav1.FieldsV1`). */
export const json: Kind<JsonValue> = { zero: null, read: (value) => value };

/** A Go pointer: `undefined` where it is nil. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return { zero: undefined, read: (value, report) => kind.read(value, report) };
}

/** A field that came with this minor of Kubernetes 1.x. */
export function since<T>(minor: number, kind: Kind<T>): Kind<T> {
  return { ...kind, since: minor };
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
      if (kind === undefined || (kind.since ?? 0) > report.minor) {
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
  return { fields, zero: Object.freeze(zero), read } as unknown as StructKind<StructOf<F>>;
}

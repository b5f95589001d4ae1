/** How Go's scalar types are read, and those of Kubernetes that are written as one. */
import type { JsonValue } from "../../core/mod.ts";
import { parseQuantity, Quantity, QuantityError } from "../quantity.ts";
import type { Kind } from "./kinds.ts";

/** An `int64`: a number, or a bigint where a number could not hold it exactly. */
export type Int64 = number | bigint;

/** Go's `intstr.IntOrString`: an `int32` or a text. */
export type IntOrString = number | string;

/** Go's `string`; invalid surrogates become U+FFFD as in Go. */
export const str: Kind<string> = {
  shape: { is: "scalar", name: "text" },
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
  shape: { is: "scalar", name: "true or false" },
  zero: false,
  read(value, report) {
    if (typeof value === "boolean") return value;
    report.mismatch("true or false", value);
    return false;
  },
};

/** Go's `int32`. */
export const int32: Kind<number> = {
  shape: { is: "scalar", name: "whole number" },
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
  shape: { is: "scalar", name: "whole number of 64 bits" },
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
  shape: { is: "scalar", name: "whole number or text" },
  zero: 0,
  read(value, report) {
    return typeof value === "string" ? str.read(value, report) : int32.read(value, report);
  },
};

/** Go's `resource.Quantity`, from a string or a number. */
export const quantity: Kind<Quantity> = {
  shape: { is: "scalar", name: "quantity, such as 500m or 1Gi" },
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
  shape: { is: "scalar", name: "time, such as 2026-01-31T12:00:00Z" },
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
export const json: Kind<JsonValue> = {
  shape: { is: "scalar", name: "any value" },
  zero: null,
  read: (value) => value,
};

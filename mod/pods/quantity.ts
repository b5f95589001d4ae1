/**
 * Kubernetes quantities (`500m`, `1Gi`, `1e3`), exact.
 *
 * The grammar is that of the kubelet's parser, surprises included: `.5`, `5.`,
 * `+1`, `m` and `-` are quantities (the last two are zero), `1gb` and `1K` are not.
 *
 * Source: Kubernetes 1.36, k8s.io/apimachinery pkg/api/resource, `ParseQuantity`.
 */

/** How a quantity was written, which is how Kubernetes writes it again. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** Why a text is no quantity. */
export class QuantityError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const MAX_INT64 = 2n ** 63n - 1n;
/** The smallest power of ten that a quantity keeps: a nano. */
const NANO = -9;
const MILLI = -3;
/** How many zeros are worth writing out; beyond, no node has so much of anything. */
const MAX_SPELLED_OUT = 1000;

/** A number with a unit, `unscaled * 10 ** exponent` exactly. */
export class Quantity {
  static readonly ZERO: Quantity = new Quantity(0n, 0, "DecimalSI", "0", true);

  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
  /** As it was declared. */
  readonly text: string;
  /** Whether Kubernetes keeps it in an int64, which decides how it overflows. */
  readonly fitsInt64: boolean;
  /** Whether it is no longer exactly what was declared. */
  readonly isRounded: boolean;

  constructor(
    unscaled: bigint,
    exponent: number,
    format: QuantityFormat,
    text: string,
    fitsInt64: boolean,
    isRounded = false,
  ) {
    this.unscaled = unscaled;
    this.exponent = exponent;
    this.format = format;
    this.text = text;
    this.fitsInt64 = fitsInt64;
    this.isRounded = isRounded;
  }

  /** -1, 0 or 1. */
  sign(): number {
    return this.unscaled > 0n ? 1 : this.unscaled < 0n ? -1 : 0;
  }

  isZero(): boolean {
    return this.unscaled === 0n;
  }

  /** Negative, zero or positive, as this is less than, equal to or greater than `other`. */
  compare(other: Quantity): number {
    const sign = this.sign();
    if (sign !== other.sign()) return sign - other.sign();
    if (sign === 0) return 0;
    // Magnitudes first: 1e1000000000 must not be written out to be compared.
    const magnitude = decimalPlaces(this) - decimalPlaces(other);
    if (magnitude !== 0) return sign * magnitude;
    const exponent = Math.min(this.exponent, other.exponent);
    const left = this.unscaled * 10n ** BigInt(this.exponent - exponent);
    const right = other.unscaled * 10n ** BigInt(other.exponent - exponent);
    return left === right ? 0 : left < right ? -1 : 1;
  }

  /** Rounded up to a whole number, as an int64 with Kubernetes' way of overflowing. */
  value(): bigint {
    return this.#scaled(0);
  }

  /** A thousand times the quantity, rounded up; overflows as Kubernetes' does. */
  milliValue(): bigint {
    return this.#scaled(MILLI);
  }

  /** The sum; if one is too small to change the other, the larger one. */
  add(other: Quantity): Quantity {
    if (other.unscaled === 0n) return this;
    if (this.unscaled === 0n) return other;
    const exponent = Math.min(this.exponent, other.exponent);
    if (Math.max(this.exponent, other.exponent) - exponent > MAX_SPELLED_OUT) {
      return this.exponent > other.exponent ? this : other;
    }
    const sum = this.unscaled * 10n ** BigInt(this.exponent - exponent) +
      other.unscaled * 10n ** BigInt(other.exponent - exponent);
    const fitsInt64 = this.fitsInt64 && other.fitsInt64 && sum <= MAX_INT64 && sum >= -MAX_INT64;
    return new Quantity(sum, exponent, this.format, sum.toString(), fitsInt64, true);
  }

  /** Rounded up to a multiple of `10 ** exponent`. */
  roundUp(exponent: number): Quantity {
    if (this.exponent >= exponent) return this.fitsInt64 ? this : this.#spelledOut(exponent);
    const places = exponent - this.exponent;
    const rounded = places > digitCount(this.unscaled) + 1
      ? (this.unscaled > 0n ? 1n : 0n)
      : divideUp(this.unscaled, 10n ** BigInt(places));
    return new Quantity(rounded, exponent, this.format, this.text, this.fitsInt64, true);
  }

  /** With this exponent, as Kubernetes keeps what is no int64. */
  #spelledOut(exponent: number): Quantity {
    const places = this.exponent - exponent;
    if (places > MAX_SPELLED_OUT) return this;
    const unscaled = this.unscaled * 10n ** BigInt(places);
    return new Quantity(unscaled, exponent, this.format, this.text, false, true);
  }

  #scaled(exponent: number): bigint {
    const shift = this.exponent - exponent;
    if (shift < 0) {
      const places = -shift;
      if (places > digitCount(this.unscaled) + 1) return this.unscaled > 0n ? 1n : 0n;
      const rounded = divideUp(this.unscaled, 10n ** BigInt(places));
      return this.fitsInt64 ? rounded : BigInt.asIntN(64, rounded);
    }
    if (this.unscaled === 0n) return 0n;
    if (shift > 19) return 0n;
    const scaled = this.unscaled * 10n ** BigInt(shift);
    if (!this.fitsInt64) return BigInt.asIntN(64, scaled);
    return scaled > MAX_INT64 || scaled < -MAX_INT64 ? 0n : scaled;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

const SUFFIXES: Readonly<Record<string, readonly [base: 2 | 10, exponent: number]>> = {
  "": [10, 0],
  n: [10, -9],
  u: [10, -6],
  m: [10, -3],
  k: [10, 3],
  M: [10, 6],
  G: [10, 9],
  T: [10, 12],
  P: [10, 15],
  E: [10, 18],
  Ki: [2, 10],
  Mi: [2, 20],
  Gi: [2, 30],
  Ti: [2, 40],
  Pi: [2, 50],
  Ei: [2, 60],
};

// One after the other, so that no digit is ever looked at twice.
const PARTS = [/[+-]?/y, /0*/y, /\d*/y, /\.?/y, /\d*/y, /[eEinumkKMGTP]*[+-]?\d*/y] as const;

function split(text: string): readonly string[] | undefined {
  let end = 0;
  const parts = PARTS.map((pattern) => {
    pattern.lastIndex = end;
    const part = pattern.exec(text)?.[0] ?? "";
    end += part.length;
    return part;
  });
  return end === text.length ? parts : undefined;
}

/** The spaces that JSON leaves as they are inside a string; the kubelet trims the raw bytes. */
const SPACE = /[ \u0085\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/;

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start += 1;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Reads a quantity; gives the reason when the text is none. */
export function parseQuantity(declared: string): Quantity | QuantityError {
  const text = trim(declared);
  if (text === "") return new QuantityError("it is empty");
  const parts = split(text);
  if (parts === undefined) {
    return new QuantityError(`${quote(declared)} is not a number with a unit`);
  }
  const [sign, , whole = "", , fraction = "", suffix = ""] = parts;
  const unit = readSuffix(suffix);
  if (unit === undefined) {
    return new QuantityError(
      `unknown unit ${
        JSON.stringify(suffix)
      }, known are n u m k M G T P E Ki Mi Gi Ti Pi Ei and e<n>`,
    );
  }
  const [base, exponent, format] = unit;
  const digits = (whole === "" ? "0" : whole) + fraction;
  let unscaled = BigInt(digits);
  let scale = (base === 10 ? exponent : 0) - fraction.length;

  const integerBinary = base === 2 && fraction === "";
  const precision = base === 10
    ? 18 - digits.length
    : integerBinary
    ? 15 - digits.length - Math.trunc(exponent * 3 / 10) - 1
    : -1;
  const fitsInt64 = precision >= 0 && scale >= NANO;
  if (!fitsInt64 && !/\d/.test(text.slice(0, text.length - suffix.length))) {
    return new QuantityError(`${quote(declared)} has no number before its unit`);
  }

  if (base === 2) unscaled <<= BigInt(exponent);
  if (unscaled !== 0n && scale < NANO) {
    // A quantity too small for a nano is one nano, never nothing.
    const places = NANO - scale;
    unscaled = places > digitCount(unscaled) ? 1n : divideUp(unscaled, 10n ** BigInt(places));
    scale = NANO;
  }
  if (!fitsInt64 && scale > NANO && scale - NANO <= MAX_SPELLED_OUT) {
    unscaled *= 10n ** BigInt(scale - NANO);
    scale = NANO;
  }
  if (base === 2 && !fitsInt64 && scale <= 0 && unscaled > MAX_INT64 * 10n ** BigInt(-scale)) {
    unscaled = MAX_INT64;
    scale = 0;
  }
  if (sign === "-") unscaled = -unscaled;
  return new Quantity(unscaled, scale, format, declared, fitsInt64);
}

/** In quotes, and cut where it is long. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}

function readSuffix(
  suffix: string,
): readonly [base: 2 | 10, exponent: number, format: QuantityFormat] | undefined {
  if (Object.hasOwn(SUFFIXES, suffix)) {
    const [base, exponent] = SUFFIXES[suffix]!;
    return [base, exponent, base === 2 ? "BinarySI" : "DecimalSI"];
  }
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined;
  const exponent = BigInt(suffix.slice(1).replace("+", ""));
  if (exponent > MAX_INT64 || exponent < -MAX_INT64 - 1n) return undefined;
  // Kubernetes keeps the low 32 bits of it.
  return [10, Number(BigInt.asIntN(32, exponent)), "DecimalExponent"];
}

function digitCount(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

/** The place of the first digit, counted from the point: 1 for 1–9, 2 for 10–99. */
function decimalPlaces(quantity: Quantity): number {
  return digitCount(quantity.unscaled) + quantity.exponent;
}

/** Division rounded up for positive and towards zero for negative numbers. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const result = value / divisor;
  return value > 0n && value % divisor !== 0n ? result + 1n : result;
}

/**
 * The part of DER (ITU-T X.690) that certificates need: writing values, and
 * finding the parts of one that somebody else wrote.
 */
import { Buffer } from "node:buffer";

/** A value in DER, tag and length included. */
export type Der = Uint8Array;

/** Tags of the universal class and bits of others. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value with its tag and length. */
export function element(tag: number, content: Uint8Array): Der {
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.byteLength)]), content]);
}

export const sequence = (...parts: readonly Der[]): Der =>
  element(TAG.sequence, Buffer.concat(parts));
export const set = (...parts: readonly Der[]): Der => element(TAG.set, Buffer.concat(parts));
export const utf8String = (text: string): Der => element(TAG.utf8String, Buffer.from(text, "utf8"));
export const octetString = (content: Uint8Array): Der => element(TAG.octetString, content);
export const nullValue = (): Der => element(TAG.null, new Uint8Array());
export const boolean = (value: boolean): Der =>
  element(TAG.boolean, Buffer.from([value ? 0xff : 0x00]));

/** A non-negative integer from its bytes, most significant first. */
export function integer(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.byteLength - 1 && bytes[start] === 0) start += 1;
  const magnitude = bytes.subarray(start);
  // A leading one bit would make it negative.
  const padded = (magnitude[0] ?? 0) >= 0x80
    ? Buffer.concat([Buffer.from([0]), magnitude])
    : magnitude;
  return element(TAG.integer, padded);
}

/** Bits that fill whole bytes, but for `unusedBits` at the end. */
export function bitString(content: Uint8Array, unusedBits = 0): Der {
  return element(TAG.bitString, Buffer.concat([Buffer.from([unusedBits]), content]));
}

/** An object identifier from its dotted form. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return element(
    TAG.objectIdentifier,
    Buffer.from([first * 40 + second, ...others].flatMap(base128)),
  );
}

/** A time, to the second, in the form RFC 5280 wants: with two digits for the year until 2049. */
export function time(ms: number): Der {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  const year = Number(digits.slice(0, 4));
  return year < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2), "latin1"))
    : element(TAG.generalizedTime, Buffer.from(digits, "latin1"));
}

/** A constructed value with a context tag, `[n]`. */
export function explicit(tagNumber: number, content: Der): Der {
  return element(0xa0 | tagNumber, content);
}

/** A primitive value under a context tag, `[n] IMPLICIT`. */
export function implicit(tagNumber: number, content: Uint8Array): Der {
  return element(0x80 | tagNumber, content);
}

/** One value inside another. */
export interface DerPart {
  readonly tag: number;
  /** Without tag and length. */
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly bytes: Der;
}

/** The values that follow one another in `bytes`. @throws {RangeError} where it is cut off */
export function parts(bytes: Uint8Array): readonly DerPart[] {
  const found: DerPart[] = [];
  for (let offset = 0; offset < bytes.byteLength;) {
    const { start, end } = contentRange(bytes, offset);
    found.push({
      tag: bytes[offset] ?? 0,
      content: bytes.subarray(start, end),
      bytes: bytes.subarray(offset, end),
    });
    offset = end;
  }
  return found;
}

function contentRange(bytes: Uint8Array, offset: number): { start: number; end: number } {
  const first = bytes[offset + 1];
  if (first === undefined) throw new RangeError("DER value is cut off");
  const lengthOfLength = first < 0x80 ? 0 : first & 0x7f;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < lengthOfLength; index += 1) {
    length = length * 256 + (bytes[offset + 2 + index] ?? 0);
  }
  const start = offset + 2 + lengthOfLength;
  if (start + length > bytes.byteLength) throw new RangeError("DER value is cut off");
  return { start, end: start + length };
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): readonly number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

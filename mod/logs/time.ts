/**
 * Times of log lines: RFC 3339 with up to nine digits of fraction, as Go's
 * `time.RFC3339Nano` writes it (trailing zeros left out, `Z` or `+02:00`).
 */
import { parseDuration } from "../core/mod.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MS = 1_000_000n;

function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = bytes[at]! - 48;
    // NaN (past the end) is neither below nor above: it makes the value NaN.
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) +
    dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/**
 * Reads an RFC 3339 time out of bytes.
 *
 * @param start where it begins, @param end where it ends (exclusive)
 * @returns nanoseconds since the Unix epoch, or undefined if it is not one.
 */
export function parseTimestamp(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (end - start < 20 || end > bytes.length) return undefined;
  if (
    bytes[start + 4] !== 45 || bytes[start + 7] !== 45 || (bytes[start + 10]! | 32) !== 116 ||
    bytes[start + 13] !== 58 || bytes[start + 16] !== 58
  ) return undefined;
  const days = daysSinceEpoch(
    digits(bytes, start, 4),
    digits(bytes, start + 5, 2),
    digits(bytes, start + 8, 2),
  );
  let seconds = days * 86_400 + digits(bytes, start + 11, 2) * 3600 +
    digits(bytes, start + 14, 2) * 60 + digits(bytes, start + 17, 2);
  let at = start + 19;
  let nanoseconds = 0;
  if (bytes[at] === 46) {
    let scale = 100_000_000;
    for (at++; at < end; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      nanoseconds += digit * scale;
      scale = Math.floor(scale / 10);
    }
  }
  const zone = bytes[at];
  if (zone === 43 || zone === 45) {
    if (end - at !== 6 || bytes[at + 3] !== 58) return undefined;
    const offset = digits(bytes, at + 1, 2) * 3600 + digits(bytes, at + 4, 2) * 60;
    seconds += zone === 45 ? offset : -offset;
  } else if (zone === undefined || (zone | 32) !== 122 || at + 1 !== end) return undefined;
  if (!Number.isFinite(seconds)) return undefined;
  return BigInt(seconds) * NANOSECONDS_PER_SECOND + BigInt(nanoseconds);
}

/** The same for text. */
export function parseTime(text: string): bigint | undefined {
  const bytes = new TextEncoder().encode(text);
  return parseTimestamp(bytes, 0, bytes.length);
}

/**
 * What a person gives to `--since` and `--until`: a duration before now (`10m`, `1h30m`, `2d`,
 * `1w`, `-2h`, `3 hours ago`), an RFC 3339 time, or what `date` and journalctl print and take, in
 * the zone of this machine: `2026-11-30 04:25:13`, `2026-11-30`, `04:25` (of today), `yesterday`,
 * `today`, `now`.
 *
 * @returns nanoseconds since the Unix epoch, or undefined for anything else.
 */
export function parseWhen(text: string, nowMs: number): bigint | undefined {
  const ago = durationAgoMs(text.trim());
  if (ago !== undefined) return msToNs(nowMs - ago);
  const rfc3339 = isInCalendar(text) ? parseTime(text) : undefined;
  return rfc3339 ?? localTime(text.trim(), nowMs);
}

const MS_OF_UNIT: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

function durationAgoMs(text: string): number | undefined {
  const weeks = /^-?(\d+)w$/.exec(text)?.[1];
  if (weeks !== undefined) return Number(weeks) * MS_OF_UNIT["week"]!;
  const [, count, unit] = /^(\d+) ?(second|minute|hour|day|week)s? ago$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * MS_OF_UNIT[unit ?? ""]!;
  const durationMs = parseDuration(text);
  // journalctl writes what is past with a minus; nothing is logged in the future.
  return durationMs === undefined ? undefined : Math.abs(durationMs);
}

const CLOCK = /^(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:^|[ T])(\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?$/;

/** A day, a time of day or both, in the zone of this machine. */
function localTime(text: string, nowMs: number): bigint | undefined {
  if (text === "now") return msToNs(nowMs);
  const now = new Date(nowMs);
  const midnight = (days: number) =>
    msToNs(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime());
  if (text === "today") return midnight(0);
  if (text === "yesterday") return midnight(-1);
  const match = text === "" ? null : CLOCK.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "."] = match;
  const date = year === undefined
    ? [now.getFullYear(), now.getMonth(), now.getDate()] as const
    : [Number(year), Number(month) - 1, Number(day)] as const;
  const time = new Date(...date, Number(hour), Number(minute), Number(second));
  const isReal = time.getMonth() === date[1] && time.getDate() === date[2] &&
    time.getHours() === Number(hour) && Number(minute) < 60 && Number(second) < 60;
  if (!isReal) return undefined; // no such day, or a time that a change of clocks leaves out
  return msToNs(time.getTime()) + BigInt(fraction.slice(1).padEnd(9, "0"));
}

/** Whether there is such a day and such a time of day: the quick parser of lines does not look. */
function isInCalendar(time: string): boolean {
  const date = time.slice(0, 10);
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date) &&
    !Number.isNaN(Date.parse(time));
}

/** Milliseconds since the epoch (with fraction) as nanoseconds. */
export function msToNs(timeMs: number): bigint {
  const wholeMs = Math.floor(timeMs);
  return BigInt(wholeMs) * NANOSECONDS_PER_MS +
    BigInt(Math.floor((timeMs - wholeMs) * 1_000_000));
}

/** Nanoseconds since the epoch as milliseconds; the rest below is cut off. */
export function nsToMs(timeNs: bigint): number {
  return Number(timeNs / NANOSECONDS_PER_MS);
}

/** How a time is shown: in UTC, or in the zone of the machine that prints it. */
export type TimeZone = "utc" | "local";

/**
 * Writes a time as RFC 3339 with nine digits, so that columns line up:
 * `2026-02-10T15:26:01.289208227Z`, or with the machine's own offset.
 */
export function formatTime(timeNs: bigint, zone: TimeZone): string {
  const second = timeNs / NANOSECONDS_PER_SECOND - (timeNs % NANOSECONDS_PER_SECOND < 0n ? 1n : 0n);
  const fraction = (timeNs - second * NANOSECONDS_PER_SECOND).toString().padStart(9, "0");
  const date = new Date(Number(second) * 1000);
  if (zone === "utc") return `${date.toISOString().slice(0, 19)}.${fraction}Z`;
  const offsetMinutes = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offsetMinutes * 60_000);
  const absolute = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, "0");
  const offset = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(absolute / 60))}:${
    two(absolute % 60)
  }`;
  return `${shifted.toISOString().slice(0, 19)}.${fraction}${offset}`;
}

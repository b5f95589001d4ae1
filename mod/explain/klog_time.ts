/** What a line of the kubelet's log tells: when it was (without year and time zone), and its values. */

/** An older line explains nothing about now, in milliseconds. */
const RECENT_MS = 300_000;

/**
 * When a line was logged, in Unix milliseconds; undefined if it does not say.
 *
 * Source: klog's header, `E0203 14:05:06.123456` in local time, after a word of its own in
 * MicroShift's (`kubelet E0203 …`), and the `ts` of its JSON format.
 */
export function klogTimeMs(line: string, nowMs: number): number | undefined {
  const json = /"ts":(\d{13})(?:\.\d+)?[,}]/.exec(line)?.[1];
  if (json !== undefined) return Number(json);
  const [, month, day, hour, minute, second] =
    /^(?:\S+ )?[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\./.exec(line) ?? [];
  if (month === undefined) return undefined;
  const numbers = [Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)];
  const at = (year: number) =>
    new Date(year, ...numbers as [number, number, number, number, number]).getTime(); // five, above
  const year = new Date(nowMs).getFullYear();
  // A line of December that is read in January.
  return at(year) - nowMs > 86_400_000 ? at(year - 1) : at(year);
}

/** Whether a line is about now; one without a time is taken to be. */
export function isRecent(line: string, nowMs: number): boolean {
  const atMs = klogTimeMs(line, nowMs);
  return atMs === undefined || Math.abs(nowMs - atMs) <= RECENT_MS;
}

/** A value of a line, `err="…"`, as it was before it was quoted; undefined if it has none. */
export function klogValue(line: string, key: string): string | undefined {
  const quoted = new RegExp(`\\b${key}="((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1];
  return quoted?.replaceAll(/\\(.)/g, (_, char) => char === "n" || char === "t" ? " " : char)
    .trim();
}

/** What a line says of an error, without the line's header, for people; else the whole line. */
export function saidIn(line: string): string {
  return klogValue(line, "err") ?? line.trim();
}

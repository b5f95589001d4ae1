const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a duration as Go writes it (`300ms`, `5s`, `1h30m`, `-1.5h`), and days (`7d`).
 *
 * @returns milliseconds, or undefined for anything else; a bare number other
 * than `0` has no unit and is refused.
 */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h|d))+)$/.exec(text);
  if (match === null) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit!]!;
  }
  return match[1] === "-" ? -totalMs : totalMs;
}

/**
 * Writes a duration for people: the two largest units that matter
 * (`850ms`, `4.2s`, `52s`, `3m10s`, `2h5m`, `4d3h`).
 */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  if (durationMs < 1000) return `${Math.round(durationMs)}ms`;
  if (durationMs < 10_000) return `${Number((durationMs / 1000).toFixed(1))}s`;
  const totalSeconds = Math.round(durationMs / 1000);
  const seconds = totalSeconds % 60;
  const minutes = Math.floor(totalSeconds / 60) % 60;
  const hours = Math.floor(totalSeconds / 3600) % 24;
  const days = Math.floor(totalSeconds / 86_400);
  const pair = (large: string, small: number, unit: string) =>
    small === 0 ? large : `${large}${small}${unit}`;
  if (days > 0) return pair(`${days}d`, hours, "h");
  if (hours > 0) return pair(`${hours}h`, minutes, "m");
  if (minutes > 0) return pair(`${minutes}m`, seconds, "s");
  return `${seconds}s`;
}

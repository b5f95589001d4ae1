import { formatDuration } from "../core/mod.ts";

/**
 * How long ago something was, for an AGE column: whole seconds and up; `-`
 * when it is not known. A time in the future (clocks differ) counts as now.
 */
export function formatAge(sinceMs: number | undefined, nowMs: number): string {
  if (sinceMs === undefined || !Number.isFinite(sinceMs)) return "-";
  return formatDuration(Math.max(0, Math.floor((nowMs - sinceMs) / 1000)) * 1000)
    .replace(/^0ms$/, "0s");
}

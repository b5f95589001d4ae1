/** `--wait` and `--settle`, for commands that change pods or wait for them. */
import { parseDuration, UsageError } from "../../core/mod.ts";

const DEFAULT_WAIT_MS = 60_000;
const MAX_WAIT_MS = 3_600_000;

/** `--wait[=DURATION]`, as milliseconds, for commands that change pods. */
export const WAIT_FLAG = {
  kind: "parsed",
  parse: waitOf,
  inferEmpty: true,
  optional: true,
  brief: "Wait until the changed pods are ready, up to DURATION (default 60s)",
  placeholder: "DURATION",
} as const;

/** `--settle=DURATION`, as milliseconds. */
export const SETTLE_FLAG = {
  kind: "parsed",
  parse: settleOf,
  default: "5s",
  brief: "How long each pod must stay ready for --wait",
  placeholder: "DURATION",
} as const;

/** @throws {UsageError} */
function settleOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= MAX_WAIT_MS) return ms;
  throw new UsageError(
    `--settle must be a duration up to an hour (5s, 1m), current value is "${text}"`,
  );
}

/** `--wait` alone, or with a duration. @throws {UsageError} */
function waitOf(text: string): number {
  const ms = text === "" ? DEFAULT_WAIT_MS : parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= MAX_WAIT_MS) return ms;
  throw new UsageError(
    `--wait must be a duration up to an hour (60s, 5m), current value is "${text}"`,
  );
}

/** Readers of option values that several commands share. */
import { formatDuration, parseDuration, UsageError } from "../../core/mod.ts";
import type { CliContext } from "./context.ts";

/**
 * The pod that is meant, or its container: `nginx`, `default/nginx`, `pod/nginx` as kubectl
 * writes it; in the namespace of `-n` if it names none itself.
 */
export function podReference(this: CliContext, text: string): string {
  const [, owner, owned = ""] = OWNER.exec(text) ?? [];
  if (owner !== undefined) {
    throw new UsageError(`A node has pods, and no ${owner} that could be meant by "${text}"`, {
      hint: `If the pod has the same name: ${owned}`,
    });
  }
  const name = text.replace(POD_TYPE, "");
  return this.namespace === undefined || name.includes("/") ? name : `${this.namespace}/${name}`;
}

const OWNER =
  /^(deploy(?:ment)?s?|ds|daemonsets?|sts|statefulsets?|rs|replicasets?|jobs?|svc|services?)(?:\.apps)?\/(.+)$/i;

const POD_TYPE = /^(?:pods?|po|staticpods?|sp|staticpodstatus|sps|podstatus)\/(?=.)/i;

/** A whole number from 0. @throws {UsageError} naming the option */
export function countOf(option: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new UsageError(`${option} must be a whole number from 0, current value is "${text}"`);
  };
}

/** Reads a port. @throws {UsageError} for anything else than 0 to 65535 */
export function portOf(option: string): (text: string) => number {
  return (text) => {
    const port = Number(text);
    if (/^\d+$/.test(text) && port <= 65_535) return port;
    throw new UsageError(`${option} must be a port, 0 to 65535, not "${text}"`);
  };
}

/** A time in nanoseconds since the epoch. @throws {UsageError} naming the option */
export function whenOf(option: string): (text: string) => Promise<bigint> {
  return async (text) => {
    const { parseWhen } = await import("../../logs/mod.ts"); // too large for every command's start
    const time = parseWhen(text, Date.now());
    if (time !== undefined) return time;
    throw new UsageError(
      `${option} must be a time, current value is "${text}"`,
      {
        hint: 'Such as 10m, 1w, 04:25, yesterday, 2026-11-30, "2026-11-30 04:25:13" ' +
          "or an RFC 3339 time",
      },
    );
  };
}

/** A duration in milliseconds, at least `leastMs`. @throws {UsageError} naming the option */
export function durationOf(option: string, leastMs = 0): (text: string) => number {
  return (text) => {
    const durationMs = parseDuration(text);
    if (durationMs !== undefined && durationMs >= leastMs) return durationMs;
    throw new UsageError(
      `${option} must be a duration of at least ${
        formatDuration(leastMs)
      }, such as 2s, current value is "${text}"`,
    );
  };
}

/** `KEY=VALUE`, or `KEY==VALUE` as kubectl takes it too. @throws {UsageError} */
export function labelOf(text: string): readonly [key: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`A label must be KEY=VALUE, current value is "${text}"`);
  return [text.slice(0, at), text.slice(at + 1).replace(/^=/, "")];
}

/** @throws {UsageError} for anything but `1.NN`, with or without `v` and patch */
export function parseKubeletVersion(text: string): string {
  if (/^v?1\.\d{1,3}(\.\d+.*)?$/.test(text)) return text.replace(/^v/, "");
  throw new UsageError(`--kubelet-version must be like 1.34, current value is "${text}"`);
}

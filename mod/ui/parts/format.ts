/** Values as the pages say them. */
import type { PodChange } from "../../api/contract/mod.ts";
import { formatDuration } from "../../core/mod.ts";
import { formatAge } from "../../text/mod.ts";

/** `3m12s` ago, from a time in Unix milliseconds or ISO 8601; empty if there is none. */
export function ageOf(at: number | string | undefined, nowMs: number): string {
  const atMs = typeof at === "string" ? Date.parse(at) : at;
  return atMs === undefined || Number.isNaN(atMs) ? "" : formatAge(atMs, nowMs);
}

/** `12.4 MiB` */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `0.12` CPUs, with as many digits as say something. */
export function cpuText(cores: number): string {
  return cores < 0.1 ? cores.toFixed(3) : cores.toFixed(2);
}

const WAYS: Readonly<Record<NonNullable<PodChange["method"]>, string>> = {
  "in-place": "in place",
  quick: "as another pod",
  kubelet: "in the kubelet's own time",
};

/** `0.1s down, in place; ready after 1.5s`: what a change cost, and how long it took. */
export function costText({ applied, fetched, running, ready, method, downMs }: PodChange): string {
  const down = downMs === undefined ? [] : [`${formatDuration(downMs)} down`];
  const way = method === undefined ? [] : [WAYS[method]];
  const cost = [...down, ...way].join(", ");
  const last = ([["ready", ready], ["running", running], ["fetched", fetched]] as const)
    .find(([, at]) => at !== undefined);
  const reached = last?.[1] === undefined
    ? "on its way"
    : `${last[0]} after ${formatDuration(Date.parse(last[1]) - Date.parse(applied))}`;
  return cost === "" ? reached : `${cost}; ${reached}`;
}

// deno-lint-ignore no-control-regex -- they are what is looked for
const COLOURS = /\x1b\[[0-9;:]*m/g;
// deno-lint-ignore no-control-regex -- the same
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What a program wrote, without its colours, with other control characters, also those that turn text around, made visible. */
export function shown(text: string): string {
  return text.replace(COLOURS, "").replace(CONTROLS, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
  });
}

/** Lines of logs of several nodes: when each was written, and how it is shown. */
import { isJsonObject, parseJson } from "../../../core/mod.ts";
import type { LogStyle } from "../printer.ts";

/** A line of a log, for one output of many nodes. */
export interface NodeLogLine {
  /** Undefined for one that does not say. */
  readonly timeMs: number | undefined;
  /** With its line feed, without the node. */
  readonly text: string;
}

/** The format that the node writes in: without the time, lines could not be put in order. */
export function wantedFormat({ format }: LogStyle): LogStyle["format"] {
  return format === "raw" ? "raw" : "json";
}

/** What the line of a node says, shown as the style wants it. */
export function readLogLine(line: string, node: string, style: LogStyle): NodeLogLine {
  return style.format === "raw" ? rawLine(line) : jsonLine(line, node, style);
}

/** `10.0.0.1: 2026-11-30T14:30:07.1Z stdout F message`; of several, the container stands first. */
function rawLine(line: string): NodeLogLine {
  const [, time = ""] = /(\d{4}-\d\d-\d\dT\S+) (?:stdout|stderr) /.exec(line) ?? [];
  const timeMs = Date.parse(time);
  const text = line.replace(/^[0-9a-fA-F.:]+: /, ""); // the address
  return { timeMs: Number.isNaN(timeMs) ? undefined : timeMs, text };
}

function jsonLine(line: string, node: string, style: LogStyle): NodeLogLine {
  const value = parsed(line);
  if (value === undefined) return { timeMs: undefined, text: line };
  const { time, pod, container, message } = value;
  const timeMs = typeof time === "string" ? Date.parse(time) : undefined;
  if (style.format === "json") {
    return { timeMs, text: `${JSON.stringify({ node, ...value })}\n` };
  }
  const of = style.several ? `${pod}:${container}: ` : "";
  const at = style.timestamps && typeof time === "string" ? `${time} ` : "";
  return { timeMs, text: `${of}${at}${String(message)}\n` };
}

function parsed(line: string) {
  try {
    const value = parseJson(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // cut by --limit-bytes: shown as it is
  }
}

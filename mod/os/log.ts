/** The agent's own log: one line per message on stderr, for people or for machines. */
import { canonicalJson, type JsonValue } from "../core/mod.ts";

/** From the most to the least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

/** Facts besides the message; undefined members are left out. */
export type LogFields = Readonly<Record<string, JsonValue | undefined>>;

/** Writes messages of one level and above. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What `createLogger` needs. */
export interface LogOptions {
  /** Asked for each message, so that it can change. */
  readonly style: () => { readonly level: LogLevel; readonly format: "json" | "text" };
  readonly write: (line: string) => void;
  readonly now: () => number;
  /** Prefixes each line with its syslog priority (`<3>`), as journald reads it. */
  readonly journal: boolean;
}

/** sd-daemon(3): the priorities journald understands at the start of a line. */
const SYSLOG_PRIORITY: Readonly<Record<LogLevel, number>> = {
  debug: 7,
  info: 6,
  warn: 4,
  error: 3,
};

/** A logger that writes whole lines through `options.write`. */
export function createLogger(options: LogOptions): Logger {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}): void => {
    const style = options.style();
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(style.level)) return;
    const time = new Date(options.now()).toISOString();
    const known = Object.entries(fields)
      .filter((field): field is [string, JsonValue] => field[1] !== undefined);
    const line = style.format === "json"
      ? canonicalJsonLine([["ts", time], ["level", level], ["msg", message], ...known])
      : [time, level.toUpperCase().padEnd(5), message, ...known.map(textField)].join(" ");
    options.write(`${options.journal ? `<${SYSLOG_PRIORITY[level]}>` : ""}${line}\n`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function canonicalJsonLine(members: readonly (readonly [string, JsonValue])[]): string {
  return `{${
    members.map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`).join(",")
  }}`;
}

function textField([key, value]: readonly [string, JsonValue]): string {
  const text = typeof value === "string" ? value : canonicalJson(value);
  return `${key}=${/[\s"=]/.test(text) ? JSON.stringify(text) : text}`;
}

import { Buffer } from "node:buffer";
import { formatTime, type TimeZone } from "../logs/mod.ts";

/** An entry of the journal, as far as podstead shows it. */
export interface JournalEntry {
  /** Names the place in the journal; reading can continue after it. */
  readonly cursor: string;
  /** Nanoseconds since the Unix epoch; the journal itself counts microseconds. */
  readonly timeNs: bigint;
  /** What was logged; may have several lines, and need not be UTF-8. */
  readonly message: Buffer;
  /** The unit that it is about, such as `kubelet.service`; undefined if none is named. */
  readonly unit: string | undefined;
  /** `SYSLOG_IDENTIFIER`: mostly the name of the program. */
  readonly identifier: string | undefined;
  readonly pid: number | undefined;
  /** 0 (emergency) to 7 (debug), as syslog counts. */
  readonly priority: number | undefined;
}

/** The fields that must be asked of journalctl, besides those it always gives. */
export const ENTRY_FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_PID,UNIT,_SYSTEMD_UNIT";

/** A field: text, or bytes where it is not text, or several of either. */
function fieldBytes(value: unknown): Buffer {
  if (typeof value === "string") return Buffer.from(value);
  if (!Array.isArray(value)) return Buffer.alloc(0);
  if (value.every((byte) => typeof byte === "number")) return Buffer.from(value);
  return fieldBytes(value[0]);
}

function fieldNumber(value: unknown): number | undefined {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
}

/**
 * Reads one line of `journalctl --output=json` (systemd: journalctl(1), "json").
 *
 * @returns undefined for a line that is no entry.
 */
export function parseJournalEntry(line: string): JournalEntry | undefined {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    // A message of journalctl itself, such as "-- Boot … --".
    return undefined;
  }
  if (typeof record !== "object" || record === null) return undefined;
  // Every field may be missing, and each is looked at before it is used.
  const fields = record as Readonly<Record<string, unknown>>;
  const timeUs = fields["__REALTIME_TIMESTAMP"];
  if (typeof timeUs !== "string" || !/^\d+$/.test(timeUs)) return undefined;
  const text = (name: string) => fieldBytes(fields[name]).toString() || undefined;
  return {
    cursor: fieldBytes(fields["__CURSOR"]).toString(),
    timeNs: BigInt(timeUs) * 1000n,
    message: withoutTokens(fieldBytes(fields["MESSAGE"])),
    // What systemd logs about a unit names that unit beside systemd's own.
    unit: text("UNIT") ?? text("_SYSTEMD_UNIT"),
    identifier: text("SYSLOG_IDENTIFIER"),
    pid: fieldNumber(fields["_PID"]),
    priority: fieldNumber(fields["PRIORITY"]),
  };
}

const BEARER = Buffer.from("Bearer ");

/**
 * A message without bearer tokens: the kubelet logs the header of `staticPodURLHeader` when it
 * starts, and a log that is sent to others must not give the list away.
 */
function withoutTokens(message: Buffer): Buffer {
  if (!message.includes(BEARER)) return message;
  const text = message.toString("latin1").replace(/(Bearer +)[\w.~+/=-]+/g, "$1[hidden]");
  return Buffer.from(text, "latin1");
}

/** How an entry is written. */
export interface JournalOutput {
  /**
   * `raw`: each line of the message as the service wrote it. `text`: the same,
   * with the time before it if `timestamps` is set. `json`: one object a line:
   * time, unit, identifier, pid, priority, message.
   */
  readonly format: "raw" | "text" | "json";
  /** Put before every raw or text line as it is, such as `172.20.0.2: `. */
  readonly linePrefix?: string;
  readonly timestamps?: TimeZone;
  /** `json`: put behind the opening brace of each object as it is. */
  readonly firstMembers?: string;
}

/** The bytes that an entry becomes. @param unit where the entry names none */
export function formatJournalEntry(
  entry: JournalEntry,
  unit: string,
  output: JournalOutput,
): Buffer {
  if (output.format === "json") {
    const record = {
      time: formatTime(entry.timeNs, output.timestamps ?? "utc"),
      unit: entry.unit ?? unit,
      identifier: entry.identifier ?? null,
      pid: entry.pid ?? null,
      priority: entry.priority ?? null,
      message: entry.message.toString("utf8"),
    };
    return Buffer.from(`{${output.firstMembers ?? ""}${JSON.stringify(record).slice(1)}\n`);
  }
  const time = output.format === "text" && output.timestamps !== undefined
    ? `${formatTime(entry.timeNs, output.timestamps)} `
    : "";
  const head = Buffer.from(`${output.linePrefix ?? ""}${time}`);
  const newline = Buffer.from("\n");
  const parts: Buffer[] = [];
  for (let at = 0; at <= entry.message.length;) {
    const next = entry.message.indexOf(10, at);
    const end = next < 0 ? entry.message.length : next;
    parts.push(head, entry.message.subarray(at, end), newline);
    at = end + 1;
    // A newline at the very end begins no further line.
    if (at === entry.message.length) break;
  }
  return Buffer.concat(parts);
}

import { formatJsonLine } from "./output/mod.ts";
import type { CliContext } from "./context.ts";
import { clientSettings } from "./client_settings.ts";

/** The options of `logs` that a journal knows too. */
export interface ServiceLogsRequest {
  readonly services: readonly string[];
  readonly follow: boolean;
  readonly tail?: number | undefined;
  readonly sinceNs?: bigint | undefined;
  readonly untilNs?: bigint | undefined;
  /** Only lines that match, or do not. */
  readonly matches: (message: string) => boolean;
  readonly timestamps: boolean;
  /** `raw` begins each line with the node, as talosctl does; `text` is the message alone. */
  readonly format: "raw" | "text" | "json";
}

/**
 * Prints the journal of services.
 *
 * @throws {PodsteadError} when there is no such service, no journal, or no right to read it
 */
export async function printServiceLogs(
  context: CliContext,
  request: ServiceLogsRequest,
): Promise<void> {
  const { readJournal } = await import("../services/mod.ts");
  const { stdout, interrupted } = context.world;
  const { services, follow, tail, sinceNs, untilNs, matches, timestamps, format } = request;
  const prefix = format === "raw" ? `${(await clientSettings(context)).node.address}: ` : "";
  const entries = readJournal({
    services,
    follow,
    signal: interrupted,
    ...(tail === undefined ? {} : { tail }),
    ...(sinceNs === undefined ? {} : { sinceNs }),
    ...(untilNs === undefined ? {} : { untilNs }),
  });
  for await (const { timeUs, unit, priority, message } of entries) {
    if (!matches(message)) continue;
    const time = isoTime(timeUs);
    if (format === "json") {
      stdout.write(formatJsonLine({ time, unit, priority, message }));
      continue;
    }
    const start = timestamps ? `${prefix}${time} ` : prefix;
    stdout.write(message.split("\n").map((line) => `${start}${line}\n`).join(""));
  }
}

/** RFC 3339 in UTC with the journal's microseconds. */
function isoTime(timeUs: bigint): string {
  const seconds = new Date(Number(timeUs / 1000n)).toISOString().slice(0, -5);
  return `${seconds}.${String(timeUs % 1_000_000n).padStart(6, "0")}Z`;
}

import { once } from "node:events";
import { PodsteadError } from "../core/mod.ts";
import { absent, ask, failed, start } from "./command.ts";
import { unitName } from "./unit_name.ts";

/** Which lines of a service's journal, and how. */
export interface JournalQuery {
  /** Names of services; with several, their lines come in the order of time. */
  readonly services: readonly string[];
  readonly follow: boolean;
  /** Only the last lines; undefined: all of them. */
  readonly tail?: number;
  /** Nanoseconds since the epoch. */
  readonly sinceNs?: bigint;
  readonly untilNs?: bigint;
  readonly signal: AbortSignal;
}

/** A line of the journal. */
export interface JournalEntry {
  /** Microseconds since the epoch. */
  readonly timeUs: bigint;
  readonly unit: string;
  /** syslog's: 0 is the worst, 7 is debug. */
  readonly priority: number;
  /** Without its line feed; bytes that are no UTF-8 are replaced. */
  readonly message: string;
}

/**
 * Reads the journal of services, oldest line first.
 *
 * @throws {PodsteadError} when there is no such service, no journal, or no right to read it
 */
export async function* readJournal(query: JournalQuery): AsyncGenerator<JournalEntry> {
  const units = query.services.map(unitName);
  for (const unit of units) await mustExist(unit);
  const child = start("journalctl", journalArguments(units, query), query.signal);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw absent("journalctl");
  let words = "";
  stderr.on("data", (chunk) => words += chunk);
  const ended = once(child, "close").then(([code]) => code, (error) => {
    if (error.name === "AbortError") return 0;
    throw error.code === "ENOENT" ? absent("journalctl") : error;
  });
  try {
    let rest = "";
    stdout.setEncoding("utf8");
    for await (const chunk of stdout) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const entry = parseEntry(line);
        if (entry !== undefined) yield entry;
      }
    }
  } catch (error) {
    if (!query.signal.aborted) throw error;
  } finally {
    child.kill();
  }
  // 1 is also how it ends when nothing matched.
  if (await ended !== 0 && words.trim() !== "") throw failed("journalctl", words);
}

/** The last lines of a service's journal, oldest first; empty where it cannot be read. */
export async function journalTail(
  service: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  try {
    const query = { services: [service], follow: false, tail: count, signal };
    for await (const { message } of readJournal(query)) lines.push(message);
  } catch {
    // Whoever asks for a tail can do without it.
  }
  return lines;
}

/** The arguments of journalctl for a query. */
export function journalArguments(
  units: readonly string[],
  query: Omit<JournalQuery, "services" | "signal">,
): readonly string[] {
  return [
    "--output=json",
    "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT",
    "--no-pager",
    "--quiet",
    ...units.map((unit) => `--unit=${unit}`),
    ...(query.follow ? ["--follow"] : []),
    ...(query.tail === undefined
      ? (query.follow ? ["--lines=all"] : [])
      : [`--lines=${query.tail}`]),
    ...(query.sinceNs === undefined ? [] : [`--since=@${seconds(query.sinceNs)}`]),
    ...(query.untilNs === undefined ? [] : [`--until=@${seconds(query.untilNs)}`]),
  ];
}

/** One line of `journalctl --output=json`; undefined for what is no entry. */
export function parseEntry(line: string): JournalEntry | undefined {
  if (line === "") return undefined;
  const fields: Readonly<Record<string, unknown>> = JSON.parse(line); // journalctl's own format
  const { MESSAGE, PRIORITY, _SYSTEMD_UNIT, UNIT, __REALTIME_TIMESTAMP } = fields;
  return {
    timeUs: BigInt(String(__REALTIME_TIMESTAMP ?? 0)),
    unit: String(UNIT ?? _SYSTEMD_UNIT ?? ""),
    priority: Number(PRIORITY ?? 6),
    message: messageText(MESSAGE),
  };
}

/** Text with bytes that JSON cannot carry comes as a list of numbers. */
function messageText(message: unknown): string {
  if (Array.isArray(message)) return new TextDecoder().decode(Uint8Array.from(message));
  return typeof message === "string" ? message : "";
}

/** systemd takes microseconds at most. */
function seconds(timeNs: bigint): string {
  const micros = timeNs / 1000n;
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, "0")}`;
}

async function mustExist(unit: string): Promise<void> {
  const state = (await ask("systemctl", ["show", "--property=LoadState", "--value", unit])
    .catch(() => "")).trim(); // without a running systemd there may still be a journal
  if (state !== "not-found") return;
  throw new PodsteadError("not-found", `There is no service "${unit}" on this node`, {
    hint: '"podstead services" lists those that matter here; for pods: podstead logs -k POD',
  });
}

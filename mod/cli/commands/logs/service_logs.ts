import type { JournalOutput, JournalSelection } from "../../../services/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";
import { writeLog } from "../../shell/direct_printer.ts";

/** The options of `logs` that a journal knows too. */
export interface ServiceLogsRequest {
  readonly services: readonly string[];
  readonly follow: boolean;
  readonly selection: JournalSelection;
  readonly output: JournalOutput;
  /** Whether a terminal gets the log's own escape sequences. */
  readonly raw: boolean;
}

/**
 * Prints the journal of services; raw lines begin with the node, as talosctl prints them.
 *
 * @throws {PodsteadError} if there is no such service, no journal, or no right to read it
 */
export async function printServiceLogs(
  context: CliContext,
  { services, follow, selection, output, raw }: ServiceLogsRequest,
): Promise<void> {
  const { node, print } = context;
  if (node !== undefined) {
    const format = output.format === "json" ? "json" : "text";
    const style = {
      format,
      timestamps: output.timestamps !== undefined,
      several: false,
      raw,
    } as const;
    return await print.log(style, () => {
      return Promise.resolve(node.run(journalArguments({ services, follow, selection, output })));
    });
  }
  const { readJournal } = await import("../../../services/mod.ts");
  const { LOG_LINE_MEMBERS } = await import("../../../logs/mod.ts");
  const { interrupted } = context.world;
  const prefix = output.format === "raw"
    ? { linePrefix: `${(await clientSettings(context)).node.address}: ` }
    : {};
  const chunks = readJournal(services, {
    follow,
    selection,
    output: { ...output, ...prefix, firstMembers: LOG_LINE_MEMBERS },
    signal: interrupted,
  });
  await writeLog(context.world, chunks, raw);
}

/** The command that reads the same on another node, as JSON, which says the time of each message. */
export function journalArguments(
  { services, follow, selection, output }: Omit<ServiceLogsRequest, "raw">,
): readonly string[] {
  const { tail, sinceNs, untilNs, limitBytes, grep } = selection;
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`];
  return [
    ...["logs", ...services.map((service) => `--unit=${service}`), "-o", "json"],
    ...follow ? ["--follow"] : [],
    ...option("timestamps", output.timestamps),
    ...option("tail", tail),
    ...option("since", sinceNs === undefined ? undefined : isoTime(sinceNs)),
    ...option("until", untilNs === undefined ? undefined : isoTime(untilNs)),
    ...option("limit-bytes", limitBytes),
    ...option("grep", grep?.pattern),
    ...grep?.ignoreCase === true ? ["--ignore-case"] : [],
    ...grep?.invert === true ? ["--invert-match"] : [],
  ];
}

/** To the nanosecond. */
function isoTime(timeNs: bigint): string {
  const second = new Date(Number(timeNs / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(timeNs % 1_000_000_000n).padStart(9, "0")}Z`;
}

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
 * @throws {PodsteadError} when there is no such service, no journal, or no right to read it
 */
export async function printServiceLogs(
  context: CliContext,
  { services, follow, selection, output, raw }: ServiceLogsRequest,
): Promise<void> {
  const { readJournal } = await import("../../../services/mod.ts");
  const { stdout, interrupted } = context.world;
  const prefix = output.format === "raw"
    ? { linePrefix: `${(await clientSettings(context)).node.address}: ` }
    : {};
  const chunks = readJournal(services, {
    follow,
    selection,
    output: { ...output, ...prefix },
    signal: interrupted,
  });
  await writeLog(stdout, chunks, raw);
}

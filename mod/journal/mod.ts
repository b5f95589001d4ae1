/** The services of the node that systemd runs: their state, and their logs in the journal. */
export type { Command } from "./command.ts";
export {
  formatJournalEntry,
  type JournalEntry,
  type JournalOutput,
  parseJournalEntry,
} from "./entry.ts";
export { type JournalSelection, readJournal, type ReadJournalOptions } from "./read_journal.ts";
export {
  listServices,
  NODE_SERVICES,
  type ServicesDeps,
  type ServiceState,
  unitName,
} from "./services.ts";

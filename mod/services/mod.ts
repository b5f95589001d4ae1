/** The services of a node that pods depend on: their state and their journal, by systemd's tools. */
export type { JournalEntry, JournalOutput } from "./entry.ts";
export { hasUnit, isUsualService, listServices } from "./list.ts";
export type { ServiceView } from "./list.ts";
export { journalTail, readJournal } from "./read_journal.ts";
export type { JournalSelection, ReadJournalOptions } from "./read_journal.ts";
export type { Command } from "./running_command.ts";

/** The services of a node that pods depend on: their state and their journal, by systemd's tools. */
export { journalTail, readJournal } from "./journal.ts";
export type { JournalEntry, JournalQuery } from "./journal.ts";
export { listServices } from "./list.ts";
export type { ServiceView } from "./list.ts";

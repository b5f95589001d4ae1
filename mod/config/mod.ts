/** The node's config: schema, defaults, files with positions, and what changed. */
export { describeValue } from "./check_settings.ts";
export { parseConfigText, parsePodFile } from "./documents.ts";
export type { FileRole, ParsedFile, PlacedDocument } from "./documents.ts";
export type { AbsentFile, KnownDirectory, KnownSources } from "./absence.ts";
export { patientFs, readConfigFile, unreadable } from "./files.ts";
export type { ConfigFs, ReadResult } from "./files.ts";
export type { ConfigDirectory } from "./include.ts";
export { unreadFiles, unreadProblem } from "./include_problems.ts";
export { liveChanges } from "./live_changes.ts";
export type { LiveChanges } from "./live_changes.ts";
export { loadConfig } from "./load.ts";
export type { ConfigFile, LoadDeps, LoadedConfig } from "./load.ts";
export { writableProblem } from "./permissions.ts";
export { REST_MS } from "./rest.ts";
export { SourceMemory } from "./source_memory.ts";
export { defaultSettings } from "./settings.ts";
export type { HostFacts, Settings } from "./settings.ts";
export { parseCluster } from "./schema/control_plane/cluster.ts";

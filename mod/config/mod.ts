/** The node's config: schema, defaults, files with positions, and what changed. */
export { describeValue } from "./check_settings.ts";
export { parseConfigText, parsePodFile } from "./documents.ts";
export type { FileRole, ParsedFile, PlacedDocument } from "./documents.ts";
export { nodeFs, readConfigFile, unreadable } from "./files.ts";
export type { ConfigFs, FileFacts, ReadResult } from "./files.ts";
export { liveChanges } from "./live_changes.ts";
export type { LiveChanges } from "./live_changes.ts";
export { loadConfig } from "./load.ts";
export type { ConfigFile, LoadDeps, LoadedConfig } from "./load.ts";
export { defaultSettings } from "./settings.ts";
export type { HostFacts, Settings } from "./settings.ts";
export { parseCluster } from "./schema/control_plane/cluster.ts";

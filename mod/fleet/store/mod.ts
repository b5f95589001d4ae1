/** A fleet in etcd: its keys, its documents, and the moves of a roll-out. */
export { loadContent, MAX_CONTENT_BYTES, storeContent, type StoredContent } from "./content.ts";
export {
  type Alive,
  type Current,
  type Member,
  readAlive,
  readCurrent,
  readMember,
  readProgress,
  readReport,
  readSpec,
  type Report,
  type RolloutSpec,
  write,
  writeSpec,
} from "./documents.ts";
export { type FleetKeys, fleetKeys } from "./keys.ts";
export { planMove, type PlannedMove, readRollout } from "./rollout.ts";
export type { RolloutMove, RolloutView } from "./rollout.ts";
export { parseStates } from "./states.ts";

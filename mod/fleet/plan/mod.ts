/** The rule of a roll-out over nodes: batches, failures, who is next; pure. */
export { type BatchSize, formatBatches, parseBatches, splitIntoBatches } from "./batch.ts";
export { commandedState, type RolloutCommand, statesToResume } from "./command.ts";
export { batchesOf, type Judgement, judgeRollout, silenceLimitMs } from "./judge.ts";
export { rolloutName, rolloutNameAfter, rolloutOf, rolloutTrigger } from "./name.ts";
export type { NodeState, NodeStates, RolloutRules, RolloutState, StateCounts } from "./spec.ts";

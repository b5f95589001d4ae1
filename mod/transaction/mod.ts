/** Changes of what a node declares: planned, judged, written, tried, kept or taken back. */
export { finishWrites } from "./file_writer.ts";
export { RevisionRecorder } from "./recorder.ts";
export type { RecorderDeps } from "./recorder.ts";
export type { ChangeOutcome, ChangeRequest, TrialOptions } from "./request.ts";
export { revisionsDirectory } from "./restore.ts";
export { ChangeService } from "./service.ts";
export type { ChangeDeps } from "./service.ts";
export { UNASKED_TRIAL } from "./trial_rules.ts";
export { TrialRunner } from "./trial_runner.ts";
export type { TrialDeps, TrialNews } from "./trial_runner.ts";
export { loadTrials } from "./trial_store.ts";
export type { TrialEnd, TrialState } from "./trial_store.ts";
export { ChangeHistory } from "./history.ts";
export type { HistoryDeps, HistoryEntry, RevisionContent } from "./history.ts";

/** Changing what a node declares: edits that keep files as people wrote them, patches, diffs. */
export { appendDocument, editValue, removeValue, renderDocument } from "./edit/edit_file.ts";
export type { ValuePlace } from "./edit/edit_file.ts";
export { writtenTexts } from "./edit/written_text.ts";
export { jsonPatch } from "./patch/json_patch.ts";
export { strategicMerge } from "./patch/strategic_merge.ts";
export { hideSecrets } from "./diff/hide_secrets.ts";
export { unifiedDiff } from "./diff/unified_diff.ts";
export type { DiffLine } from "./diff/unified_diff.ts";
export { sha256Of } from "./revisions/record.ts";
export type { Revision, RevisionFile, RevisionObject, RevisionPod } from "./revisions/record.ts";
export { DEFAULT_KEPT_REVISIONS, RevisionStore } from "./revisions/store.ts";
export type { NewRevision } from "./revisions/store.ts";
export type {
  GivenObject,
  GivenPod,
  ObjectKey,
  Operation,
  PodKey,
  RestoredFile,
  StopNote,
} from "./plan/operation.ts";
export { planEdits } from "./plan/plan_edits.ts";
export type { FileEdit, ObjectPlace, PodPlace, Sources, StopPlace } from "./plan/plan_edits.ts";
export { trialCause, TrialJudge } from "./trial/trial.ts";
export type { GoBack, Trial, TrialPod, TrialProgress } from "./trial/trial.ts";

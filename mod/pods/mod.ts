/** The Pod: its structure, the kubelet's verdict on it, its identity and the list it is served in. */
export * from "./entry.ts";
export * from "./identity.ts";
export * from "./issue.ts";
export { joinWarnings } from "./join_warnings.ts";
export { judgeBody } from "./body.ts";
export type { BodyVerdict } from "./body.ts";
export { judge, judgeAsNode, judgeServed, judgeServedSet, VerdictMemory } from "./judge.ts";
export { predictUid } from "./predict_uid.ts";
export type { JudgeOptions, Verdict } from "./judge.ts";
export * from "./manifest.ts";
export * from "./objects/mod.ts";
export * from "./report.ts";
export * from "./versions/feature_gates.ts";
export * from "./versions/minors.ts";
export { isNewerThanKnown } from "./versions/newer_kubelet.ts";
export type { UnknownFields } from "./versions/newer_kubelet.ts";
export { type NeededImage, neededImages, type PullPolicy } from "./needed_images.ts";
export * from "./set.ts";
export { type HoldCode, POD_STATES, type PodState } from "./standing.ts";
export { explainField, type FieldExplanation } from "./fields/explain_field.ts";
export { completeField, type NamedField, nameField } from "./fields/find_field.ts";
export {
  ENV_NAME_SKIPPED,
  PULL_SECRET_UNUSABLE,
  renderWarningDocs,
  SECRET_IN_ENV,
  WARNING_RULES,
  type WarningRule,
} from "./warnings/mod.ts";

/** Who a pod is to the kubelet, and which changes leave it the same one. */
export { changedFields } from "./changed_fields.ts";
export { containerHash } from "./container_hash.ts";
export { BACK_OFF_MEMORY_MS, continueWith, RETURN_MS, waitingStarts } from "./image_uses.ts";
export { type ExpectedContainer, expectedContainers } from "./expected_containers.ts";
export {
  adopt,
  begin,
  beginningUid,
  declaredUid,
  identifyAhead,
  type ImageUse,
  type Incarnation,
  isBeginningOf,
  mayContinue,
} from "./incarnation.ts";
export {
  type ChangeJudgement,
  type ImageChange,
  judgeChange,
  losesNoContainer,
  type StartedContainer,
} from "./judge_change.ts";

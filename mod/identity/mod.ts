/** Who a pod is to the kubelet, and which changes leave it the same one. */
export { changedFields } from "./changed_fields.ts";
export { containerHash } from "./container_hash.ts";
export { BACK_OFF_MEMORY_MS, continueWith, waitingStarts } from "./image_starts.ts";
export {
  adopt,
  begin,
  beginningUid,
  declaredUid,
  type ImageStart,
  type Incarnation,
  mayContinue,
} from "./incarnation.ts";
export {
  type ChangeJudgement,
  judgeChange,
  losesNoContainer,
  type StartedContainer,
} from "./judge_change.ts";
export { expectedContainers } from "./expected_containers.ts";

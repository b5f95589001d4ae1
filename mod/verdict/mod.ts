/** What may be said of the node and of a change: pure judgements over what was seen. */
export { ChangeFollower } from "./change_follower.ts";
export type {
  AwaitedPod,
  ChangeProgress,
  FollowOptions,
  Look,
  PodProgress,
} from "./change_follower.ts";
export { liveVersions } from "./live_versions.ts";
export { CALM_MS, podVerdict } from "./pod_verdict.ts";
export type { PodState, PodVerdict } from "./pod_verdict.ts";
export { judgeLinks, LINK_NAMES, pollLimitMs } from "./links.ts";
export type { Link, LinkCause, LinkFacts, LinkName } from "./links.ts";
export { judgeNode } from "./node_verdict.ts";
export type {
  CauseLine,
  JudgedPod,
  NodeFacts,
  NodeState,
  NodeVerdict,
  PodCause,
} from "./node_verdict.ts";

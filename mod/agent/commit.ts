import type { ReloadOutcome } from "./outcome.ts";
import type { ServedPod } from "./state/state.ts";

/** A list that is served from now on. */
export interface ServedList {
  readonly pods: readonly ServedPod[];
  /** Its entity tag. */
  readonly etag: string;
}

/**
 * One step of the agent, told once and in its order when it is done: a reload with the list that
 * it made, if it changed the list; or a list alone, when the rollout has moved on.
 */
export interface Commit {
  readonly outcome?: ReloadOutcome;
  readonly list?: ServedList;
}

/** Follows the agent's steps. Must not throw, and must not wait. */
export type CommitListener = (commit: Commit) => void;

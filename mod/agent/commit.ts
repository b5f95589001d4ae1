import type { ReloadOutcome } from "./outcome.ts";
import type { ServedPod } from "./state/state.ts";

/** A list that is served from now on. */
export interface ServedList {
  readonly pods: readonly ServedPod[];
  /** Its entity tag. */
  readonly etag: string;
}

/** Who brought what was read last, and why, for the history. */
export interface ReloadOrigin {
  /** Such as `apply`, `rollback`; the trigger of the reload if it is left out. */
  readonly trigger?: string;
  readonly callerUid?: number;
  readonly message?: string;
}

/**
 * One step of the agent, told once and in its order when it is done: a reload with the list that
 * it made, if it changed the list; or a list alone, when the rollout has moved on.
 */
export interface Commit {
  readonly outcome?: ReloadOutcome;
  /** Of a reload, and of the steps that follow from it later on. */
  readonly origin?: ReloadOrigin;
  readonly list?: ServedList;
}

/** Follows the agent's steps. Must not throw, and must not wait. */
export type CommitListener = (commit: Commit) => void;

import type { ReloadOutcome } from "./outcome.ts";
import type { ServedPod } from "./state.ts";

/** Somebody who keeps book of what the agent does. Must not throw, and must not wait. */
export interface AgentObserver {
  /** The pods of a new list, and its entity tag; called when the list is in force. */
  published(pods: readonly ServedPod[], etag: string): void;
  /** A reload has ended; a list that it made has been published before. */
  reloaded(outcome: ReloadOutcome): void;
}

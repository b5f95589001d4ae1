import type { Problem } from "../../core/mod.ts";
import type { TrialRequest } from "./trial.ts";

/**
 * What a reload did:
 * - `applied`: everything in the config is served, and something changed
 * - `unchanged`: everything in the config was served already
 * - `partial`: something was left out or kept back, the rest is served
 * - `rejected`: the config cannot be used as a whole; nothing changed
 * - `failed`: podstead itself could not do it (a full disk); nothing changed
 */
export type ReloadResult = "applied" | "unchanged" | "partial" | "rejected" | "failed";

/** Where a pod stands after a reload; docs/troubleshooting.md tells each. */
export type PodState =
  | "Served"
  | "Replacing"
  | "Waiting"
  | "Blocked"
  | "Rejected"
  | "Kept"
  | "Held"
  | "Stopped";

/** Something wrong with a pod, and where it is in its file. */
export interface ReportedPodIssue {
  /** The kubelet's notation; empty for a whole file or pod. */
  readonly field: string;
  readonly type: string;
  readonly detail: string;
  /** What to do about it, where podstead knows. */
  readonly hint?: string;
  readonly line: number;
  readonly column: number;
}

/** What happened to one pod in a reload. */
export interface PodOutcome {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** `removed` pods have no state, unless they were stopped; `none` is a pod that was and is not served. */
  readonly change: "added" | "changed" | "removed" | "unchanged" | "none";
  /** Whether an added pod was declared all the time, and stopped; absent for any other. */
  readonly resumed?: boolean;
  readonly state?: PodState;
  /** The revision whose version of the pod is served; absent when none is. */
  readonly servingRevision?: number;
  readonly source: {
    readonly file: string;
    readonly line: number;
    /** The list in the file that the pod is an item of; absent for a document of its own. */
    readonly list?: "machine.pods" | "items";
  };
  /** Of the pod as declared. */
  readonly hash: string;
  readonly errors: readonly ReportedPodIssue[];
  readonly warnings: readonly ReportedPodIssue[];
  /** Why it is not served as declared, unless it is refused: then `errors` says why. */
  readonly reasonCode?: string;
  /** The same as text; for a removed pod, the source that no longer has it. */
  readonly reason?: string;
  /** In how many milliseconds the source of a kept pod is looked at again: it changed a moment ago. */
  readonly lookAgainMs?: number;
  /** The pods, as `namespace/name`, that must be ready before it starts; of an added one that waits. */
  readonly waitsFor?: readonly string[];
  /** How a changed pod is replaced where it runs: in two steps, or in the kubelet's own time. */
  readonly method?: "in-place" | "quick" | "kubelet";
  /** Why that is not in two steps although it is meant to be. */
  readonly methodReason?: string;
  /** The fields that differ from the version before, in the kubelet's notation; of changes only. */
  readonly fields?: readonly string[];
}

/** What happened to one ConfigMap or Secret in a reload. */
export interface ObjectOutcome {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
  readonly name: string;
  readonly change: "added" | "changed" | "removed" | "unchanged";
  /** Why its last good version stays; absent for one that is as declared, or removed. */
  readonly state?: "Rejected" | "Kept";
  readonly source: PodOutcome["source"];
  /** Why it is kept, or which source has it no more. */
  readonly reason?: string;
  /** In how many milliseconds the source of a kept one is looked at again. */
  readonly lookAgainMs?: number;
  /** The pods, as `namespace/name`, that use it; absent if none does. */
  readonly usedBy?: readonly string[];
}

/** What a reload is asked for besides reading the files. */
export interface ReloadQuery {
  /** Whether pods that are kept because their source is not healthy are removed too. */
  readonly allowRemovals?: boolean;
  /** How it is tried; true for a trial with the times of `agent.rollback`. Not of a plan. */
  readonly trial?: boolean | TrialRequest;
  /** Why, for the history. Not of a plan. */
  readonly message?: string;
}

/** The result of one reload. */
export interface ReloadOutcome {
  readonly result: ReloadResult;
  readonly trigger: "start" | "signal" | "request" | "files" | "rollout";
  /** Counts changes of what is served; survives restarts. */
  readonly revision: number;
  /** ISO 8601 */
  readonly at: string;
  readonly durationMs: number;
  readonly pods: readonly PodOutcome[];
  /** ConfigMaps and Secrets; absent if the node has none. */
  readonly objects?: readonly ObjectOutcome[];
  readonly problems: readonly Problem[];
  /** Settings in the config that only a restart of the agent can change. */
  readonly needRestart: readonly string[];
  /** The longest `lookAgainMs` of its pods; absent if none has one. */
  readonly lookAgainMs?: number;
  readonly served: { readonly pods: number; readonly bytes: number; readonly etag: string };
}

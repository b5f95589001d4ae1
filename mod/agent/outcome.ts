/** What a reload did: one verdict for the whole, and one for each pod. */
import type { Problem } from "../core/mod.ts";
import type { ReplaceMethod } from "../rollout/mod.ts";
import type { HoldCode, ObjectKind, PodListName, PodState, ReportedPodIssue } from "../pods/mod.ts";

export type { HoldCode, PodState, ReportedPodIssue } from "../pods/mod.ts";

/** Who asked for a reload. */
export type ReloadTrigger = "start" | "signal" | "request" | "files" | "rollout";

/**
 * - `applied`: everything in the config is served, and something changed
 * - `unchanged`: everything in the config was served already
 * - `partial`: something was left out or kept back, the rest is served
 * - `rejected`: the config cannot be used as a whole; nothing changed
 * - `failed`: podstead itself could not do it (a full disk); nothing changed
 */
export type ReloadResult = "applied" | "unchanged" | "partial" | "rejected" | "failed";

/** Where a pod was declared, as it is remembered: `file`, and its 1-based line. */
export interface SourceRef {
  readonly file: string;
  readonly line: number;
  /** The list in the file that the pod is an item of; absent for a document of its own. */
  readonly list?: PodListName;
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
  readonly source: SourceRef;
  /** Of the pod as declared. */
  readonly hash: string;
  readonly errors: readonly ReportedPodIssue[];
  readonly warnings: readonly ReportedPodIssue[];
  /** Why it is not served as declared, unless it is refused: then `errors` says why. */
  readonly reasonCode?: HoldCode;
  /** The same as text; for a removed pod, the source that no longer has it. */
  readonly reason?: string;
  /**
   * In how many milliseconds the source of a kept pod is looked at again, because it
   * changed a moment ago; absent for any other pod.
   */
  readonly lookAgainMs?: number;
  /** The pods, as `namespace/name`, that must be ready before it starts; of an added one that waits. */
  readonly waitsFor?: readonly string[];
  /** How a changed pod is changed where it runs: in place, in two steps, or in the kubelet's own time. */
  readonly method?: ReplaceMethod;
  /** Why it is not done as requested. */
  readonly methodReason?: string;
  /** The fields that differ from the version before, in the kubelet's notation; of changes only. */
  readonly fields?: readonly string[];
}

/** What happened to one ConfigMap or Secret in a reload. */
export interface ObjectOutcome {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
  readonly change: "added" | "changed" | "removed" | "unchanged";
  /** Why its last good version stays; absent for one that is as declared, or removed. */
  readonly state?: "Rejected" | "Kept";
  readonly source: SourceRef;
  /** Why it is kept, or which source no longer has it. */
  readonly reason?: string;
  /** In how many milliseconds the source of a kept one is looked at again. */
  readonly lookAgainMs?: number;
  /** The pods, as `namespace/name`, that use it; absent if none does. */
  readonly usedBy?: readonly string[];
}

/** A reload's outcome without the waits of pods that need not, or no longer, wait. */
export function waitingNow(
  outcome: ReloadOutcome,
  isWaiting: (pod: PodOutcome) => boolean,
): ReloadOutcome {
  const pods = outcome.pods.map((pod) => {
    if (pod.waitsFor === undefined || isWaiting(pod)) return pod;
    const { waitsFor: _, ...rest } = pod;
    return rest;
  });
  return { ...outcome, pods };
}

/** The result of one reload. */
export interface ReloadOutcome {
  readonly result: ReloadResult;
  readonly trigger: ReloadTrigger;
  /** Counts changes of what is served; survives restarts. */
  readonly revision: number;
  /** ISO 8601 */
  readonly at: string;
  readonly durationMs: number;
  readonly pods: readonly PodOutcome[];
  /** ConfigMaps and Secrets; absent if the node has none, and in what an older podstead has stored. */
  readonly objects?: readonly ObjectOutcome[];
  readonly problems: readonly Problem[];
  /** Settings in the config that only a restart of the agent can change. */
  readonly needRestart: readonly string[];
  /** The longest `lookAgainMs` of its pods and objects; absent if none has one. */
  readonly lookAgainMs?: number;
  readonly served: { readonly pods: number; readonly bytes: number; readonly etag: string };
}

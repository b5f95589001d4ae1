/** What the agent keeps on disk, so that a restart serves the same bytes from the first request on. */
import type { JsonObject } from "../../core/mod.ts";
import type { KnownDirectory } from "../../config/mod.ts";
import type { Incarnation } from "../../identity/mod.ts";
import type { JudgeOptions, NodeObject } from "../../pods/mod.ts";
import type { SavedReplacement } from "../../rollout/mod.ts";
import type { PodObjects } from "../judged_pod.ts";
import type { ReloadOutcome, SourceRef } from "../outcome.ts";
import type { SavedVersions } from "../resource_store.ts";

/** A pod that is in the served list, or is meant to be. */
export interface ServedPod extends Partial<PodObjects> {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** As served, without the stamp: as declared, unless there is a `declared` besides it. */
  readonly pod: JsonObject;
  readonly hash: string;
  /** Under which the list has it; given by the roll-out, and not stored here. */
  readonly uid?: string;
  /** The revision that brought this version of it. */
  readonly revision: number;
  /** Unix milliseconds since when this version is wanted. */
  readonly sinceMs: number;
  readonly source: SourceRef;
}

/** An object that the node has, and where it was declared. */
export interface ServedObject {
  readonly object: NodeObject;
  readonly source: SourceRef;
}

/** A pod that stays declared and is not served, as the state keeps it. */
export interface SavedStop {
  readonly namespace: string;
  readonly name: string;
  readonly why?: string;
  /** A user ID. */
  readonly by?: number;
  /** ISO 8601 */
  readonly since?: string;
  readonly source: SourceRef;
}

/** The whole state. */
export interface AgentState {
  readonly revision: number;
  /** Sorted by key. */
  readonly pods: readonly ServedPod[];
  /** ConfigMaps and Secrets, sorted; absent in what an older podstead has stored. */
  readonly objects?: readonly ServedObject[];
  /** The pods that a person has stopped; absent in what an older podstead has stored. */
  readonly stops?: readonly SavedStop[];
  /** Versions of every resource. */
  readonly versions: SavedVersions;
  readonly lastReload?: ReloadOutcome;
  /** The last settings that were valid, to start with when the config is broken. */
  readonly settings?: JsonObject;
  /** The pods that the list lacks while their old versions end, for a restart in the middle of it. */
  readonly replacing: readonly SavedReplacement[];
  /** Who each pod is to the kubelet. */
  readonly incarnations: readonly Incarnation[];
  /** By which kubelet the pods were judged. */
  readonly judgedBy?: JudgeOptions;
  /** The directories that the pods come from, as they were then. */
  readonly directories?: readonly KnownDirectory[];
}

/** The state of a node that has never served anything. */
export const EMPTY_STATE: AgentState = {
  revision: 0,
  pods: [],
  versions: [],
  replacing: [],
  incarnations: [],
};

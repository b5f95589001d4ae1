/** What the agent keeps on disk, so that a restart serves the same bytes from the first request on. */
import type { JsonObject } from "../../core/mod.ts";
import type { KnownDirectory, StopPurpose } from "../../config/mod.ts";
import type { Incarnation } from "../../identity/mod.ts";
import type { JudgeOptions, NodeObject } from "../../pods/mod.ts";
import type { SavedReplacement } from "../../rollout/mod.ts";
import type { PodObjects } from "../judged_pod.ts";
import type { ReloadOutcome, SourceRef } from "../outcome.ts";
import type { SavedVersions } from "../resources/resource_store.ts";

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
  /** What holds it, unless it is a person's wish. */
  readonly for?: StopPurpose;
  readonly source: SourceRef;
}

/** In which boot of the node, and by a kubelet of which version, pods were taken last. */
export interface TakenList {
  readonly boot: string;
  readonly version: string;
  /** The pods for which that is not so: this kubelet refuses them, an earlier one took them. */
  readonly refused: readonly RefusedPod[];
}

/** A pod in the version that is served, which the kubelet refuses now. */
export interface RefusedPod {
  /** `namespace/name` */
  readonly key: string;
  readonly hash: string;
  /** When it was last taken, or may have been. */
  readonly boot: string;
  /** By which version; undefined if that is not known. */
  readonly version: string | undefined;
  /** Whether the list lacks it, because the node was rebooted since. */
  readonly withheld?: true;
}

/** The whole state. */
export interface AgentState {
  readonly revision: number;
  /** Sorted by key. */
  readonly pods: readonly ServedPod[];
  /** ConfigMaps and Secrets, sorted; absent in what an older podstead has stored. */
  readonly objects?: readonly ServedObject[];
  /** The pods that are stopped; absent in what an older podstead has stored. */
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
  /** Which kubelet took the pods last; absent in what an older podstead has stored. */
  readonly taken?: TakenList;
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

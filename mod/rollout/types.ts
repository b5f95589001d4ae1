import type { JsonObject } from "../core/mod.ts";
import type { HoldCode, PodState } from "../pods/mod.ts";
import type { ReplaceMethod } from "./annotations.ts";

/** A pod in one version, as far as its roll-out matters. */
export interface RolloutPod {
  readonly namespace: string;
  readonly name: string;
  /** As served. */
  readonly pod: JsonObject;
  /** As declared, if that is not the same. */
  readonly declared?: JsonObject;
  readonly hash: string;
  /** Under which the list has it; undefined if the kubelet makes one up. */
  readonly uid?: string;
}

/** A pod that a plan would add, or change from one version to another. */
export interface PlannedChange {
  /** Undefined for a new pod. */
  readonly before: RolloutPod | undefined;
  readonly after: RolloutPod;
}

/** What comes of a change that is planned. */
export interface ChangeVerdict {
  readonly method: ReplaceMethod;
  /** Why it is not done as requested. */
  readonly why?: string;
  /** Why the old version has to stay for now. */
  readonly gate?: Gate;
}

/** Why a desired pod is not in the list, or not in its newest version. */
export interface HeldBack<State extends PodState = "Replacing" | "Waiting"> {
  readonly state: State;
  readonly code: HoldCode;
  /** The same as text. */
  readonly reason: string;
}

/** Something that must happen before a change begins, or cannot happen. */
export type Gate = HeldBack<"Replacing" | "Blocked">;

/**
 * The steps of a pod's way to its next version: `removed` from the list,
 * `fetched` by the kubelet, `ended`, `served` again, `running`. A first start
 * that is held back is `waiting`, then `released`. A change in place is `running`
 * only, or has `fallen-back` to two steps.
 */
export type RolloutStep =
  | "removed"
  | "fetched"
  | "ended"
  | "served"
  | "running"
  | "fallen-back"
  | "waiting"
  | "released";

/** One step that a pod has taken. */
export interface RolloutEvent {
  readonly namespace: string;
  readonly name: string;
  readonly step: RolloutStep;
  readonly method: ReplaceMethod;
  /** Of the version that it is about: the old one until it is served. */
  readonly hash: string;
  /** Since the step before, in milliseconds; undefined for a first step. */
  readonly sinceMs?: number;
  /**
   * From when the old version was asked to end, or in place from its container's end, to the
   * running new one, in milliseconds; of `running` only.
   */
  readonly downtimeMs?: number;
  /** What was not as it should be, as words. */
  readonly reason?: string;
}

/** Records the steps; must not throw, and must not wait. */
export type RolloutRecorder = (event: RolloutEvent) => void;

import type { ServedPod } from "./state.ts";

/** Decides which version of each desired pod the list holds at this moment. */
export interface Rollout {
  /** Told of each change of the desired pods, before the list is rendered. */
  planned(before: readonly ServedPod[], desired: readonly ServedPod[]): void;
  /** The pods of the list now: each desired one, an older version of it, or none. */
  select(desired: readonly ServedPod[]): readonly ServedPod[];
  /** The pods, by key, that are not served as they are desired, and why. */
  heldBack(): ReadonlyMap<string, HeldBack>;
}

/** Why a desired pod is not in the list, or not in its newest version. */
export interface HeldBack {
  readonly state: "Replacing" | "Waiting";
  readonly reason: string;
}

/** Every desired pod at once, as the kubelet itself replaces pods. */
export const IMMEDIATE_ROLLOUT: Rollout = {
  planned: () => undefined,
  select: (desired) => desired,
  heldBack: () => new Map(),
};

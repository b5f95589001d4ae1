import type {
  ChangeVerdict,
  ExamineOptions,
  HeldBack,
  PlannedChange,
  SavedRollout,
} from "../rollout/mod.ts";
import { PodsteadError } from "../core/mod.ts";
import type { ServedPod } from "./state/state.ts";

export type { HeldBack } from "../rollout/mod.ts";

/** Decides which version of each desired pod the list holds at this moment. */
export interface Rollout {
  /** Looks at the node before a plan: how each change will be made, and what has to come first. */
  examine(
    changes: readonly PlannedChange[],
    options: ExamineOptions,
    unchanged: readonly ServedPod[],
  ): Promise<ReadonlyMap<string, ChangeVerdict>>;
  /**
   * Called after each change of the desired pods, before it is saved and the list is rendered.
   *
   * @returns undoes it, for when it could not be saved
   */
  planned(before: readonly ServedPod[], desired: readonly ServedPod[]): () => void;
  /**
   * Ends a pod, and starts it again as another one in the same version.
   *
   * @param key `namespace/name`
   * @throws {PodsteadError} if that cannot be done now
   */
  renew(key: string): Promise<ChangeVerdict>;
  /** The pods of the list now, with their UIDs: each desired one, an older version of it, or none. */
  select(desired: readonly ServedPod[]): readonly ServedPod[];
  /** The desired pods with their UIDs, as the list has them in the end. */
  complete(desired: readonly ServedPod[]): readonly ServedPod[];
  /** The pods, by key, that are not served as they are desired, and why. */
  heldBack(): ReadonlyMap<string, HeldBack>;
  /** What a restart needs to know, to be on disk before a list is served. */
  saved(): SavedRollout;
  /** Called after each list that is served from now on. */
  published(pods: readonly ServedPod[], etag: string): void;
}

/** Every desired pod at once, as the kubelet itself replaces pods. */
export const IMMEDIATE_ROLLOUT: Rollout = {
  examine: () => Promise.resolve(new Map()),
  planned: () => () => undefined,
  renew: (key) =>
    Promise.reject(new PodsteadError("failed", `Nothing here can restart the pod ${key}`)),
  select: (desired) => desired,
  heldBack: () => new Map(),
  complete: (desired) => desired,
  saved: () => ({ replacing: [], incarnations: [] }),
  published: () => undefined,
};

/** How a pod comes to its next version: pulled first, replaced in two steps, started in order. */
export { changedFields } from "../identity/mod.ts";
export { isInControlPlane } from "./choreography.ts";
export { rolloutMetrics } from "./metrics.ts";
export { judgeOrder, type OrderedPod } from "./order.ts";
export { type ImageStore, PrePull } from "./images/pre_pull.ts";
export { runtimeImages } from "./images/runtime_images.ts";
export type { RolloutDeps } from "./deps.ts";
export type { ExamineOptions } from "./examine.ts";
export { QuickRollout } from "./rollout.ts";
export type { SavedReplacement, SavedRollout } from "./saved.ts";
export {
  type RuntimeProbe,
  runtimeProbe,
  type SeenContainer,
  type SeenPod,
} from "./sight/runtime_probe.ts";
export * from "./types.ts";
export * from "./annotations.ts";

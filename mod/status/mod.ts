/** What became of each static pod, joined from every source, and why. Pure. */
export type { CauseCode, Evidence, Explanation } from "./evidence.ts";
export { gracePeriodMs } from "./drift.ts";
export { explain } from "./explain.ts";
export { explainNode } from "./rules_delivery.ts";
export { type FailingContainer, failingContainer, lastEnd } from "./facts.ts";
export * from "./input.ts";
export { declaredName, joinStatus, staticPodName } from "./join.ts";
export { fresh, NEVER_READ, type Reading, type ReadingFailure } from "./reading.ts";
export type { Drift, JoinedPod, PodStatusRow, Ready } from "./row.ts";

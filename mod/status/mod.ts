/** What happened to each static pod, joined from every source. Pure. */
export { imagesOf, type StatusContent, statusContent } from "./content.ts";
export { fetchedAtMs, gracePeriodMs } from "./drift.ts";
export * from "./input.ts";
export { declaredName, joinStatus, staticPodName } from "./join.ts";
export { fresh, NEVER_READ, type Reading, type ReadingFailure } from "./reading.ts";
export type { Drift, JoinedPod, PodStatusRow, Ready } from "./row.ts";
export { initContainers, mainContainers } from "./runtime_pod.ts";

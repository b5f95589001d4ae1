/** Why a pod does not run: evidence is gathered, then judged by rules that are pure. */
export type { CauseCode, Evidence, Explanation } from "./evidence.ts";
export { explain } from "./explain.ts";
export { type FailingContainer, failingContainer, lastEnd } from "./facts.ts";
export * from "./gather.ts";
export * from "./inspector.ts";
export * from "./pod_report.ts";
export { explainNode } from "./rules_delivery.ts";
export * from "./wait.ts";

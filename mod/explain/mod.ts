/** Why a pod does not run: evidence is gathered, then judged by rules that are pure. */
export type { CauseCode, Evidence, Explanation, ServiceSight } from "./evidence.ts";
export {
  type CurrentVerdict,
  currentVerdict,
  readinessText,
  recentVerdict,
} from "./current_verdict.ts";
export { explain } from "./explain.ts";
export { type FailingContainer, failingContainer, lastEnd } from "./facts.ts";
export * from "./log_tail.ts";
export * from "./node_evidence.ts";
export * from "./pod_evidence.ts";
export * from "./inspector.ts";
export * from "./overview.ts";
export * from "./pod_report.ts";
export { nodeCauses } from "./node_causes.ts";
export * from "./wait.ts";
export { registerVerdictMetrics } from "./verdict_metrics.ts";
export { endOf, lastWords as kubeletLastWords } from "./kubelet_down.ts";
export type { NodeEvidenceView } from "./node_causes.ts";

/**
 * This node's kubelet: its own API, which tells the pods that it took in and what became
 * of them, and what is found without it: version, unit, settings.
 */
export * from "./client.ts";
export { askingFailure, KubeletFailure, type KubeletProblem } from "./failure.ts";
export type {
  KubeletCondition,
  KubeletContainer,
  KubeletContainerState,
  KubeletPod,
  KubeletTermination,
  RunningPod,
} from "./pod_view.ts";
export { KUBELET_CERTIFICATE } from "./request.ts";
export { lookAtCertificate, type ShownCertificate } from "./trust.ts";
export type { KubeletSettings } from "./command.ts";
export {
  discoverKubelet,
  type ExtraArguments,
  type KubeletFacts,
  type KubeletFound,
} from "./discover.ts";
export { type FeatureGates, parseFeatureGates } from "./feature_gates.ts";
export {
  findJudgedBy,
  gatesFromText,
  type JudgedBy,
  judgedBy,
  type JudgedByNode,
} from "./judged_by.ts";
export { type ApiServerOfKubelet, readIdentity } from "./api_server.ts";
export { type MirroredPod, type MirrorResult, renewMirrorPod } from "./mirror_pods.ts";
export { findNodeKubelet, kubeletSettingsOnDisk, type NodeKubelet } from "./node_kubelet.ts";
export { type PodsApi, podsApi, type PodsApiNews, podsApiSocket } from "./pods_api.ts";
export { askOwnProbes, type OwnProbeAnswer } from "./own_probes.ts";
export { parseProbeCounts, type ProbeCount } from "./probe_counts.ts";
export { runningKubeletVersion } from "./version.ts";
export { withFoundCredentials } from "./find_credentials.ts";

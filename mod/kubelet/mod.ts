/** Reads the kubelet's own API: which pods it took in, and what became of them. */
export * from "./client.ts";
export { KubeletFailure, type KubeletProblem } from "./failure.ts";
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
export { kubeletVersionOf, runningKubeletVersion } from "./version.ts";

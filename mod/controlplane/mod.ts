/**
 * The control plane as static pods: kube-apiserver, kube-controller-manager,
 * kube-scheduler and, where wanted, etcd, rendered from the node config.
 */
export * from "./config.ts";
export type { ControlPlaneNode } from "./context.ts";
export { formatKubeconfig, type KubeconfigParts } from "./kubeconfig.ts";
export { apiServerNames } from "./names.ts";
export * from "./plan.ts";
export { renderControlPlane } from "./render.ts";

/**
 * The control plane as static pods: kube-apiserver, kube-controller-manager,
 * kube-scheduler and, where wanted, etcd, rendered from the node config.
 */
export * from "./config.ts";
export { type ControlPlaneNode, urlHost } from "./context.ts";
export { applyDocuments, type EffectiveConfig } from "./documents.ts";
export {
  covers,
  isIssuedBy,
  isKeyOf,
  parseCertificates,
  parsePrivateKey,
  parsePublicKeys,
  validity,
} from "./certificates.ts";
export type { CertificateFacts } from "./certificate_checks.ts";
export type { Finding } from "./finding.ts";
export { type Inspection, inspectRequirements } from "./inspect.ts";
export {
  formatKubeconfig,
  type KubeconfigCredentials,
  type KubeconfigParts,
  readKubeconfig,
} from "./kubeconfig.ts";
export { apiServerNames } from "./names.ts";
export { type ControlPlaneFs, errorCode, type FileFacts, nodeFs } from "./node_fs.ts";
export * from "./plan.ts";
export {
  prepareComponent,
  prepareControlPlane,
  type PreparedComponent,
  type PrepareDeps,
} from "./prepare.ts";
export { renderControlPlane } from "./render.ts";
export {
  type ImportDeps,
  type ImportDifference,
  type ImportedPod,
  importManifests,
  type ImportResult,
} from "./import.ts";
export type { FolderManifest } from "./import_manifest.ts";
export { type FolderFs, type ManifestFolder, readManifestFolder } from "./manifest_folder.ts";
export {
  type ControlPlanePod,
  type ControlPlanePods,
  declareControlPlane,
  joinDeclared,
  NO_CONTROL_PLANE,
} from "./declare.ts";
export { checkEtcd, type EtcdHealth } from "./etcd_health.ts";
export {
  ControlPlaneService,
  type ControlPlaneServiceDeps,
  controlPlaneSettingsProblems,
  type ControlPlaneSource,
  proposeControlPlane,
} from "./service.ts";
export { WATCH_INTERVAL_MS } from "./watch.ts";

/**
 * The control plane as static pods: kube-apiserver, kube-controller-manager,
 * kube-scheduler and, where wanted, etcd, rendered from the node config.
 */
export { addressBytes, canonicalAddress } from "./access/address.ts";
export * from "./config.ts";
export { type ControlPlaneNode, urlHost } from "./context.ts";
export { applyDocuments, type EffectiveConfig } from "./render/documents.ts";
export {
  covers,
  isIssuedBy,
  isKeyOf,
  parseCertificates,
  parsePrivateKey,
  parsePublicKeys,
  validity,
} from "./access/certificates.ts";
export type { CertificateFacts } from "./prepare/certificate_checks.ts";
export type { Finding } from "./prepare/finding.ts";
export { type Inspection, inspectRequirements } from "./prepare/inspect.ts";
export {
  formatKubeconfig,
  type KubeconfigCredentials,
  type KubeconfigParts,
  readKubeconfig,
  withClientCertificate,
} from "./access/kubeconfig.ts";
export { apiServerNames } from "./access/names.ts";
export { type ControlPlaneFs, errorCode, type FileFacts, nodeFs } from "./prepare/node_fs.ts";
export * from "./plan.ts";
export {
  prepareComponent,
  prepareControlPlane,
  type PreparedComponent,
  type PrepareDeps,
} from "./prepare/prepare.ts";
export { renderControlPlane } from "./render/render.ts";
export {
  type ImportDeps,
  type ImportDifference,
  type ImportedPod,
  importManifests,
  type ImportResult,
} from "./import/import.ts";
export {
  type TakenPod,
  type TakeOverDeps,
  takeOverManifests,
  type TakeOverResult,
  takeOverSteps,
} from "./import/take_over.ts";
export type { FolderManifest } from "./import/import_manifest.ts";
export { type JudgedManifests, judgeManifests } from "./import/judge_manifests.ts";
export {
  type FolderFs,
  type ManifestFolder,
  readManifestFolder,
} from "./import/manifest_folder.ts";
export {
  asServed,
  type ControlPlanePod,
  type ControlPlanePods,
  declareControlPlane,
  joinDeclared,
  NO_CONTROL_PLANE,
} from "./prepare/declare.ts";
export { checkEtcd, type EtcdHealth } from "./prepare/etcd_health.ts";
export {
  controlPlaneEntries,
  ControlPlaneService,
  type ControlPlaneServiceDeps,
  controlPlaneSettingsProblems,
  type ControlPlaneSource,
  proposeControlPlane,
} from "./prepare/service.ts";
export { WATCH_INTERVAL_MS } from "./prepare/watch.ts";

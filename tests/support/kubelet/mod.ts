/** A stand-in for the kubelet: runs the pods of a manifest URL on a real container runtime. */
export type { ApiOptions } from "./api.ts";
export { type Certificate, type CertificateOptions, createCertificate } from "./certificate.ts";
export { type KubeletProcess, spawnKubelet } from "./spawn.ts";
export {
  PANIC_EXIT_CODE,
  type StandIn,
  type StandInOptions,
  type StandInPorts,
  startStandIn,
} from "./stand_in.ts";

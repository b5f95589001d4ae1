/** The PKI of a control plane node, in kubeadm's layout. */
export { clientKubeconfig, type ClientSubject } from "./client_kubeconfig.ts";
export { KEY_TYPES, type KeyType } from "./keys.ts";
export { FLEET_OPERATOR, type FleetPkiOptions, makeFleetPki } from "./fleet_pki.ts";
export type { PkiIdentity } from "./layout.ts";
export { type InitOptions, initPki } from "./init.ts";
export { AUTHORITY_DAYS, CERTIFICATE_DAYS, type Owner, type PkiOptions } from "./options.ts";
export { renewPki } from "./renew.ts";
export type { Swapped } from "./swap.ts";
export type { WrittenFile } from "./write_files.ts";
export * from "./look.ts";

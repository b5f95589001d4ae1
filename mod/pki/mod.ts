/** The PKI of a single-node control plane, in kubeadm's layout. */
export { type CheckOptions, checkPki, type PkiReport } from "./check.ts";
export { pkiIdentity } from "./identity.ts";
export { KEY_TYPES, type KeyType } from "./keys.ts";
export type { PkiIdentity } from "./layout.ts";
export { initPki } from "./init.ts";
export { AUTHORITY_DAYS, CERTIFICATE_DAYS, type PkiOptions } from "./options.ts";
export { renewPki } from "./renew.ts";
export type { WrittenFile } from "./write_files.ts";

/** What making and renewing a PKI is told. */
import type { ControlPlaneFs } from "../controlplane/mod.ts";
import type { KeyType } from "./keys.ts";
import type { PkiIdentity } from "./layout.ts";

/** How long authorities and certificates count, in days: kubeadm's ten years and one. */
export const AUTHORITY_DAYS = 3650;
/** See `AUTHORITY_DAYS`. */
export const CERTIFICATE_DAYS = 365;

/** Where the files are and for whom they are. */
export interface PkiOptions {
  /** Absolute; `/etc/kubernetes/pki`. */
  readonly directory: string;
  /** Absolute; `/etc/kubernetes`. */
  readonly kubeconfigDirectory: string;
  readonly identity: PkiIdentity;
  readonly keyType: KeyType;
  readonly certificateDays?: number;
  readonly nowMs: number;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
}

/** Options of making and renewing a PKI. */
import type { ControlPlaneFs } from "../controlplane/mod.ts";
import type { KeyType } from "./keys.ts";
import type { PkiIdentity } from "./layout.ts";

/** Validity of authorities and certificates, in days: kubeadm's ten years and one. */
export const AUTHORITY_DAYS = 3650;
/** See `AUTHORITY_DAYS`. */
export const CERTIFICATE_DAYS = 365;

/** Who owns what is written; numeric, as on disk. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

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
  /** The caller; without it: root. */
  readonly owner?: Owner;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
}

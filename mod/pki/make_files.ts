/** The contents of the files of a PKI. */
import { formatKubeconfig, validity } from "../controlplane/mod.ts";
import type { X509Certificate } from "node:crypto";
import { issueCertificate, type Issuer, type Subject } from "./certificate.ts";
import { formatPrivateKey, formatPublicKey, generateKey, type KeyPair } from "./keys.ts";
import type { AuthorityName, KubeconfigSpec, LeafSpec } from "./layout.ts";
import { CERTIFICATE_DAYS, type PkiOptions } from "./options.ts";
import type { PkiFile } from "./write_files.ts";

/** So that a node whose clock is a little behind accepts a new certificate. */
const BACKDATED_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

const PRIVATE = 0o600;
const PUBLIC = 0o644;

/** Issues one certificate; it never outlives its authority. */
export function issueLeaf(
  spec: Omit<LeafSpec, "subject"> & { readonly subject: Subject | X509Certificate },
  key: KeyPair,
  issuers: ReadonlyMap<AuthorityName, Issuer>,
  options: PkiOptions,
): string {
  const issuer = issuers.get(spec.authority);
  if (issuer?.certificate === undefined) throw new Error(`No authority "${spec.authority}"`);
  const { fromMs, toMs } = period(options, options.certificateDays ?? CERTIFICATE_DAYS);
  const authority = validity(issuer.certificate);
  return issueCertificate({
    subject: spec.subject,
    publicKey: key.publicKey,
    fromMs: Math.max(fromMs, authority.fromMs),
    // What outlives its authority is refused nevertheless.
    toMs: Math.min(toMs, authority.toMs),
    kind: { ca: false, usages: spec.usages, names: spec.names },
  }, issuer);
}

/** A kubeconfig with a new certificate inside. */
export function kubeconfigFile(
  spec: KubeconfigSpec,
  key: KeyPair,
  issuers: ReadonlyMap<AuthorityName, Issuer>,
  options: PkiOptions,
): PkiFile {
  const content = formatKubeconfig({
    clusterName: options.identity.clusterName,
    userName: spec.subject.commonName,
    server: spec.server,
    ca: { pem: issuers.get(spec.authority)?.certificate?.toString() ?? "" },
    client: {
      certificatePem: issueLeaf(spec, key, issuers, options),
      keyPem: formatPrivateKey(key.privateKey),
    },
  });
  return { path: `${options.kubeconfigDirectory}/${spec.file}`, content, mode: PRIVATE };
}

/**
 * The key pair of service accounts. RSA always: it is the one algorithm that everybody who verifies these tokens must
 * know (OIDC Core).
 */
export async function serviceAccountFiles(options: PkiOptions): Promise<readonly PkiFile[]> {
  const key = await generateKey("RSA-2048");
  const path = `${options.directory}/sa`;
  return [
    { path: `${path}.key`, content: formatPrivateKey(key.privateKey), mode: PRIVATE },
    // kubeadm has it readable by its owner only, too.
    { path: `${path}.pub`, content: formatPublicKey(key.publicKey), mode: PRIVATE },
  ];
}

/** The files of a certificate and its key. */
export function pairFiles(path: string, pem: string, key: KeyPair): readonly [PkiFile, PkiFile] {
  return [
    { path: `${path}.crt`, content: pem, mode: PUBLIC },
    { path: `${path}.key`, content: formatPrivateKey(key.privateKey), mode: PRIVATE },
  ];
}

/** From a little before now, for so many days. */
export function period(
  options: PkiOptions,
  days: number,
): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: options.nowMs - BACKDATED_MS, toMs: options.nowMs + days * DAY_MS };
}

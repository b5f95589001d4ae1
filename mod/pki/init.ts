/** Makes the PKI of a single-node control plane. */
import { X509Certificate } from "node:crypto";
import { PodsteadError } from "../core/mod.ts";
import { type ControlPlaneFs, nodeFs } from "../controlplane/mod.ts";
import { issueCertificate, type Issuer } from "./certificate.ts";
import { generateKey } from "./keys.ts";
import { AUTHORITIES, type AuthorityName, certificateSpecs, kubeconfigSpecs } from "./layout.ts";
import { issueLeaf, kubeconfigFile, pairFiles, period, serviceAccountFiles } from "./make_files.ts";
import { AUTHORITY_DAYS, type PkiOptions } from "./options.ts";
import { type PkiFile, writeFiles, type WrittenFile } from "./write_files.ts";

/**
 * Makes a complete PKI: authorities, certificates, the key pair of service
 * accounts, and the kubeconfigs of administrator, controller manager,
 * scheduler and kubelet. Writes nothing when one of the files exists.
 *
 * @throws {PodsteadError} `failed` where a file exists or cannot be written;
 * what was written until then is named in the hint
 */
export async function initPki(options: PkiOptions): Promise<readonly WrittenFile[]> {
  const fs = options.fs ?? nodeFs;
  const files: PkiFile[] = [];
  const issuers = new Map<AuthorityName, Issuer>();
  for (const { name, commonName } of AUTHORITIES) {
    const key = await generateKey(options.keyType);
    const pem = issueCertificate({
      subject: { commonName },
      publicKey: key.publicKey,
      ...period(options, AUTHORITY_DAYS),
      kind: { ca: true },
    }, { privateKey: key.privateKey });
    issuers.set(name, { privateKey: key.privateKey, certificate: new X509Certificate(pem) });
    files.push(...pairFiles(`${options.directory}/${name}`, pem, key));
  }
  files.push(...await serviceAccountFiles(options));
  for (const spec of certificateSpecs(options.identity)) {
    const key = await generateKey(options.keyType);
    const pem = issueLeaf(spec, key, issuers, options);
    files.push(...pairFiles(`${options.directory}/${spec.name}`, pem, key));
  }
  for (const spec of kubeconfigSpecs(options.identity)) {
    const key = await generateKey(options.keyType);
    files.push(kubeconfigFile(spec, key, issuers, options));
  }
  await refuseExisting(files, fs);
  return await writeFiles(files, fs);
}

async function refuseExisting(files: readonly PkiFile[], fs: ControlPlaneFs): Promise<void> {
  const existing: string[] = [];
  for (const file of files) {
    if (await fs.facts(file.path) !== undefined) existing.push(file.path);
  }
  if (existing.length === 0) return;
  const more = existing.length === 1 ? "" : ` and ${existing.length - 1} more`;
  throw new PodsteadError("failed", `File "${existing[0]}"${more} exists; nothing was written`, {
    hint: "Use podstead pki renew to renew certificates, or another --directory",
  });
}

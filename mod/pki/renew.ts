/** Issues the certificates of a PKI again. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { errorText, PodsteadError } from "../core/mod.ts";
import { type ControlPlaneFs, readKubeconfig, withClientCertificate } from "../controlplane/mod.ts";
import { type Issuers, readAuthorities } from "./authorities.ts";
import { generateKey, type KeyPair } from "./keys.ts";
import {
  AUTHORITIES,
  type CertificateSpec,
  certificateSpecs,
  type KubeconfigSpec,
  kubeconfigSpecs,
} from "./layout.ts";
import { issueLeaf, kubeconfigFile, pairFiles, serviceAccountFiles } from "./make_files.ts";
import type { PkiOptions } from "./options.ts";
import { subjectNames } from "./subject_names.ts";
import { swapFiles, type Swapped } from "./swap.ts";
import { type PkiFile, readText, targetOf } from "./write_files.ts";

/**
 * Issues every certificate again from the authorities that are there. These
 * stay as they are, and so do private keys, subjects, and the names that a
 * serving certificate has; what is missing is made. All new files are judged
 * before the first is put in its place, and the old ones are kept.
 *
 * @throws {PodsteadError} `failed` if an authority or its key is missing or
 * cannot be read, a new certificate does not stand up to `checkPki`, or a file
 * cannot be written; nothing is replaced then
 */
export async function renewPki(options: PkiOptions): Promise<Swapped> {
  const { directory, identity } = options;
  const { fs } = targetOf(options);
  const issuers = await readAuthorities(directory, "renew", options.nowMs, fs);
  const files: PkiFile[] = [];
  if (await fs.facts(`${directory}/sa.key`) === undefined) {
    files.push(...await serviceAccountFiles(options));
  }
  for (const spec of certificateSpecs(identity)) {
    files.push(...await renewedPair(spec, issuers, options, fs));
  }
  for (const spec of kubeconfigSpecs(identity)) {
    files.push(...await renewedKubeconfig(spec, issuers, options, fs));
  }
  const changed = new Set(files.map(({ path }) => path));
  const staying = [
    ...[...AUTHORITIES, ...certificateSpecs(identity)].flatMap(({ name }) => [
      `${directory}/${name}.crt`,
      `${directory}/${name}.key`,
    ]),
    `${directory}/sa.key`,
    `${directory}/sa.pub`,
  ].filter((path) => !changed.has(path));
  return await swapFiles(files, staying, options);
}

async function renewedPair(
  spec: CertificateSpec,
  issuers: Issuers,
  options: PkiOptions,
  fs: ControlPlaneFs,
): Promise<readonly PkiFile[]> {
  const path = `${options.directory}/${spec.name}`;
  const [oldPem, keyPem] = [await readText(`${path}.crt`, fs), await readText(`${path}.key`, fs)];
  const old = oldPem === undefined
    ? undefined
    : parsed(`${path}.crt`, () => new X509Certificate(oldPem));
  const key = keyPem === undefined
    ? await generateKey(options.keyType)
    : parsed(`${path}.key`, () => pairOf(keyPem));
  const pem = issueLeaf(
    {
      ...spec,
      subject: old ?? spec.subject,
      names: [...new Set([...spec.names, ...old === undefined ? [] : subjectNames(old)])],
    },
    key,
    issuers,
    options,
  );
  const [certificateFile, keyFile] = pairFiles(path, pem, key);
  // A new key goes first: until its certificate follows, the pair is held back as not matching.
  return keyPem === undefined ? [keyFile, certificateFile] : [certificateFile];
}

async function renewedKubeconfig(
  spec: KubeconfigSpec,
  issuers: Issuers,
  options: PkiOptions,
  fs: ControlPlaneFs,
): Promise<readonly PkiFile[]> {
  const path = `${options.kubeconfigDirectory}/${spec.file}`;
  const text = await readText(path, fs);
  if (text === undefined) {
    if (spec.optional) return [];
    return [kubeconfigFile(spec, await generateKey(options.keyType), issuers, options)];
  }
  const { keyPem, certificatePem } = readKubeconfig(text);
  // A kubelet rotates its own certificate and then names a file, and a token needs no renewal.
  if (keyPem === undefined || certificatePem === undefined) return [];
  const [old, key] = parsed(
    path,
    () => [new X509Certificate(certificatePem), pairOf(keyPem)] as const,
  );
  const pem = issueLeaf({ ...spec, subject: old }, key, issuers, options);
  return [{ path, content: withClientCertificate(text, pem), mode: 0o600 }];
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PodsteadError(
      "failed",
      `Cannot renew: "${path}" cannot be read: ${errorText(error)}; nothing was replaced`,
      { hint: "Restore the file, or move it away so that a new one is made" },
    );
  }
}

function pairOf(keyPem: string): KeyPair {
  const privateKey = createPrivateKey(keyPem);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

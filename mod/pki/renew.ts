/** Issues the certificates of a PKI anew. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { PodsteadError } from "../core/mod.ts";
import { type ControlPlaneFs, nodeFs, readKubeconfig, validity } from "../controlplane/mod.ts";
import type { Issuer } from "./certificate.ts";
import { generateKey, type KeyPair } from "./keys.ts";
import { AUTHORITIES, type AuthorityName, certificateSpecs, kubeconfigSpecs } from "./layout.ts";
import { issueLeaf, kubeconfigFile, pairFiles, serviceAccountFiles } from "./make_files.ts";
import type { PkiOptions } from "./options.ts";
import { type PkiFile, writeFiles, type WrittenFile } from "./write_files.ts";

/**
 * Issues every certificate anew from the authorities that are there, which
 * stay as they are, and so do the private keys: each certificate is replaced
 * in one step and never stands beside a key of another. What is missing is
 * made. Names that an existing serving certificate has are kept.
 *
 * @throws {PodsteadError} `failed` where an authority or its key is missing or
 * cannot be read, or a file cannot be written
 */
export async function renewPki(options: PkiOptions): Promise<readonly WrittenFile[]> {
  const fs = options.fs ?? nodeFs;
  const issuers = new Map<AuthorityName, Issuer>();
  for (const { name } of AUTHORITIES) {
    issuers.set(name, await readIssuer(`${options.directory}/${name}`, options.nowMs, fs));
  }
  const files: PkiFile[] = [];
  if (await fs.facts(`${options.directory}/sa.key`) === undefined) {
    files.push(...await serviceAccountFiles(options));
  }
  for (const spec of certificateSpecs(options.identity)) {
    const path = `${options.directory}/${spec.name}`;
    const old = await readExisting(path, fs);
    const key = old.key ?? await generateKey(options.keyType);
    const names = [...new Set([...spec.names, ...old.names])];
    const pem = issueLeaf({ ...spec, names }, key, issuers, options);
    const [certificateFile, keyFile] = pairFiles(path, pem, key);
    // A new key goes first: until its certificate follows, the pair is held back as not matching.
    if (old.key === undefined) files.push(keyFile);
    files.push(certificateFile);
  }
  for (const spec of kubeconfigSpecs(options.identity)) {
    const old = await readText(`${options.kubeconfigDirectory}/${spec.file}`, fs);
    // A kubelet rotates its own certificate and then names a file; that is its own affair.
    const credentials = old === undefined ? undefined : readKubeconfig(old);
    if (credentials !== undefined && credentials.keyPem === undefined) continue;
    const key = credentials?.keyPem === undefined
      ? await generateKey(options.keyType)
      : pairOf(credentials.keyPem);
    const server = credentials?.server ?? spec.server;
    files.push(kubeconfigFile({ ...spec, server }, key, issuers, options));
  }
  return await writeFiles(files, fs);
}

async function readIssuer(path: string, nowMs: number, fs: ControlPlaneFs): Promise<Issuer> {
  const [certificatePem, keyPem] = [
    await readText(`${path}.crt`, fs),
    await readText(`${path}.key`, fs),
  ];
  if (certificatePem === undefined || keyPem === undefined) {
    const missing = certificatePem === undefined ? `${path}.crt` : `${path}.key`;
    throw new PodsteadError(
      "failed",
      `Cannot renew: "${missing}" is missing; nothing was written`,
      {
        hint: "A PKI whose authorities are elsewhere is renewed there; pki init makes a new one",
      },
    );
  }
  const certificate = new X509Certificate(certificatePem);
  if (validity(certificate).toMs < nowMs) {
    throw new PodsteadError("failed", `Cannot renew: authority "${path}.crt" has expired`, {
      hint: "A new authority is a new PKI: every certificate and every client must change",
    });
  }
  return { certificate, privateKey: createPrivateKey(keyPem) };
}

async function readExisting(
  path: string,
  fs: ControlPlaneFs,
): Promise<{ readonly key: KeyPair | undefined; readonly names: readonly string[] }> {
  const [pem, keyPem] = [await readText(`${path}.crt`, fs), await readText(`${path}.key`, fs)];
  return {
    key: keyPem === undefined ? undefined : pairOf(keyPem),
    names: pem === undefined ? [] : subjectNames(new X509Certificate(pem)),
  };
}

/** DNS names and IP addresses of a certificate. */
function subjectNames(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? "").split(", ").flatMap((entry) => {
    const match = /^(?:DNS|IP Address):(.+)$/.exec(entry);
    return match === null ? [] : [shortAddress(match[1]!)];
  });
}

/** An IPv6 address in its one short form; anything else as it is. */
function shortAddress(text: string): string {
  return text.includes(":") && URL.canParse(`http://[${text}]`)
    ? new URL(`http://[${text}]`).hostname.slice(1, -1)
    : text;
}

function pairOf(keyPem: string): KeyPair {
  const privateKey = createPrivateKey(keyPem);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

async function readText(path: string, fs: ControlPlaneFs): Promise<string | undefined> {
  if (await fs.facts(path) === undefined) return undefined;
  return new TextDecoder().decode(await fs.read(path));
}

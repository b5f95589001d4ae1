/** Making, renewing and checking the PKI of a single-node control plane. */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { errorText, PodsteadError } from "../core/mod.ts";
import {
  type ControlPlaneFs,
  errorCode,
  formatKubeconfig,
  nodeFs,
  readKubeconfig,
  validity,
} from "../controlplane/mod.ts";
import { issueCertificate, type Issuer } from "./certificate.ts";
import {
  formatPrivateKey,
  formatPublicKey,
  generateKey,
  type KeyPair,
  type KeyType,
} from "./keys.ts";
import {
  AUTHORITIES,
  type AuthorityName,
  certificateSpecs,
  type KubeconfigSpec,
  kubeconfigSpecs,
  type LeafSpec,
  type PkiIdentity,
} from "./layout.ts";

/** How long authorities and certificates count, in days: kubeadm's ten years and one. */
export const AUTHORITY_DAYS = 3650;
/** See `AUTHORITY_DAYS`. */
export const CERTIFICATE_DAYS = 365;
/** So that a node whose clock is a little behind accepts a new certificate. */
const BACKDATED_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

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

/** A file that was written, with the end of its certificate where it has one. */
export interface WrittenFile {
  readonly path: string;
  readonly toMs?: number;
}

interface PkiFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

const PRIVATE = 0o600;
const PUBLIC = 0o644;

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

function issueLeaf(
  spec: LeafSpec,
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
    // What outlives its authority is refused all the same.
    toMs: Math.min(toMs, authority.toMs),
    kind: { ca: false, usages: spec.usages, names: spec.names },
  }, issuer);
}

function kubeconfigFile(
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

/** RSA always: it is the one algorithm that everybody who verifies these tokens must know (OIDC Core). */
async function serviceAccountFiles(options: PkiOptions): Promise<readonly PkiFile[]> {
  const key = await generateKey("RSA-2048");
  const path = `${options.directory}/sa`;
  return [
    { path: `${path}.key`, content: formatPrivateKey(key.privateKey), mode: PRIVATE },
    // kubeadm has it readable by its owner only, too.
    { path: `${path}.pub`, content: formatPublicKey(key.publicKey), mode: PRIVATE },
  ];
}

function pairFiles(path: string, pem: string, key: KeyPair): readonly [PkiFile, PkiFile] {
  return [
    { path: `${path}.crt`, content: pem, mode: PUBLIC },
    { path: `${path}.key`, content: formatPrivateKey(key.privateKey), mode: PRIVATE },
  ];
}

function period(options: PkiOptions, days: number) {
  return { fromMs: options.nowMs - BACKDATED_MS, toMs: options.nowMs + days * DAY_MS };
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

async function writeFiles(
  files: readonly PkiFile[],
  fs: ControlPlaneFs,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const file of files) {
    try {
      const directory = file.path.slice(0, file.path.lastIndexOf("/"));
      if (await fs.facts(directory) === undefined) {
        await fs.makeDirectory(directory, { mode: 0o755, ...OWNER });
      }
      await fs.replace(file.path, Buffer.from(file.content), { mode: file.mode, ...OWNER });
    } catch (error) {
      const done = written.length === 0 ? "Nothing" : `${written.length} of ${files.length} files`;
      const denied = ["EACCES", "EPERM"].includes(errorCode(error) ?? "");
      throw new PodsteadError(
        denied ? "permission" : "failed",
        `Cannot write "${file.path}": ${errorText(error)}`,
        {
          cause: error,
          hint: `${done} written before it; ${denied ? "run it as root" : "make room"}`,
        },
      );
    }
    written.push({ path: file.path, ...endOf(file.content) });
  }
  return written;
}

const OWNER = { uid: 0, gid: 0 } as const;

function endOf(content: string): { readonly toMs?: number } {
  const pem = content.startsWith("-----BEGIN CERTIFICATE")
    ? content
    : readKubeconfig(content).certificatePem;
  return pem === undefined ? {} : { toMs: validity(new X509Certificate(pem)).toMs };
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

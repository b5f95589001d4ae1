/** The authorities of a PKI: read from its files, or made. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { errorText, PodsteadError } from "../core/mod.ts";
import { type ControlPlaneFs, isKeyOf, validity } from "../controlplane/mod.ts";
import { issueCertificate, type Issuer } from "./certificate.ts";
import { generateKey } from "./keys.ts";
import { AUTHORITIES, type AuthorityName } from "./layout.ts";
import { pairFiles, period } from "./make_files.ts";
import { AUTHORITY_DAYS, type PkiOptions } from "./options.ts";
import { type PkiFile, readText } from "./write_files.ts";

/** The authorities by name. */
export type Issuers = ReadonlyMap<
  AuthorityName,
  Issuer & { readonly certificate: X509Certificate }
>;

/** Makes all authorities. */
export async function makeAuthorities(
  options: PkiOptions,
): Promise<{ readonly issuers: Issuers; readonly files: readonly PkiFile[] }> {
  const files: PkiFile[] = [];
  const issuers = new Map<AuthorityName, Issuer & { readonly certificate: X509Certificate }>();
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
  return { issuers, files };
}

/**
 * Reads all authorities of a directory, with their keys.
 *
 * @param doing what needs them, for the error: `renew`
 * @throws {PodsteadError} `failed` if a file is missing or cannot be read, the
 * key is another certificate's, or the authority has expired
 */
export async function readAuthorities(
  directory: string,
  doing: string,
  nowMs: number,
  fs: ControlPlaneFs,
): Promise<Issuers> {
  const issuers = new Map<AuthorityName, Issuer & { readonly certificate: X509Certificate }>();
  for (const { name } of AUTHORITIES) {
    issuers.set(name, await readAuthority(`${directory}/${name}`, doing, nowMs, fs));
  }
  return issuers;
}

/** Reads one authority. @param path without extension */
export async function readAuthority(
  path: string,
  doing: string,
  nowMs: number,
  fs: ControlPlaneFs,
): Promise<Issuer & { readonly certificate: X509Certificate }> {
  const fail = (why: string, hint: string) =>
    new PodsteadError("failed", `Cannot ${doing}: ${why}; nothing was written`, { hint });
  const [certificatePem, keyPem] = [
    await readText(`${path}.crt`, fs),
    await readText(`${path}.key`, fs),
  ];
  if (certificatePem === undefined || keyPem === undefined) {
    const missing = certificatePem === undefined ? `${path}.crt` : `${path}.key`;
    throw fail(
      `"${missing}" is missing`,
      "Run it where the authorities' keys are; podstead pki init makes a new PKI",
    );
  }
  const { certificate, privateKey } = parseAuthority(
    certificatePem,
    keyPem,
    (error) =>
      fail(`"${path}.crt" and its key cannot be read: ${errorText(error)}`, "Restore both files"),
  );
  if (!isKeyOf(privateKey, certificate.publicKey)) {
    throw fail(`"${path}.key" is not the key of "${path}.crt"`, "Restore the pair of files");
  }
  if (validity(certificate).toMs < nowMs) {
    throw fail(
      `authority "${path}.crt" has expired`,
      "A new authority is a new PKI: every certificate and every client must change",
    );
  }
  return { certificate, privateKey };
}

function parseAuthority(
  certificatePem: string,
  keyPem: string,
  toError: (error: unknown) => PodsteadError,
): Issuer & { readonly certificate: X509Certificate } {
  try {
    return {
      certificate: new X509Certificate(certificatePem),
      privateKey: createPrivateKey(keyPem),
    };
  } catch (error) {
    throw toError(error);
  }
}

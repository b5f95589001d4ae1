/** Certificates and keys as values: parsing, matching, dates. No I/O. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { canonicalAddress } from "./address.ts";

/** The certificates of a PEM file, in order. @throws on a block that is no certificate, or on none */
export function parseCertificates(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const [first, ...others] = blocks.map((block) => new X509Certificate(block));
  if (first === undefined) throw new Error("it holds no PEM certificate");
  return [first, ...others];
}

/** A private key of a PEM file. @throws if there is none */
export function parsePrivateKey(pem: string): KeyObject {
  return createPrivateKey(pem);
}

/** The public keys of a PEM file, in order. @throws on a block that is no key, or on none */
export function parsePublicKeys(pem: string): readonly KeyObject[] {
  const blocks = pem.match(/-----BEGIN [A-Z ]*KEY-----[\s\S]+?-----END [A-Z ]*KEY-----/g) ?? [];
  if (blocks.length === 0) throw new Error("it holds no PEM key");
  return blocks.map((block) => createPublicKey(block));
}

/** Whether a private key is the other half of a public one. */
export function isKeyOf(privateKey: KeyObject, publicKey: KeyObject): boolean {
  return spki(createPublicKey(privateKey)).equals(spki(publicKey));
}

/** Whether one of the authorities issued one of the certificates, signature included. */
export function isIssuedBy(
  certificates: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  return certificates.some((certificate) =>
    authorities.some((authority) =>
      certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
    )
  );
}

/** Whether a serving certificate covers a name or an IP address. */
export function covers(certificate: X509Certificate, name: string): boolean {
  const address = canonicalAddress(name);
  const found = address === undefined ? certificate.checkHost(name) : certificate.checkIP(address);
  return found !== undefined;
}

/** From when to when a certificate counts, as milliseconds since the epoch. */
export function validity(certificate: X509Certificate): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  return { fromMs: Date.parse(certificate.validFrom), toMs: Date.parse(certificate.validTo) };
}

function spki(key: KeyObject) {
  return key.export({ type: "spki", format: "der" });
}

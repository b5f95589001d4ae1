/**
 * Issues X.509 certificates (RFC 5280) with the keys and signatures of
 * node:crypto.
 *
 * Written here because the library that does it on all runtimes,
 * @peculiar/x509 2.2.0, needs the global `reflect-metadata` patch, brings 20
 * packages and adds 250 kB to the executable, for the one page below.
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { addressBytes } from "../controlplane/mod.ts";
import {
  bitString,
  boolean,
  type Der,
  type DerPart,
  explicit,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  parts,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";

/** Whom a certificate stands for: the user and the groups, to Kubernetes. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
}

/** What a certificate may be used for. */
export type Usage = "server" | "client";

/** What to issue. */
export interface CertificateRequest {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  /** The first and the last moment it counts, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A CA may issue others and serves no other purpose. */
  readonly kind:
    | { readonly ca: true }
    | { readonly ca: false; readonly usages: readonly Usage[]; readonly names: readonly string[] };
}

/** Who signs: a CA, or for its own certificate nobody else but the key itself. */
export interface Issuer {
  readonly privateKey: KeyObject;
  /** Absent where the certificate signs itself. */
  readonly certificate?: X509Certificate;
}

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** Issues a certificate, as PEM. @throws where the CA's kind of key is not supported */
export function issueCertificate(request: CertificateRequest, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.privateKey);
  const subject = nameOf(request.subject);
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(serialNumber()),
    algorithm.identifier,
    issuer.certificate === undefined ? subject : subjectOf(issuer.certificate),
    sequence(time(request.fromMs), time(request.toMs)),
    subject,
    spki(request.publicKey),
    explicit(3, sequence(...extensions(request, issuer))),
  );
  const signature = sign(algorithm.digest, body, issuer.privateKey);
  const certificate = sequence(body, algorithm.identifier, bitString(signature));
  return toPem("CERTIFICATE", certificate);
}

/** PEM armour around DER, in lines of 64 letters. */
export function toPem(label: string, der: Der): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function extensions(request: CertificateRequest, issuer: Issuer): readonly Der[] {
  const { kind } = request;
  if (kind.ca) {
    return [
      // digitalSignature, keyEncipherment, keyCertSign: what kubeadm's CAs have
      extension(OID.keyUsage, true, bitString(Buffer.from([0b1010_0100]), 2)),
      extension(OID.basicConstraints, true, sequence(boolean(true))),
      extension(OID.subjectKeyIdentifier, false, octetString(keyIdentifier(request.publicKey))),
    ];
  }
  const purposes = kind.usages.map((usage) =>
    objectIdentifier(usage === "server" ? OID.serverAuth : OID.clientAuth)
  );
  const names = kind.names.length === 0 ? [] : [
    extension(OID.subjectAltName, false, sequence(...kind.names.map(generalName))),
  ];
  return [
    // digitalSignature, keyEncipherment
    extension(OID.keyUsage, true, bitString(Buffer.from([0b1010_0000]), 5)),
    extension(OID.extendedKeyUsage, false, sequence(...purposes)),
    extension(OID.basicConstraints, true, sequence()),
    ...authorityKeyIdentifier(issuer),
    ...names,
  ];
}

/**
 * Names the issuer's key as the issuer's own certificate names it: it is the
 * issuer's choice how (RFC 5280, 4.2.1.1; Go 1.25 and later truncate SHA-256).
 * A certificate that names another key is refused.
 */
function authorityKeyIdentifier(issuer: Issuer): readonly Der[] {
  const identifier = issuer.certificate && subjectKeyIdentifier(issuer.certificate);
  return identifier === undefined ? [] : [
    extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, identifier))),
  ];
}

function extension(oid: string, critical: boolean, value: Der): Der {
  const flag = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(oid), ...flag, octetString(value));
}

function nameOf(subject: Subject): Der {
  const attribute = (oid: string, value: string) =>
    set(sequence(objectIdentifier(oid), utf8String(value)));
  // Organization before common name, the order of Go and so of kubeadm.
  return sequence(
    ...(subject.organization === undefined
      ? []
      : [attribute(OID.organization, subject.organization)]),
    attribute(OID.commonName, subject.commonName),
  );
}

/** Byte for byte: Go compares the issuer's name in this form. */
function subjectOf(certificate: X509Certificate): Der {
  const fields = fieldsOf(certificate);
  // version [0], serial, algorithm, issuer, validity, subject; the version may be absent
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined) throw new RangeError("Certificate has no subject");
  return subject.bytes;
}

/** How a certificate names its own key; undefined if it does not. */
function subjectKeyIdentifier(certificate: X509Certificate): Uint8Array | undefined {
  const extensions = fieldsOf(certificate).find(({ tag }) => tag === 0xa3);
  const [list] = parts(extensions?.content ?? new Uint8Array());
  const oid = objectIdentifier(OID.subjectKeyIdentifier);
  for (const { content } of parts(list?.content ?? new Uint8Array())) {
    const [id, ...others] = parts(content);
    // The value is an OCTET STRING inside the OCTET STRING of every extension.
    if (id !== undefined && Buffer.compare(id.bytes, oid) === 0) {
      return parts(others.at(-1)?.content ?? new Uint8Array())[0]?.content;
    }
  }
  return undefined;
}

function fieldsOf(certificate: X509Certificate): readonly DerPart[] {
  const [body] = parts(parts(certificate.raw)[0]?.content ?? new Uint8Array());
  return parts(body?.content ?? new Uint8Array());
}

function generalName(name: string): Der {
  const address = addressBytes(name);
  return address === undefined ? implicit(2, Buffer.from(name, "latin1")) : implicit(7, address);
}

function spki(key: KeyObject): Der {
  return createPublicKey(key.export({ type: "spki", format: "pem" }))
    .export({ type: "spki", format: "der" });
}

/** SHA-1 of the key's bits, as RFC 5280 suggests: a name for a key, no protection. */
function keyIdentifier(key: KeyObject): Uint8Array {
  const bits = parts(parts(spki(key))[0]?.content ?? new Uint8Array())[1];
  return createHash("sha1").update(bits?.content.subarray(1) ?? new Uint8Array()).digest();
}

function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  // Positive and of full length.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function signatureAlgorithm(key: KeyObject): {
  readonly digest: string | null;
  readonly identifier: Der;
} {
  if (key.asymmetricKeyType === "rsa") {
    return {
      digest: "sha256",
      identifier: sequence(objectIdentifier("1.2.840.113549.1.1.11"), nullValue()),
    };
  }
  if (key.asymmetricKeyType === "ed25519") {
    return { digest: null, identifier: sequence(objectIdentifier("1.3.101.112")) };
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const [digest, oid] = EC_SIGNATURES[curve ?? ""] ?? [];
  if (digest === undefined || oid === undefined) {
    throw new Error(`Cannot sign with a key of type "${key.asymmetricKeyType} ${curve ?? ""}"`);
  }
  return { digest, identifier: sequence(objectIdentifier(oid)) };
}

/** Each curve with the hash of its strength (RFC 5758). */
const EC_SIGNATURES: Readonly<Record<string, readonly [string, string]>> = {
  prime256v1: ["sha256", "1.2.840.10045.4.3.2"],
  secp384r1: ["sha384", "1.2.840.10045.4.3.3"],
  secp521r1: ["sha512", "1.2.840.10045.4.3.4"],
};

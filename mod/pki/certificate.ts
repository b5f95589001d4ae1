/**
 * Issues X.509 certificates (RFC 5280): structures by @peculiar/asn1-x509,
 * keys and signatures by node:crypto.
 *
 * That library is the lower half of @peculiar/x509, without its containers and
 * its need for WebCrypto, which has no P-521 on some runtimes. Only `pki` loads it.
 */
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Time,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { Buffer } from "node:buffer";
import { createHash, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { canonicalAddress, validity } from "../controlplane/mod.ts";
import { signatureAlgorithm } from "./signature_algorithm.ts";
import { subjectNames } from "./subject_names.ts";

/** Whom a certificate stands for: the user and the groups, to Kubernetes. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** What a certificate may be used for. */
export type Usage = "server" | "client";

/** What to issue. */
export interface CertificateRequest {
  /** Or the subject of another certificate, byte for byte. */
  readonly subject: Subject | X509Certificate;
  readonly publicKey: KeyObject;
  /** The first and the last moment it is valid, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A CA may issue others and serves no other purpose. */
  readonly kind:
    | { readonly ca: true }
    | { readonly ca: false; readonly usages: readonly Usage[]; readonly names: readonly string[] };
}

/** Who signs: a CA, or the key itself for a CA's own certificate. */
export interface Issuer {
  readonly privateKey: KeyObject;
  /** Absent if the certificate signs itself. */
  readonly certificate?: X509Certificate;
}

const OID = { commonName: "2.5.4.3", organization: "2.5.4.10" } as const;

/** Issues a certificate, as PEM. @throws if the CA's kind of key is not supported */
export function issueCertificate(request: CertificateRequest, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.privateKey);
  const identifier = new AlgorithmIdentifier(algorithm.identifier);
  const subject = request.subject instanceof X509Certificate
    ? parse(request.subject).subject
    : nameOf(request.subject);
  const issuedBy = issuer.certificate && parse(issuer.certificate);
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: identifier,
    // As the issuer itself has it: Go compares the bytes.
    issuer: issuedBy?.subject ?? subject,
    validity: validityOf(request),
    subject,
    subjectPublicKeyInfo: spki(request.publicKey),
    extensions: new Extensions([...extensions(request, issuedBy)]),
  });
  const signed = Buffer.from(AsnConvert.serialize(body));
  const certificate = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: identifier,
    signatureValue: bytes(sign(algorithm.digest, signed, issuer.privateKey)),
  });
  const issued = new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)));
  verifyIssued(issued, request, issuer);
  return issued.toString();
}

/**
 * Compares what was issued, as the runtime's own parser reads it, with what was
 * asked for. @throws if they differ, which is a fault of podstead
 */
function verifyIssued(issued: X509Certificate, request: CertificateRequest, issuer: Issuer): void {
  const { kind } = request;
  const { fromMs, toMs } = validity(issued);
  const wanted = new Set(kind.ca ? [] : kind.names.map((name) => canonicalAddress(name) ?? name));
  const names = new Set(subjectNames(issued));
  const authority = issuer.certificate ?? issued;
  const checks: Readonly<Record<string, boolean>> = {
    "names": names.size === wanted.size && [...wanted].every((name) => names.has(name)),
    "subject": unescaped(issued.subject) === subjectText(request.subject),
    "dates": fromMs === wholeSecond(request.fromMs) && toMs === wholeSecond(request.toMs),
    "key": isSameKey(issued.publicKey, request.publicKey),
    "kind": issued.ca === kind.ca,
    "issuer": issued.issuer === authority.subject && issued.verify(authority.publicKey),
    "key identifier": kind.ca ||
      authorityKeyIdentifier(issued) === subjectKeyIdentifier(authority),
  };
  const wrong = Object.keys(checks).filter((what) => !checks[what]);
  if (wrong.length > 0) {
    throw new Error(`The certificate for "${issued.subject}" came out with another ${wrong}`);
  }
}

/** How a certificate names its own key, as hexadecimal digits; undefined if it does not. */
export function subjectKeyIdentifier(certificate: X509Certificate): string | undefined {
  const identifier = keyIdentifierIn(parse(certificate));
  return identifier && Buffer.from(identifier.buffer).toString("hex");
}

/** How a certificate names its issuer's key, as hexadecimal digits; undefined if it does not. */
export function authorityKeyIdentifier(certificate: X509Certificate): string | undefined {
  const value = valueOf(parse(certificate), id_ce_authorityKeyIdentifier);
  const identifier = value && AsnConvert.parse(value, AuthorityKeyIdentifier).keyIdentifier;
  return identifier && Buffer.from(identifier.buffer).toString("hex");
}

function extensions(
  request: CertificateRequest,
  issuedBy: TBSCertificate | undefined,
): readonly Extension[] {
  const { kind } = request;
  const { digitalSignature, keyEncipherment, keyCertSign } = KeyUsageFlags;
  if (kind.ca) {
    return [
      // What kubeadm's CAs have.
      critical(id_ce_keyUsage, new KeyUsage(digitalSignature | keyEncipherment | keyCertSign)),
      critical(id_ce_basicConstraints, new BasicConstraints({ cA: true })),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(hashOf(request.publicKey))),
    ];
  }
  const purposes = kind.usages.map((usage) =>
    usage === "server" ? id_kp_serverAuth : id_kp_clientAuth
  );
  // It is the issuer's choice how its key is named (RFC 5280, 4.2.1.1; Go 1.25 and later truncate
  // SHA-256). A certificate that names the key in another way is refused.
  const issuerKey = issuedBy && keyIdentifierIn(issuedBy);
  return [
    critical(id_ce_keyUsage, new KeyUsage(digitalSignature | keyEncipherment)),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage(purposes)),
    critical(id_ce_basicConstraints, new BasicConstraints()),
    ...(issuerKey === undefined ? [] : [
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(issuerKey.buffer) }),
      ),
    ]),
    ...(kind.names.length === 0
      ? []
      : [extension(id_ce_subjectAltName, new SubjectAlternativeName(kind.names.map(generalName)))]),
  ];
}

function extension(extnID: string, value: unknown, isCritical = false): Extension {
  return new Extension({
    extnID,
    critical: isCritical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

function critical(extnID: string, value: unknown): Extension {
  return extension(extnID, value, true);
}

function generalName(name: string): GeneralName {
  const address = canonicalAddress(name);
  return new GeneralName(address === undefined ? { dNSName: name } : { iPAddress: address });
}

function nameOf({ commonName, organizations = [] }: Subject): Name {
  const attribute = (type: string, text: string) =>
    new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) });
  // Organizations before the common name: the order of Go and so of kubeadm.
  return new Name([
    ...organizations.map((name) => attribute(OID.organization, name)),
    attribute(OID.commonName, commonName),
  ].map((one) => new RelativeDistinguishedName([one])));
}

/** A subject as `X509Certificate` writes it. */
function subjectText(subject: Subject | X509Certificate): string {
  if (subject instanceof X509Certificate) return unescaped(subject.subject);
  const { commonName, organizations = [] } = subject;
  return [...organizations.map((name) => `O=${name}`), `CN=${commonName}`].join("\n");
}

/** Some runtimes put a backslash before what is special in RFC 2253, some do not. */
function unescaped(subject: string): string {
  return subject.replaceAll(/\\(.)/g, "$1");
}

function validityOf({ fromMs, toMs }: CertificateRequest): Validity {
  // The library writes two digits for the year until 2049, as RFC 5280 wants it.
  const validity = new Validity();
  validity.notBefore = new Time(new Date(wholeSecond(fromMs)));
  validity.notAfter = new Time(new Date(wholeSecond(toMs)));
  return validity;
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function parse(certificate: X509Certificate): TBSCertificate {
  return AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
}

function keyIdentifierIn(body: TBSCertificate): SubjectKeyIdentifier | undefined {
  const value = valueOf(body, id_ce_subjectKeyIdentifier);
  return value && AsnConvert.parse(value, SubjectKeyIdentifier);
}

function valueOf(body: TBSCertificate, oid: string): ArrayBuffer | undefined {
  return body.extensions?.find(({ extnID }) => extnID === oid)?.extnValue.buffer;
}

function isSameKey(left: KeyObject, right: KeyObject): boolean {
  const der = (key: KeyObject) => key.export({ type: "spki", format: "der" });
  return der(left).equals(der(right));
}

function spki(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

/** SHA-1 of the key's bits, as RFC 5280 suggests: a name for a key, no protection. */
function hashOf(key: KeyObject): ArrayBuffer {
  return bytes(createHash("sha1").update(Buffer.from(spki(key).subjectPublicKey)).digest());
}

/** Positive, and of full length. */
function serialNumber(): ArrayBuffer {
  const number = randomBytes(16);
  number[0] = ((number[0] ?? 0) & 0x7f) | 0x40;
  return bytes(number);
}

/** A buffer of its own: a small Buffer of Node is a view of a shared one. */
function bytes(view: Uint8Array): ArrayBuffer {
  return Uint8Array.from(view).buffer;
}

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A certificate with its key, both as PEM, and what is needed to sign others with it. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

/** What a certificate is made for. */
export interface CertificateOptions {
  readonly commonName: string;
  readonly organization?: string;
  /** DNS names and IP addresses. */
  readonly subjectAltNames?: readonly string[];
  /** Who signs it; itself where left out. */
  readonly issuer?: Certificate;
  readonly isAuthority?: boolean;
  /** Milliseconds since the epoch; by default from an hour ago to a day from now. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** Makes an X.509 certificate on P-256, without any tool. */
export function createCertificate(options: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const now = Date.now();
  const subject = name(options.commonName, options.organization);
  const issuer = options.issuer === undefined ? subject : name(options.issuer.commonName);
  const serial = randomBytes(12);
  serial[0] = (serial[0] ?? 0) & 0x7f | 0x40;
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const body = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    algorithm,
    issuer,
    sequence(
      time(options.notBefore ?? now - 3_600_000),
      time(options.notAfter ?? now + 86_400_000),
    ),
    subject,
    spki,
    tagged(0xa3, sequence(...extensions(options, spki))),
  );
  const signature = sign("sha256", body, options.issuer?.privateKey ?? privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Uint8Array.of(0), signature));
  const base64 = Buffer.from(der).toString("base64").replace(/(.{64})(?=.)/g, "$1\n");
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    commonName: options.commonName,
    privateKey,
  };
}

function extensions(options: CertificateOptions, spki: Uint8Array): readonly Uint8Array[] {
  const authority = options.isAuthority ?? false;
  const list = [
    // basicConstraints
    extension(
      "2.5.29.19",
      true,
      authority ? sequence(tagged(0x01, Uint8Array.of(0xff))) : sequence(),
    ),
    // keyUsage: keyCertSign and cRLSign, or digitalSignature
    extension(
      "2.5.29.15",
      true,
      tagged(0x03, authority ? Uint8Array.of(1, 0x06) : Uint8Array.of(7, 0x80)),
    ),
    // subjectKeyIdentifier
    extension("2.5.29.14", false, tagged(0x04, createHash("sha1").update(spki).digest())),
  ];
  if (!authority) {
    // extKeyUsage: serverAuth and clientAuth
    list.push(
      extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))),
    );
  }
  const names = options.subjectAltNames ?? [];
  if (names.length > 0) {
    list.push(extension(
      "2.5.29.17",
      false,
      sequence(
        ...names.map((one) =>
          isIP(one) === 4
            ? tagged(0x87, Uint8Array.from(one.split("."), Number))
            : tagged(0x82, new TextEncoder().encode(one))
        ),
      ),
    ));
  }
  return list;
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [tagged(0x01, Uint8Array.of(0xff))] : [];
  return sequence(oid(id), ...flag, tagged(0x04, value));
}

function name(commonName: string, organization?: string): Uint8Array {
  const part = (id: string, text: string) =>
    tagged(0x31, sequence(oid(id), tagged(0x0c, new TextEncoder().encode(text))));
  return sequence(
    ...(organization === undefined ? [] : [part("2.5.4.10", organization)]),
    part("2.5.4.3", commonName),
  );
}

function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
  return tagged(0x18, new TextEncoder().encode(digits));
}

function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift(left & 0x7f | 0x80);
    bytes.push(...digits);
  }
  return tagged(0x06, Uint8Array.from(bytes));
}

function integer(bytes: Uint8Array): Uint8Array {
  return tagged(0x02, bytes);
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, ...parts);
}

/** One DER value: tag, length, content. */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const size = content.byteLength;
  const length = size < 0x80
    ? [size]
    : size < 0x100
    ? [0x81, size]
    : [0x82, size >> 8, size & 0xff];
  return Uint8Array.from([tag, ...length, ...content]);
}

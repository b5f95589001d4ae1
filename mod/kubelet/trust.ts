import { X509Certificate } from "node:crypto";
import { checkServerIdentity, connect, type PeerCertificate } from "node:tls";

/** What the kubelet showed, for a message that lets a person recognise it. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly isSelfSigned: boolean;
  /** Hexadecimal pairs with colons. */
  readonly sha256: string;
  /** As the certificate writes it: `Nov 25 14:09:01 2026 GMT`. */
  readonly validTo: string;
  /** As the certificate writes them: `DNS:node-1, IP Address:10.0.0.1`; empty if it has none. */
  readonly names: string;
}

/**
 * Decides whether a certificate that chains to what is trusted is for this
 * kubelet: it names the host that was asked for or the node, or it is itself
 * among the trusted ones (pinned).
 *
 * @param trusted PEM of what is trusted; undefined for the system's authorities
 * @returns undefined to continue, or the reason not to
 */
export function identityCheck(
  trusted: string | undefined,
  names: readonly string[],
): (host: string, certificate: PeerCertificate) => Error | undefined {
  const pinned = new Set(trusted === undefined ? [] : fingerprints(trusted));
  return (host, certificate) => {
    if (pinned.has(certificate.fingerprint256)) return undefined;
    const reasons = [host, ...names].map((name) => checkServerIdentity(name, certificate));
    return reasons.includes(undefined) ? undefined : reasons[0];
  };
}

/** The SHA-256 fingerprints of every certificate in a PEM text; others in it are skipped. */
function fingerprints(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block).fingerprint256];
    } catch {
      // Not a certificate: the TLS library has its own word on the whole file.
      return [];
    }
  });
}

/** When the first certificate of a PEM text ends, in Unix milliseconds; undefined if that cannot be said. */
export function endOfCertificate(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined; // the TLS library has its own word on it
  }
}

/**
 * Looks at the certificate behind an address without trusting it and without
 * sending anything; only ever used to say what was refused.
 *
 * @returns undefined if none could be had
 */
export function lookAtCertificate(
  host: string,
  port: number,
  timeoutMs: number,
): Promise<ShownCertificate | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      finish(describe(socket.getPeerCertificate()));
    });
    const finish = (shown: ShownCertificate | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(shown);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    socket.once("error", () => finish(undefined));
  });
}

function describe({ raw }: PeerCertificate): ShownCertificate | undefined {
  if (raw === undefined) return undefined;
  const certificate = new X509Certificate(raw);
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    issuer: certificate.issuer.replaceAll("\n", ", "),
    isSelfSigned: certificate.subject === certificate.issuer,
    sha256: certificate.fingerprint256,
    validTo: certificate.validTo,
    names: certificate.subjectAltName ?? "",
  };
}

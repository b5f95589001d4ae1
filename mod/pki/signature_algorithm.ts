/** Which signature an authority's key makes, and how X.509 names it. */
import type { KeyObject } from "node:crypto";

/** A signature's hash for `node:crypto`, and its AlgorithmIdentifier. */
export interface SignatureAlgorithm {
  /** Null if the signature needs none. */
  readonly digest: string | null;
  readonly identifier: { readonly algorithm: string; readonly parameters?: null };
}

/** Each curve with the hash of its strength (RFC 5758). */
const EC: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: { digest: "sha256", identifier: { algorithm: "1.2.840.10045.4.3.2" } },
  secp384r1: { digest: "sha384", identifier: { algorithm: "1.2.840.10045.4.3.3" } },
  secp521r1: { digest: "sha512", identifier: { algorithm: "1.2.840.10045.4.3.4" } },
};

/** sha256WithRSAEncryption, whose parameters are an explicit NULL (RFC 4055). */
const RSA: SignatureAlgorithm = {
  digest: "sha256",
  identifier: { algorithm: "1.2.840.113549.1.1.11", parameters: null },
};

const ED25519: SignatureAlgorithm = { digest: null, identifier: { algorithm: "1.3.101.112" } };

/** The algorithm for a private key. @throws if its kind is not supported */
export function signatureAlgorithm(key: KeyObject): SignatureAlgorithm {
  if (key.asymmetricKeyType === "rsa") return RSA;
  if (key.asymmetricKeyType === "ed25519") return ED25519;
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  const found = EC[curve];
  if (found === undefined) {
    throw new Error(`Cannot sign with a key of type "${key.asymmetricKeyType} ${curve}"`);
  }
  return found;
}

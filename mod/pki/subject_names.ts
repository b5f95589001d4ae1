/** The names and addresses that a certificate is for. */
import type { X509Certificate } from "node:crypto";
import { canonicalAddress } from "../controlplane/mod.ts";

/** DNS names and IP addresses of a certificate, addresses in their canonical form. */
export function subjectNames(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? "").split(", ").flatMap((entry) => {
    const match = /^(?:DNS|IP Address):(.+)$/.exec(entry);
    return match === null ? [] : [canonicalAddress(match[1]!) ?? match[1]!];
  });
}

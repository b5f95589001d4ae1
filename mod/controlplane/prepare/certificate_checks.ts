/** Whether certificates and keys are good: what they are, their dates, what belongs together. */
import type { X509Certificate } from "node:crypto";
import { errorText, formatDuration } from "../../core/mod.ts";
import {
  covers,
  isIssuedBy,
  isKeyOf,
  parseCertificates,
  parsePrivateKey,
  parsePublicKeys,
  validity,
} from "../access/certificates.ts";
import type { Findings } from "./finding.ts";

/** From how long before its end a certificate is warned about: kubeadm renews once a year. */
const EXPIRES_SOON_MS = 30 * 24 * 60 * 60 * 1000;

const RENEW = "Renew it, for example with podstead pki renew or kubeadm certs renew";

/** A file's text; undefined if it could not be read, which was found already. */
export interface FileText {
  readonly path: string;
  readonly text: string | undefined;
}

/** A certificate that was looked at, for `describe`. */
export interface CertificateFacts {
  readonly path: string;
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A certificate with what it should fit to. */
export interface CertificateParts {
  readonly certificate: FileText;
  /** Its private key; of the same path where one file holds both. */
  readonly key: FileText | undefined;
  /** The CA that must have issued it. */
  readonly authority: FileText | undefined;
  /** What it should cover; what is missing is a warning. */
  readonly names?: readonly string[] | undefined;
}

/** Checks a certificate as of `nowMs`. Undefined if it cannot be read. */
export function checkCertificate(
  parts: CertificateParts,
  findings: Findings,
  nowMs: number,
): CertificateFacts | undefined {
  const { path } = parts.certificate;
  const certificates = parse(findings, "certificate", parts.certificate, parseCertificates);
  const key = parse(findings, "key", parts.key, parsePrivateKey);
  const authorities = parse(findings, "certificate", parts.authority, parseCertificates);
  if (certificates === undefined) return undefined;
  const [certificate] = certificates;
  const dates = validity(certificate);
  checkDates(path, dates, findings, nowMs);
  if (key !== undefined && !isKeyOf(key, certificate.publicKey)) {
    const keyPath = parts.key?.path;
    findings.held(
      "key-mismatch",
      path,
      keyPath === path
        ? `Certificate and key of "${path}" do not belong together`
        : `Certificate "${path}" and key "${keyPath}" do not belong together`,
    );
  }
  if (authorities !== undefined && !isIssuedBy(certificates, authorities)) {
    findings.held(
      "wrong-issuer",
      path,
      `Certificate "${path}" was not issued by "${parts.authority?.path}"`,
    );
  }
  checkNames(path, certificate, parts.names ?? [], findings);
  return { path, subject: certificate.subject.replaceAll("\n", ", "), ...dates };
}

/** Checks a private key without a certificate, and its public half where there is one. */
export function checkKey(key: FileText, publicKey: FileText | undefined, findings: Findings): void {
  const privateKey = parse(findings, "key", key, parsePrivateKey);
  const publicKeys = parse(findings, "key", publicKey, parsePublicKeys);
  if (privateKey === undefined || publicKeys === undefined) return;
  if (!publicKeys.some((publicKey) => isKeyOf(privateKey, publicKey))) {
    findings.held(
      "key-mismatch",
      key.path,
      `Key "${key.path}" does not match "${publicKey?.path}"`,
    );
  }
}

function checkNames(
  path: string,
  certificate: X509Certificate,
  names: readonly string[],
  findings: Findings,
): void {
  const missing = names.filter((name) => !covers(certificate, name));
  if (missing.length === 0) return;
  findings.warning(
    "name-missing",
    path,
    `Certificate "${path}" does not cover ${missing.map((name) => `"${name}"`).join(", ")}`,
    "Clients that use these names refuse it; renew it with them",
  );
}

function checkDates(
  path: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  findings: Findings,
  nowMs: number,
): void {
  const date = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";
  if (nowMs > toMs) {
    findings.held(
      "expired",
      path,
      `Certificate "${path}" expired on ${date(toMs)}, ${formatDuration(nowMs - toMs)} ago`,
      RENEW,
    );
  } else if (nowMs < fromMs) {
    findings.held(
      "not-yet-valid",
      path,
      `Certificate "${path}" is valid only from ${date(fromMs)}`,
      "Check the node's clock",
    );
  } else if (toMs - nowMs < EXPIRES_SOON_MS) {
    findings.warning(
      "expires-soon",
      path,
      `Certificate "${path}" expires on ${date(toMs)}, in ${formatDuration(toMs - nowMs)}`,
      RENEW,
    );
  }
}

function parse<T>(
  findings: Findings,
  what: "certificate" | "key",
  file: FileText | undefined,
  parseText: (text: string) => T,
): T | undefined {
  if (file?.text === undefined) return undefined;
  try {
    return parseText(file.text);
  } catch (error) {
    const message = `Cannot read the ${what} in "${file.path}": ${errorText(error)}`;
    findings.held("malformed", file.path, message);
    return undefined;
  }
}

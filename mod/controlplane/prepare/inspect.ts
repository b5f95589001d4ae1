/** Whether what a component needs is on the node, and is good. */
import {
  type CertificateFacts,
  checkCertificate,
  checkKey,
  type FileText,
} from "./certificate_checks.ts";
import { type Finding, Findings } from "./finding.ts";
import { InspectedFiles } from "./inspected_files.ts";
import { readKubeconfig } from "../access/kubeconfig.ts";
import type { ControlPlaneFs } from "./node_fs.ts";
import type { Requirement } from "../plan.ts";

/** What looking gave. */
export interface Inspection {
  readonly findings: readonly Finding[];
  readonly certificates: readonly CertificateFacts[];
}

/** Looks at everything a component needs. Never throws: what goes wrong is a finding. */
export async function inspectRequirements(
  requirements: readonly Requirement[],
  fs: ControlPlaneFs,
  nowMs: number,
): Promise<Inspection> {
  const findings = new Findings();
  const inspector = new Inspector(new InspectedFiles(fs, findings), findings, nowMs);
  const certificates = new Map<string, CertificateFacts>();
  for (const requirement of requirements) {
    const certificate = await inspector.look(requirement);
    if (certificate !== undefined) certificates.set(certificate.path, certificate);
  }
  return { findings: findings.list, certificates: [...certificates.values()] };
}

class Inspector {
  readonly #files: InspectedFiles;
  readonly #findings: Findings;
  readonly #nowMs: number;

  constructor(files: InspectedFiles, findings: Findings, nowMs: number) {
    this.#files = files;
    this.#findings = findings;
    this.#nowMs = nowMs;
  }

  /** The certificate that a requirement is about, where it is about one that can be read. */
  async look(requirement: Requirement): Promise<CertificateFacts | undefined> {
    switch (requirement.kind) {
      case "path":
        await this.#path(requirement);
        return undefined;
      case "key":
        await this.#key(requirement);
        return undefined;
      case "certificate":
        return await this.#certificate(requirement);
      case "kubeconfig":
        return await this.#kubeconfig(requirement);
    }
  }

  async #path({ path, type }: Requirement & { readonly kind: "path" }): Promise<void> {
    const facts = await this.#files.facts(path);
    if (facts !== undefined && type !== "any" && facts.type !== type) {
      this.#findings.held("wrong-type", path, `"${path}" must be a ${type}, it is a ${facts.type}`);
    }
  }

  async #key({ path, publicKeyPath }: Requirement & { readonly kind: "key" }): Promise<void> {
    const key = await this.#secret(path);
    const publicKey = publicKeyPath === undefined ? undefined : await this.#text(publicKeyPath);
    checkKey(key, publicKey, this.#findings);
  }

  async #certificate(
    { path, keyPath, caPath, names }: Requirement & { readonly kind: "certificate" },
  ): Promise<CertificateFacts | undefined> {
    const certificate = await this.#text(path);
    const key = keyPath === undefined ? undefined : await this.#secret(keyPath);
    const authority = caPath === undefined ? undefined : await this.#text(caPath);
    return checkCertificate({ certificate, key, authority, names }, this.#findings, this.#nowMs);
  }

  async #kubeconfig(
    { path, caPath, followsFiles }: Requirement & { readonly kind: "kubeconfig" },
  ): Promise<CertificateFacts | undefined> {
    const { text } = await this.#secret(path);
    if (text === undefined) return undefined;
    const { server, certificatePem, keyPem, certificatePath } = readKubeconfig(text);
    if (server === undefined) {
      const message = `"${path}" is not a kubeconfig: it names no server`;
      this.#findings.held("malformed", path, message);
    }
    if (certificatePem === undefined) {
      // It uses a token or other files, which are its author's.
      if (certificatePath === undefined || followsFiles !== true) return undefined;
      const [certificate, authority] = [
        await this.#text(certificatePath),
        await this.#text(caPath),
      ];
      const parts = { certificate, key: undefined, authority };
      return checkCertificate(parts, this.#findings, this.#nowMs);
    }
    const certificate = { path, text: certificatePem };
    const key = { path, text: keyPem };
    const authority = await this.#text(caPath);
    return checkCertificate({ certificate, key, authority }, this.#findings, this.#nowMs);
  }

  async #text(path: string): Promise<FileText> {
    return { path, text: await this.#files.text(path) };
  }

  async #secret(path: string): Promise<FileText> {
    return { path, text: await this.#files.secret(path) };
  }
}

/** Whether what a component needs is on the node, and is good. */
import { errorText, formatDuration } from "../core/mod.ts";
import {
  covers,
  isIssuedBy,
  isKeyOf,
  parseCertificates,
  parsePrivateKey,
  parsePublicKeys,
  validity,
} from "./certificates.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { type ControlPlaneFs, errorCode } from "./node_fs.ts";
import type { Requirement } from "./plan.ts";

/** One thing that is wrong with a file. */
export interface Finding {
  /** `held` keeps the pod back; a `warning` does not. */
  readonly severity: "held" | "warning";
  readonly code:
    | "missing"
    | "unreadable"
    | "wrong-type"
    | "malformed"
    | "wrong-mode"
    | "not-yet-valid"
    | "expired"
    | "expires-soon"
    | "key-mismatch"
    | "wrong-issuer"
    | "name-missing"
    | "not-written";
  readonly path: string;
  /** One sentence without its period. */
  readonly message: string;
  readonly hint?: string;
}

/** A certificate that was looked at, for `describe`. */
export interface CertificateFacts {
  readonly path: string;
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What looking gave. */
export interface Inspection {
  readonly findings: readonly Finding[];
  readonly certificates: readonly CertificateFacts[];
}

/** From how long before its end a certificate is warned about: kubeadm renews once a year. */
const EXPIRES_SOON_MS = 30 * 24 * 60 * 60 * 1000;
/** The largest file that is read: certificates and kubeconfigs have a few KiB. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Bits of a secret's mode that let others than its owner and group in, or the group change it. */
const TOO_OPEN = 0o027;

/** Looks at everything a component needs. Never throws: what goes wrong is a finding. */
export async function inspectRequirements(
  requirements: readonly Requirement[],
  fs: ControlPlaneFs,
  nowMs: number,
): Promise<Inspection> {
  const inspector = new Inspector(fs, nowMs);
  for (const requirement of requirements) await inspector.look(requirement);
  return { findings: inspector.findings, certificates: [...inspector.certificates.values()] };
}

class Inspector {
  readonly findings: Finding[] = [];
  readonly certificates = new Map<string, CertificateFacts>();
  readonly #fs: ControlPlaneFs;
  readonly #nowMs: number;
  readonly #texts = new Map<string, string | undefined>();

  constructor(fs: ControlPlaneFs, nowMs: number) {
    this.#fs = fs;
    this.#nowMs = nowMs;
  }

  async look(requirement: Requirement): Promise<void> {
    switch (requirement.kind) {
      case "path":
        return await this.#path(requirement);
      case "key":
        return await this.#key(requirement);
      case "certificate":
        return await this.#certificate(requirement);
      case "kubeconfig":
        return await this.#kubeconfig(requirement);
    }
  }

  async #path({ path, type }: Requirement & { readonly kind: "path" }): Promise<void> {
    const facts = await this.#facts(path);
    if (facts !== undefined && type !== "any" && facts.type !== type) {
      this.#held("wrong-type", path, `"${path}" must be a ${type}, it is a ${facts.type}`);
    }
  }

  async #key({ path, publicKeyPath }: Requirement & { readonly kind: "key" }): Promise<void> {
    const text = await this.#secret(path);
    const publicText = publicKeyPath === undefined ? undefined : await this.#text(publicKeyPath);
    const key = this.#parse("key", path, text, parsePrivateKey);
    if (publicKeyPath === undefined) return;
    const publicKeys = this.#parse("key", publicKeyPath, publicText, parsePublicKeys);
    if (key === undefined || publicKeys === undefined) return;
    if (!publicKeys.some((publicKey) => isKeyOf(key, publicKey))) {
      this.#held("key-mismatch", path, `Key "${path}" does not match "${publicKeyPath}"`);
    }
  }

  async #certificate(requirement: Requirement & { readonly kind: "certificate" }): Promise<void> {
    const { path, keyPath, caPath, names } = requirement;
    const text = await this.#text(path);
    const keyText = keyPath === undefined ? undefined : await this.#secret(keyPath);
    const caText = caPath === undefined ? undefined : await this.#text(caPath);
    this.#pair({ path, text, keyPath, keyText, caPath, caText });
    const certificates = text === undefined ? undefined : attempt(() => parseCertificates(text));
    if (certificates === undefined || names === undefined) return;
    const missing = names.filter((name) => !covers(certificates[0], name));
    if (missing.length > 0) {
      this.#add({
        severity: "warning",
        code: "name-missing",
        path,
        message: `Certificate "${path}" does not cover ${missing.map(quote).join(", ")}`,
        hint: "Clients that use these names refuse it; renew it with them",
      });
    }
  }

  async #kubeconfig(requirement: Requirement & { readonly kind: "kubeconfig" }): Promise<void> {
    const { path, caPath } = requirement;
    const text = await this.#secret(path);
    if (text === undefined) return;
    const { server, certificatePem, keyPem } = readKubeconfig(text);
    if (server === undefined) {
      this.#held("malformed", path, `"${path}" is not a kubeconfig: it names no server`);
    }
    // Without an embedded certificate it uses a token or other files, which are its author's.
    if (certificatePem === undefined) return;
    this.#pair({
      path,
      text: certificatePem,
      keyPath: keyPem === undefined ? undefined : path,
      keyText: keyPem,
      caPath,
      caText: await this.#text(caPath),
    });
  }

  #pair(pair: {
    readonly path: string;
    readonly text: string | undefined;
    readonly keyPath: string | undefined;
    readonly keyText: string | undefined;
    readonly caPath: string | undefined;
    readonly caText: string | undefined;
  }): void {
    const { path, keyPath, caPath } = pair;
    const certificates = this.#parse("certificate", path, pair.text, parseCertificates);
    const key = keyPath === undefined
      ? undefined
      : this.#parse("key", keyPath, pair.keyText, parsePrivateKey);
    const authorities = caPath === undefined
      ? undefined
      : this.#parse("certificate", caPath, pair.caText, parseCertificates);
    if (certificates === undefined) return;
    const [certificate] = certificates;
    const dates = validity(certificate);
    this.certificates.set(path, {
      path,
      subject: certificate.subject.replaceAll("\n", ", "),
      ...dates,
    });
    this.#dates(path, dates);
    if (key !== undefined && !isKeyOf(key, certificate.publicKey)) {
      this.#held(
        "key-mismatch",
        path,
        keyPath === path
          ? `Certificate and key of "${path}" do not belong together`
          : `Certificate "${path}" and key "${keyPath}" do not belong together`,
      );
    }
    if (authorities !== undefined && !isIssuedBy(certificates, authorities)) {
      this.#held("wrong-issuer", path, `Certificate "${path}" was not issued by "${caPath}"`);
    }
  }

  #dates(path: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
    const date = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";
    if (this.#nowMs > toMs) {
      this.#held(
        "expired",
        path,
        `Certificate "${path}" expired on ${date(toMs)}, ${formatDuration(this.#nowMs - toMs)} ago`,
        "Renew it, for example with podstead pki renew or kubeadm certs renew",
      );
    } else if (this.#nowMs < fromMs) {
      this.#held(
        "not-yet-valid",
        path,
        `Certificate "${path}" is valid only from ${date(fromMs)}`,
        "Check the node's clock",
      );
    } else if (toMs - this.#nowMs < EXPIRES_SOON_MS) {
      this.#add({
        severity: "warning",
        code: "expires-soon",
        path,
        message: `Certificate "${path}" expires on ${date(toMs)}, in ${
          formatDuration(toMs - this.#nowMs)
        }`,
        hint: "Renew it, for example with podstead pki renew or kubeadm certs renew",
      });
    }
  }

  /** Text of a file that only its owner should see. */
  async #secret(path: string): Promise<string | undefined> {
    const text = await this.#text(path);
    if (text === undefined) return undefined;
    const facts = await this.#facts(path);
    if (facts !== undefined && (facts.mode & TOO_OPEN) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, "0");
      this.#held(
        "wrong-mode",
        path,
        `"${path}" holds a private key and has mode ${mode}, wanted 0600`,
        `Run chmod 600 ${path}`,
      );
    }
    return text;
  }

  async #text(path: string): Promise<string | undefined> {
    if (this.#texts.has(path)) return this.#texts.get(path);
    const text = await this.#read(path);
    this.#texts.set(path, text);
    return text;
  }

  async #read(path: string): Promise<string | undefined> {
    const facts = await this.#facts(path);
    if (facts === undefined) return undefined;
    if (facts.type !== "file") {
      this.#held("wrong-type", path, `"${path}" must be a file, it is a ${facts.type}`);
      return undefined;
    }
    if (facts.sizeBytes > MAX_FILE_BYTES) {
      this.#held(
        "malformed",
        path,
        `"${path}" has ${facts.sizeBytes} bytes, too many for what it should be`,
      );
      return undefined;
    }
    try {
      return new TextDecoder().decode(await this.#fs.read(path));
    } catch (error) {
      this.#held("unreadable", path, `Cannot read "${path}": ${describe(error)}`);
      return undefined;
    }
  }

  async #facts(path: string) {
    try {
      const facts = await this.#fs.facts(path);
      if (facts === undefined) this.#held("missing", path, `"${path}" is missing`);
      return facts;
    } catch (error) {
      this.#held("unreadable", path, `Cannot read "${path}": ${describe(error)}`);
      return undefined;
    }
  }

  #parse<T>(
    what: "certificate" | "key",
    path: string,
    text: string | undefined,
    parse: (text: string) => T,
  ): T | undefined {
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      this.#held("malformed", path, `Cannot read the ${what} in "${path}": ${errorText(error)}`);
      return undefined;
    }
  }

  #held(code: Finding["code"], path: string, message: string, hint?: string): void {
    this.#add({ severity: "held", code, path, message, ...(hint === undefined ? {} : { hint }) });
  }

  /** The same file may be needed for two reasons; what is wrong with it is said once. */
  #add(finding: Finding): void {
    const known = this.findings.some((other) =>
      other.code === finding.code && other.path === finding.path &&
      other.message === finding.message
    );
    if (!known) this.findings.push(finding);
  }
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    // Reported already, where the file was parsed first.
    return undefined;
  }
}

function describe(error: unknown): string {
  return errorCode(error) === "EACCES" ? "permission denied" : errorText(error);
}

function quote(text: string): string {
  return `"${text}"`;
}

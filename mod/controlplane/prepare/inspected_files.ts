/** Reading what a component needs: whether it is there, and only for those who should see it. */
import { errorText } from "../../core/mod.ts";
import type { Findings } from "./finding.ts";
import { type ControlPlaneFs, errorCode, type FileFacts } from "./node_fs.ts";

/** The largest file that is read: certificates and kubeconfigs have a few KiB. */
const MAX_FILE_BYTES = 1024 * 1024;
/** How one comes by certificates, keys and kubeconfigs. */
const MAKE_IT = "Make a PKI with `podstead pki init`, or what is missing of one with `pki renew`";
/** Bits of a secret's mode that let others than its owner and group in, or the group change it. */
const TOO_OPEN = 0o027;

/** Files of the node, each read once. Never throws: what goes wrong is a finding. */
export class InspectedFiles {
  readonly #fs: ControlPlaneFs;
  readonly #findings: Findings;
  readonly #texts = new Map<string, string | undefined>();

  constructor(fs: ControlPlaneFs, findings: Findings) {
    this.#fs = fs;
    this.#findings = findings;
  }

  /** Text of a file that only its owner should see. */
  async secret(path: string): Promise<string | undefined> {
    const text = await this.text(path);
    if (text === undefined) return undefined;
    const facts = await this.facts(path);
    if (facts !== undefined && (facts.mode & TOO_OPEN) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, "0");
      this.#findings.held(
        "wrong-mode",
        path,
        `"${path}" holds a private key and has mode ${mode}, wanted 0600`,
        `Run chmod 600 ${path}`,
      );
    }
    return text;
  }

  /** Text of a file; undefined if there is none, which is a finding. */
  async text(path: string): Promise<string | undefined> {
    if (this.#texts.has(path)) return this.#texts.get(path);
    const text = await this.#read(path);
    this.#texts.set(path, text);
    return text;
  }

  async #read(path: string): Promise<string | undefined> {
    const facts = await this.facts(path, MAKE_IT);
    if (facts === undefined) return undefined;
    if (facts.type !== "file") {
      this.#findings.held("wrong-type", path, `"${path}" must be a file, it is a ${facts.type}`);
      return undefined;
    }
    if (facts.sizeBytes > MAX_FILE_BYTES) {
      this.#findings.held(
        "malformed",
        path,
        `"${path}" has ${facts.sizeBytes} bytes, too many for what it should be`,
      );
      return undefined;
    }
    try {
      return new TextDecoder().decode(await this.#fs.read(path));
    } catch (error) {
      this.#findings.held("unreadable", path, `Cannot read "${path}": ${describe(error)}`);
      return undefined;
    }
  }

  /** What a path is; undefined if nothing is there, which is a finding. */
  async facts(path: string, hint?: string): Promise<FileFacts | undefined> {
    try {
      const facts = await this.#fs.facts(path);
      if (facts === undefined) this.#findings.held("missing", path, `"${path}" is missing`, hint);
      return facts;
    } catch (error) {
      this.#findings.held("unreadable", path, `Cannot read "${path}": ${describe(error)}`);
      return undefined;
    }
  }
}

function describe(error: unknown): string {
  return errorCode(error) === "EACCES" ? "permission denied" : errorText(error);
}

/** Writes the files of a PKI, each in one step. */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { errorText, PodsteadError } from "../core/mod.ts";
import { type ControlPlaneFs, errorCode, readKubeconfig, validity } from "../controlplane/mod.ts";

/** A file to be written. */
export interface PkiFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** A file that was written, with the end of its certificate where it has one. */
export interface WrittenFile {
  readonly path: string;
  readonly toMs?: number;
}

/** Writes files in their order. @throws {PodsteadError} that says how many were written before */
export async function writeFiles(
  files: readonly PkiFile[],
  fs: ControlPlaneFs,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const file of files) {
    try {
      const directory = file.path.slice(0, file.path.lastIndexOf("/"));
      if (await fs.facts(directory) === undefined) {
        await fs.makeDirectory(directory, { mode: 0o755, ...OWNER });
      }
      await fs.replace(file.path, Buffer.from(file.content), { mode: file.mode, ...OWNER });
    } catch (error) {
      const done = written.length === 0 ? "Nothing" : `${written.length} of ${files.length} files`;
      const denied = ["EACCES", "EPERM"].includes(errorCode(error) ?? "");
      throw new PodsteadError(
        denied ? "permission" : "failed",
        `Cannot write "${file.path}": ${errorText(error)}`,
        {
          cause: error,
          hint: `${done} written before it; ${denied ? "run it as root" : "make room"}`,
        },
      );
    }
    written.push({ path: file.path, ...endOf(file.content) });
  }
  return written;
}

const OWNER = { uid: 0, gid: 0 } as const;

function endOf(content: string): { readonly toMs?: number } {
  const pem = content.startsWith("-----BEGIN CERTIFICATE")
    ? content
    : readKubeconfig(content).certificatePem;
  return pem === undefined ? {} : { toMs: validity(new X509Certificate(pem)).toMs };
}

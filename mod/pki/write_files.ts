/** Writes the files of a PKI, each in one step. */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { errorText, PodsteadError } from "../core/mod.ts";
import {
  type ControlPlaneFs,
  errorCode,
  nodeFs,
  readKubeconfig,
  validity,
} from "../controlplane/mod.ts";
import type { Owner, PkiOptions } from "./options.ts";

/** A file to write. */
export interface PkiFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** A file that was written, with the end of its certificate if it has one. */
export interface WrittenFile {
  readonly path: string;
  readonly toMs?: number;
}

/** Where files are written, and for whom. */
export interface Target {
  readonly fs: ControlPlaneFs;
  readonly owner: Owner;
}

/** The target that options name. */
export function targetOf({ fs = nodeFs, owner = { uid: 0, gid: 0 } }: PkiOptions): Target {
  return { fs, owner };
}

/** Writes files in their order. @throws {PodsteadError} that says how many were written before */
export async function writeFiles(
  files: readonly PkiFile[],
  target: Target,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const file of files) {
    try {
      await writeFile(file, target);
    } catch (error) {
      const done = written.length === 0 ? "Nothing" : `${written.length} of ${files.length} files`;
      throw writeError(file.path, error, `${done} written before it`);
    }
    written.push(writtenFile(file));
  }
  return written;
}

/** Writes one file, and its directory if there is none. @throws the file system's error */
export async function writeFile(file: PkiFile, { fs, owner }: Target): Promise<void> {
  const directory = file.path.slice(0, file.path.lastIndexOf("/"));
  if (await fs.facts(directory) === undefined) {
    await fs.makeDirectory(directory, { mode: 0o755, ...owner });
  }
  await fs.replace(file.path, Buffer.from(file.content), { mode: file.mode, ...owner });
}

/** The error of a file that cannot be written. @param state what that leaves behind */
export function writeError(path: string, error: unknown, state: string): PodsteadError {
  const code = errorCode(error) ?? "";
  return new PodsteadError(
    code in NEXT_STEPS && code !== "EROFS" ? "permission" : "failed",
    `Cannot write "${path}": ${errorText(error)}`,
    { cause: error, hint: `${state}; ${NEXT_STEPS[code] ?? "check the disk's space"}` },
  );
}

const NEXT_STEPS: Readonly<Record<string, string>> = {
  EACCES: "run it as root, or with a --directory of your own",
  EPERM: "run it as root, or with a --directory of your own",
  // What a service meets that systemd locks in.
  EROFS:
    "allow it to the service: systemctl edit podstead, [Service], ReadWritePaths=/etc/kubernetes",
};

/** A file with the end of the certificate in it. */
export function writtenFile({ path, content }: PkiFile): WrittenFile {
  const pem = content.startsWith("-----BEGIN CERTIFICATE")
    ? content
    : readKubeconfig(content).certificatePem;
  return pem === undefined ? { path } : { path, toMs: validity(new X509Certificate(pem)).toMs };
}

/** The text of a file; undefined if there is none. @throws the file system's error */
export async function readText(path: string, fs: ControlPlaneFs): Promise<string | undefined> {
  if (await fs.facts(path) === undefined) return undefined;
  return new TextDecoder().decode(await fs.read(path));
}

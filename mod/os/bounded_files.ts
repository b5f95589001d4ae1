/** The file system, each call bounded in time, and what may hang asked where it can be given up. */
import { Buffer } from "node:buffer";
import { lstat, readdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { FileHelpers, type FileRequest } from "./file_helper.ts";
import { messagePiece, type ServeRequest } from "./helper_server.ts";
import { Mounts } from "./mounts.ts";
import { factsOf, type FileFacts, readRegularFile, type RegularFile } from "./regular_file.ts";
import { inTime, PatientFs } from "./time_limit.ts";

/** What is asked of a file system. */
export interface Files {
  /** @throws {FileRefused} for anything but a regular file, and for one over `maxBytes` */
  readFile(path: string, maxBytes: number): Promise<RegularFile>;
  /** Names, without `.` and `..`, in any order. */
  readdir(path: string): Promise<readonly string[]>;
  /** Follows symbolic links. */
  stat(path: string): Promise<FileFacts>;
  /** Whether there is anything under this name, also a link that leads nowhere. */
  isThere(path: string): Promise<boolean>;
}

/**
 * The files of this machine. A file on a mount that may hang is looked at by a helper: a
 * thread that hangs would keep this process, and all that it holds, from ending.
 */
export class BoundedFiles implements Files {
  readonly #patient: PatientFs;
  readonly #helpers: FileHelpers;
  readonly #mounts: Mounts;

  constructor(
    patient = new PatientFs(),
    helpers = new FileHelpers(),
    mounts = new Mounts(),
  ) {
    this.#patient = patient;
    this.#helpers = helpers;
    this.#mounts = mounts;
  }

  /** The paths that take their time just now. */
  get working(): readonly string[] {
    return [...this.#patient.working, ...this.#helpers.working];
  }

  /** Whether a path is on a file system that may never answer. */
  mayHang(path: string): boolean {
    return this.#mounts.mayHang(path);
  }

  async readFile(path: string, maxBytes: number): Promise<RegularFile> {
    if (!this.#mounts.mayHang(path)) {
      return await this.#patient.ask(dirname(path), () => readRegularFile(path, maxBytes), path);
    }
    const parts: Uint8Array[] = [];
    const sent = await this.askHelper(
      { op: "read", path, maxBytes },
      (piece) => parts.push(piece.subarray(1)),
    );
    // What `serveFiles` answers.
    const { before, after } = sent as Pick<RegularFile, "before" | "after">;
    return { bytes: Buffer.concat(parts), before, after };
  }

  async readdir(path: string): Promise<readonly string[]> {
    if (!this.#mounts.mayHang(path)) return await this.#patient.ask(path, () => readdir(path));
    return (await this.askHelper({ op: "list", path }) as { names: readonly string[] }).names;
  }

  async stat(path: string): Promise<FileFacts> {
    if (!this.#mounts.mayHang(path)) {
      return await this.#patient.ask(dirname(path), async () => factsOf(await stat(path)), path);
    }
    return (await this.askHelper({ op: "stat", path }) as { facts: FileFacts }).facts;
  }

  async isThere(path: string): Promise<boolean> {
    if (!this.#mounts.mayHang(path)) {
      return await this.#patient.ask(dirname(path), () => isThere(path), path);
    }
    return (await this.askHelper({ op: "there", path }) as { there: boolean }).there;
  }

  /**
   * Has a helper do it, whatever the mount.
   *
   * @param onPiece takes what the answer has besides its result
   * @throws {FileTimeout} and {@linkcode WorkTimeout} when it takes too long
   */
  async askHelper(
    request: FileRequest,
    onPiece?: (piece: Uint8Array) => void,
  ): Promise<unknown> {
    const directory = request.op === "list" ? request.path : dirname(request.path);
    this.#patient.refuseHanging(directory);
    return await this.#helpers.ask(
      request,
      onPiece,
      (gone) => this.#patient.remember(directory, gone),
    );
  }

  /** Lets helpers end. */
  close(): void {
    this.#helpers.close();
  }
}

/** Far more than any certificate, key, token or kubeconfig has. */
const MAX_SETTING_BYTES = 1024 * 1024;

/** One for the process: what hangs is known to all who ask. */
let shared: BoundedFiles | undefined;

/**
 * The text of a small file that a setting names, such as a certificate or a token.
 *
 * @throws {FileRefused} for a pipe, a device, a directory, and for one over 1 MiB
 * @throws {FileTimeout} if the file system does not answer
 * @throws the file system's error otherwise
 */
export async function readSettingFile(path: string): Promise<string> {
  return new TextDecoder().decode(await readSettingBytes(path));
}

/** The same as bytes. */
export async function readSettingBytes(path: string): Promise<Uint8Array> {
  shared ??= new BoundedFiles();
  return (await shared.readFile(path, MAX_SETTING_BYTES)).bytes;
}

/**
 * What a file or directory is that a setting names; links are followed.
 *
 * @throws {FileTimeout} if the file system does not answer
 * @throws the file system's error otherwise
 */
export async function statSetting(path: string): Promise<FileFacts> {
  shared ??= new BoundedFiles();
  return await shared.stat(path);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // of node:fs
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}

/** The largest piece of a file that a helper sends at once, in bytes. */
const PIECE_BYTES = 256 * 1024;

/** What a helper does for `BoundedFiles`. @returns undefined for what it does not know */
export async function serveFiles(
  ...[request, send]: Parameters<ServeRequest>
): ReturnType<ServeRequest> {
  const { op, path, maxBytes } = request as FileRequest & { readonly maxBytes: number };
  switch (op) {
    case "stat":
      return { facts: factsOf(await inTime(stat(path))) };
    case "list":
      return { names: await inTime(readdir(path)) };
    case "there":
      return { there: await inTime(isThere(path)) };
    default: {
      const { bytes, before, after } = await inTime(readRegularFile(path, maxBytes));
      send(messagePiece({ read: true }));
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const part = bytes.subarray(at, at + PIECE_BYTES);
        const piece = new Uint8Array(1 + part.length);
        piece[0] = 1; // anything but a message
        piece.set(part, 1);
        send(piece);
      }
      return { before, after };
    }
  }
}

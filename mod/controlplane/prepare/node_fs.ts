/** The file system as the control plane needs it, and the real one behind it. */
import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readSettingBytes, statSetting, writeFileAtomic } from "../../os/mod.ts";
import type { Ownership } from "../plan.ts";

/** What is known of something on the disk without reading it. Links are followed. */
export interface FileFacts extends Ownership {
  readonly type: "file" | "directory" | "other";
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Changes when the file is replaced by another. */
  readonly inode: number;
}

/** File access, so that checks can be tested without a node. Paths are absolute. */
export interface ControlPlaneFs {
  /** Undefined if there is nothing. @throws the file system's error otherwise */
  facts(path: string): Promise<FileFacts | undefined>;
  /** @throws the file system's error */
  read(path: string): Promise<Uint8Array>;
  /**
   * Replaces the file at once: a reader sees the old content or the new one,
   * and never a file with the wrong mode or owner. @throws the file system's error
   */
  replace(path: string, content: Uint8Array, ownership: Ownership): Promise<void>;
  /** Makes a directory, and those above it (root's, 0755). @throws the file system's error */
  makeDirectory(path: string, ownership: Ownership): Promise<void>;
  /** Sets mode and owner. @throws the file system's error */
  setOwnership(path: string, ownership: Ownership): Promise<void>;
  /** Removes a file, or a directory with all that is in it. @throws the file system's error */
  remove(path: string): Promise<void>;
}

/** The file system of the machine. */
export const nodeFs: ControlPlaneFs = {
  async facts(path) {
    try {
      const { kind: type, mode, uid, gid, sizeBytes, mtimeMs: modifiedMs, inode } =
        await statSetting(path);
      return { type, mode: mode & 0o7777, uid, gid, sizeBytes, modifiedMs, inode };
    } catch (error) {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
      throw error;
    }
  },
  async read(path) {
    return await readSettingBytes(path);
  },
  async replace(path, content, ownership) {
    await writeFileAtomic(path, content, ownership.mode, ownership);
  },
  async makeDirectory(path, ownership) {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await mkdir(path, { mode: 0o700 });
    await this.setOwnership(path, ownership);
  },
  async setOwnership(path, ownership) {
    await chown(path, ownership.uid, ownership.gid);
    await chmod(path, ownership.mode);
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
};

/** The code of a file system error (`ENOENT`), or undefined. */
export function errorCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/**
 * Writes the files of one change, all or none: what will be written is on disk
 * first, so that a crash in between is made good at the next start.
 */
import { chmod, chown, mkdir, readFile, realpath, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import {
  canonicalJson,
  errorText,
  type JsonObject,
  parseJson,
  PodsteadError,
} from "../core/mod.ts";
import { sha256Of } from "../change/mod.ts";
import {
  isNoOwnFile,
  putAside,
  readRegularFile,
  readRegularText,
  writeFileAtomic,
} from "../os/mod.ts";

/** A file to write, or to delete. */
export interface FileWrite {
  readonly path: string;
  /** Undefined to delete the file. */
  readonly text: string | undefined;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** SHA-256 of what it replaces, in hex; null if there was no file. */
  readonly before: string | null;
}

const PENDING = "pending-change.json";

const PendingSchema = v.object({
  writes: v.array(v.object({
    path: v.string(),
    text: v.nullable(v.string()),
    mode: v.number(),
    uid: v.number(),
    gid: v.number(),
    before: v.nullable(v.string()),
  })),
});

/**
 * @throws {PodsteadError} if a file cannot be written; those before it are then put back
 */
export async function writeFiles(stateDir: string, writes: readonly FileWrite[]): Promise<void> {
  const pending = join(stateDir, PENDING);
  const plain = { writes: writes.map((one) => ({ ...one, text: one.text ?? null })) };
  const done: { readonly write: FileWrite; readonly old: Uint8Array | undefined }[] = [];
  let current = pending;
  try {
    // Plain data throughout.
    await writeFileAtomic(pending, canonicalJson(plain as unknown as JsonObject), 0o600);
    for (const write of writes) {
      current = write.path;
      const old = await readFile(write.path).catch(missing);
      if ((old === undefined ? null : sha256Of(old)) !== write.before) {
        throw new Error("it was changed in this very moment");
      }
      await writeOne(write);
      done.push({ write, old });
    }
  } catch (error) {
    for (const { write, old } of done.reverse()) await putBack(write, old);
    await unlink(pending).catch(missing);
    throw new PodsteadError("failed", `Cannot write "${current}": ${errorText(error)}`, {
      cause: error,
      hint: "Nothing was changed. Check free space, and whether the agent may write there",
    });
  }
  await unlink(pending);
}

/** More than the files of any change: each may have 10 MiB. */
const MAX_PENDING_BYTES = 256 * 1024 * 1024;

/**
 * Finishes a change that a crash has cut short. A file that was edited since is left
 * as it is.
 *
 * @returns the files that were written; undefined when there was nothing to finish
 */
export async function finishWrites(stateDir: string): Promise<readonly string[] | undefined> {
  const pending = join(stateDir, PENDING);
  let text: string | undefined;
  try {
    text = await readRegularText(pending, MAX_PENDING_BYTES).catch(missing);
  } catch (error) {
    if (!isNoOwnFile(error)) throw error;
    await putAside(pending);
    return [];
  }
  if (text === undefined) return undefined;
  const written: string[] = [];
  const parsed = v.safeParse(PendingSchema, readPending(text));
  // Cut short itself, by a crash of the machine: then no file was written yet.
  for (const write of parsed.success ? parsed.output.writes : []) {
    if (await hashOf(write.path) !== write.before) continue;
    await writeOne({ ...write, text: write.text ?? undefined });
    written.push(write.path);
  }
  await unlink(pending);
  return written;
}

/** The hash of a file as it is now; null without one, undefined for what is no file. */
async function hashOf(path: string): Promise<string | null | undefined> {
  try {
    const file = await readRegularFile(path, MAX_PENDING_BYTES).catch(missing);
    return file === undefined ? null : sha256Of(file.bytes);
  } catch (error) {
    if (isNoOwnFile(error)) return undefined;
    throw error;
  }
}

async function writeOne({ path: name, text, mode, uid, gid }: FileWrite): Promise<void> {
  // Behind a symbolic link the file itself is written, and the link stays.
  const path = await realpath(name).catch(missing) ?? name;
  if (text === undefined) return await unlink(path);
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await writeFileAtomic(path, text, mode);
  await chmod(path, mode); // the umask has taken bits from it
  await chown(path, uid, gid).catch((error: NodeJS.ErrnoException) => {
    // An ordinary user's agent cannot; the file is then this user's.
    if (error.code !== "EPERM") throw error;
  });
}

async function putBack({ path, mode }: FileWrite, old: Uint8Array | undefined): Promise<void> {
  if (old === undefined) await unlink(path).catch(missing);
  else await writeFileAtomic(path, old, mode);
}

function readPending(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined; // the caller takes it as nothing
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}

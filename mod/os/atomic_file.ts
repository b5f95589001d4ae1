import { Buffer } from "node:buffer";
import { chmod, chown, type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file so that a reader, and a power cut, see the old content or the
 * new one and never a part: temporary file, fsync, rename, fsync of the directory.
 *
 * @param data as a whole, or in parts: a large one then need not be put together
 * @param mode permission bits the file has from birth, such as `0o600`
 * @param owner default: this process's user; until then no other user can read it
 * @throws the file system's error; the temporary file is then gone
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string | readonly Uint8Array[],
  mode: number,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    const file = await create(temporary, owner === undefined ? mode : 0o600);
    try {
      for (const piece of piecesOf(data)) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    if (owner !== undefined) {
      await chown(temporary, owner.uid, owner.gid);
      await chmod(temporary, mode);
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing);
    throw error;
  }
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A temporary file that a crash left must not lend its mode to this one. */
async function create(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, "wx", mode);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    await unlink(path).catch(ignoreMissing);
    return await open(path, "wx", mode);
  }
}

/** How much is written at once, in bytes: to put it together takes a fraction of a millisecond. */
const PIECE_BYTES = 1024 * 1024;

function* piecesOf(
  data: Uint8Array | string | readonly Uint8Array[],
): Generator<Uint8Array | string> {
  if (typeof data === "string" || data instanceof Uint8Array) return yield data;
  let piece: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const part of data) {
    piece.push(part);
    sizeBytes += part.byteLength;
    if (sizeBytes < PIECE_BYTES) continue;
    yield Buffer.concat(piece);
    [piece, sizeBytes] = [[], 0];
  }
  if (sizeBytes > 0) yield Buffer.concat(piece);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

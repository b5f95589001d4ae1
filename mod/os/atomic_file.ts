import { chmod, chown, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file so that a reader, and a power cut, see the old content or the
 * new one and never a part: temporary file, fsync, rename, fsync of the directory.
 *
 * @param mode permission bits the file has from birth, such as `0o600`
 * @param owner default: this process's user; until then no other user can read it
 * @throws the file system's error; the temporary file is then gone
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  mode: number,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    // A temporary file that a crash left must not lend its mode to this one.
    await unlink(temporary).catch(ignoreMissing);
    const file = await open(temporary, "wx", owner === undefined ? mode : 0o600);
    try {
      await file.writeFile(data);
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

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** The kubelet's `containerLogMaxFiles`, the one that is written to included. */
const MAX_FILES = 5;

/**
 * Rotates one log as the kubelet does: the rotated files but the newest are
 * compressed and only as many as allowed are kept, the current one gets a time
 * stamp as its suffix, and the runtime is told to open a new one.
 *
 * @param directory of the container's logs
 * @param file `<attempt>.log`
 * @param reopen CRI `ReopenContainerLog`; when it fails the file is put back
 * @param nowMs milliseconds since the epoch, for the stamp
 * @returns the path of the rotated file
 */
export async function rotateLog(
  directory: string,
  file: string,
  reopen: () => Promise<void>,
  nowMs: number,
): Promise<string> {
  const rotated = (await readdir(directory))
    .filter((name) => name.startsWith(`${file}.`) && !name.endsWith(".tmp"))
    .sort();
  // The file that is about to be rotated and its successor count too.
  const surplus = Math.max(0, rotated.length - (MAX_FILES - 2));
  for (const name of rotated.slice(0, surplus)) await rm(join(directory, name));
  for (const name of rotated.slice(surplus)) {
    if (!name.endsWith(".gz")) await compress(join(directory, name));
  }
  const current = join(directory, file);
  const target = await freeName(directory, file, nowMs);
  await rename(current, target);
  try {
    await reopen();
  } catch (thrown) {
    await rename(target, current);
    throw thrown;
  }
  return target;
}

async function compress(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary));
  await rename(temporary, `${path}.gz`);
  await rm(path);
}

/** `<file>.YYYYMMDD-HHMMSS`; a later second where two rotations fall into one. */
async function freeName(directory: string, file: string, nowMs: number): Promise<string> {
  for (let atMs = nowMs;; atMs += 1000) {
    const iso = new Date(atMs).toISOString();
    const stamp = `${iso.slice(0, 10).replaceAll("-", "")}-${
      iso.slice(11, 19).replaceAll(":", "")
    }`;
    const path = join(directory, `${file}.${stamp}`);
    const taken = await Promise.all(
      [path, `${path}.gz`].map((one) => stat(one).then(() => true, () => false)),
    );
    if (!taken.includes(true)) return path;
  }
}

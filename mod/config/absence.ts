/** Why a file that gave pods is not read now: taken away, or only out of sight. */
import { dirname } from "node:path";
import type { ConfigFs } from "./files.ts";
import { errorCode } from "./files.ts";

/** A directory as it was when files of it last gave pods. */
export interface KnownDirectory {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/** The sources of the pods that are served. */
export interface KnownSources {
  readonly files: readonly string[];
  readonly directories: readonly KnownDirectory[];
  /** The files in which the reload before found an error; default: none. */
  readonly wrong?: readonly string[];
}

/** A file that gave pods and was not read. */
export interface AbsentFile {
  readonly path: string;
  /** Why it may be there after all; undefined if it was removed from an unchanged directory. */
  readonly doubt?: string;
  /** For how long its directory must not change before its absence counts, in milliseconds. */
  readonly restMs: number;
}

/** What `findAbsent` needs besides the files. */
export interface AbsenceDeps {
  readonly fs: Pick<ConfigFs, "stat" | "isThere">;
  /** For how much longer something that changed then must not change. */
  readonly restMs: (mtimeMs: number, path: string) => number;
}

/**
 * Looks for the known files that were not read. A file counts as taken away only
 * where its directory is there, is the one that it was, and has been at rest.
 *
 * @param read the files that were read or that failed
 */
export async function findAbsent(
  known: KnownSources,
  read: ReadonlySet<string>,
  deps: AbsenceDeps,
): Promise<readonly AbsentFile[]> {
  const absent: AbsentFile[] = [];
  const byDirectory = Map.groupBy(known.files, (file) => dirname(file));
  for (const [directory, files] of byDirectory) {
    const missing = files.filter((file) => !read.has(file));
    if (missing.length === 0) continue;
    const before = known.directories.find(({ path }) => path === directory);
    const isRelease = 2 * missing.length <= files.length;
    const looked = await lookAt(directory, before, isRelease, deps);
    for (const path of missing) {
      const doubt = looked.doubt ?? await doubtOf(path, deps.fs);
      absent.push({
        path,
        ...(doubt === undefined ? {} : { doubt }),
        restMs: looked.restMs,
      });
    }
  }
  return absent;
}

async function lookAt(
  directory: string,
  before: KnownDirectory | undefined,
  isRelease: boolean,
  { fs, restMs }: AbsenceDeps,
): Promise<{ readonly doubt?: string; readonly restMs: number }> {
  const doubt = (text: string) => ({ doubt: `its directory "${directory}" ${text}`, restMs: 0 });
  try {
    const facts = await fs.stat(directory);
    if (facts.kind !== "directory") return doubt("is no directory now");
    if (before !== undefined && before.device !== facts.device) {
      return doubt("is on another device than before: a mount came or went");
    }
    // Releases are switched by a link: then most files are there again, under the same names.
    if (before !== undefined && before.inode !== facts.inode && !isRelease) {
      return doubt("is another one than before, without most of the files that gave pods");
    }
    return { restMs: restMs(facts.mtimeMs, directory) };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR") return doubt("has a part in its path that is no directory");
    if (code !== "ENOENT") return doubt(`cannot be read (${code ?? error})`);
    const dangling = await fs.isThere(directory).catch(() => true);
    return doubt(dangling ? "is a link that leads nowhere" : "is gone");
  }
}

async function doubtOf(path: string, fs: AbsenceDeps["fs"]): Promise<string | undefined> {
  try {
    if (!await fs.isThere(path)) return undefined;
    return `its file "${path}" is still there, but is not read any more`;
  } catch (error) {
    return `its file "${path}" cannot be looked for (${errorCode(error) ?? error})`;
  }
}

/** The revisions of a node on disk: `<number>.json` each, and file contents by their SHA-256. */
import { mkdir, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errorText, PodsteadError } from "../../core/mod.ts";
import {
  MAX_OWN_BYTES,
  putAside,
  readRegularFile,
  readRegularText,
  writeFileAtomic,
} from "../../os/mod.ts";
import { decodeRevision, encodeRevision, type Revision, sha256Of } from "./record.ts";

/** How many revisions are kept, unless the config says otherwise. */
export const DEFAULT_KEPT_REVISIONS = 50;

/** What to do about a damaged revision. */
const OTHERS =
  'Go back to another one, see "podstead history", or bring the file back from a backup';

/** A revision to keep, with the content of its files by their SHA-256. */
export interface NewRevision {
  readonly revision: Revision;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/**
 * Keeps revisions below one directory, readable by root alone: files may hold
 * secrets. Contents that revisions share are kept once.
 */
export class RevisionStore {
  readonly #directory: string;

  /** @param directory such as `/var/lib/podstead/revisions`; made with the first revision */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Keeps a revision; one with the same number is replaced. Contents are on disk
   * before the revision that names them.
   *
   * @throws {PodsteadError} if it cannot be written
   */
  async save({ revision, contents }: NewRevision): Promise<void> {
    try {
      for (const path of [this.#directory, this.#contents]) await putNonDirectoryAside(path);
      await mkdir(this.#contents, { recursive: true, mode: 0o700 });
      const known = new Set(await readdir(this.#contents));
      for (const { sha256 } of revision.files) {
        const data = contents.get(sha256);
        if (known.has(sha256) || data === undefined) continue;
        await writeFileAtomic(join(this.#contents, sha256), data, 0o600);
        known.add(sha256);
      }
      await writeFileAtomic(this.#fileOf(revision.number), encodeRevision(revision), 0o600);
    } catch (error) {
      throw new PodsteadError(
        "failed",
        `Cannot keep revision ${revision.number} in "${this.#directory}": ${errorText(error)}`,
        { cause: error, hint: "Check free space and permissions of the state directory" },
      );
    }
  }

  /** The numbers of the revisions that are kept, oldest first; empty when there are none. */
  async numbers(): Promise<readonly number[]> {
    const names = await readdir(this.#directory).catch(missingIsEmpty);
    return names.flatMap((name) => {
      const [, number] = /^(\d+)\.json$/.exec(name) ?? [];
      return number === undefined ? [] : [Number(number)];
    }).sort((a, b) => a - b);
  }

  /** Every revision that can be read, oldest first. */
  async list(): Promise<readonly Revision[]> {
    const found: Revision[] = [];
    for (const number of await this.numbers()) {
      const revision = await this.read(number).catch(() => undefined); // named by `read` itself
      if (revision !== undefined) found.push(revision);
    }
    return found;
  }

  /** @throws {PodsteadError} if there is no such revision, or it is damaged */
  async read(number: number): Promise<Revision> {
    const path = this.#fileOf(number);
    let text: string;
    try {
      text = await readRegularText(path, MAX_OWN_BYTES);
    } catch (error) {
      const numbers = await this.numbers();
      const range = numbers.length === 0 ? "none is kept" : `kept are ${describe(numbers)}`;
      throw new PodsteadError("not-found", `There is no revision ${number}; ${range}`, {
        cause: error,
        hint: 'List them: "podstead history"',
      });
    }
    const revision = decodeRevision(text, path);
    if (revision.number === number) return revision;
    throw new PodsteadError("failed", `The revision "${path}" says that it is another one`, {
      hint: OTHERS,
    });
  }

  /** When a revision's file was written, as ISO 8601: all that is known of a damaged one. */
  async writtenAt(number: number): Promise<string> {
    return (await stat(this.#fileOf(number))).mtime.toISOString();
  }

  /**
   * The content of one file of a revision.
   *
   * @throws {PodsteadError} if it is missing, or is not what the revision kept
   */
  async content(sha256: string): Promise<Uint8Array> {
    const path = join(this.#contents, sha256);
    let data: Uint8Array;
    try {
      data = (await readRegularFile(path, MAX_OWN_BYTES)).bytes;
    } catch (error) {
      throw new PodsteadError(
        "failed",
        `Cannot read the kept file "${path}": ${errorText(error)}`,
        { cause: error, hint: OTHERS },
      );
    }
    if (sha256Of(data) === sha256) return data;
    throw new PodsteadError("failed", `The kept file "${path}" is damaged: its checksum differs`, {
      hint: OTHERS,
    });
  }

  /**
   * Deletes the oldest revisions beyond `keep`, never a protected one, then
   * every content that no revision names.
   */
  async prune(keep: number, protectedNumbers: ReadonlySet<number>): Promise<void> {
    const numbers = await this.numbers();
    const surplus = numbers.slice(0, Math.max(0, numbers.length - keep))
      .filter((number) => !protectedNumbers.has(number));
    for (const number of surplus) await unlink(this.#fileOf(number)).catch(ignoreMissing);
    const names = await readdir(this.#contents).catch(missingIsEmpty);
    const left = await this.numbers();
    const revisions = await this.list();
    // What a damaged revision names is not known: its contents are left alone.
    if (revisions.length < left.length) return;
    const named = new Set(revisions.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    for (const name of names.filter((one) => !named.has(one))) {
      await unlink(join(this.#contents, name)).catch(ignoreMissing);
    }
  }

  get #contents(): string {
    return join(this.#directory, "contents");
  }

  #fileOf(number: number): string {
    return join(this.#directory, `${number}.json`);
  }
}

function describe(numbers: readonly number[]): string {
  const [first, last] = [numbers[0], numbers.at(-1)];
  return first === last ? `only ${first}` : `${first} to ${last}`;
}

/** What is no directory, such as a link to nowhere, was not made by podstead: it is renamed. */
async function putNonDirectoryAside(path: string): Promise<void> {
  const isDirectory = await stat(path).then((found) => found.isDirectory(), () => false);
  if (!isDirectory) await putAside(path).catch(ignoreMissing);
}

function missingIsEmpty(error: NodeJS.ErrnoException): string[] {
  // What is no directory is put aside by the next `save`.
  if (["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code ?? "")) return [];
  throw error;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

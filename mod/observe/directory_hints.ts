/** Says that something has happened in one of several directories, where the system can tell. */
import { type FSWatcher, statSync, watch } from "node:fs";

interface Watched {
  readonly watcher: FSWatcher;
  /** Device and inode: a directory of the same name may be another one by now. */
  readonly identity: string;
}

/** Watches directories; one owner, who closes it. */
export class DirectoryHints {
  readonly #onHint: (name: string | undefined) => void;
  readonly #watched = new Map<string, Watched>();

  /** @param onHint called with the file's name, if the system gives one */
  constructor(onHint: (name: string | undefined) => void) {
    this.#onHint = onHint;
  }

  /**
   * Watches these directories and no other.
   *
   * @returns whether each is watched; false for one that does not exist, and
   * where the machine has no watches left
   */
  follow(directories: readonly string[]): readonly boolean[] {
    for (const [directory, { watcher }] of this.#watched) {
      if (directories.includes(directory)) continue;
      watcher.close();
      this.#watched.delete(directory);
    }
    return directories.map((directory) => this.#follow(directory));
  }

  close(): void {
    this.follow([]);
  }

  #follow(directory: string): boolean {
    const identity = identityOf(directory);
    const known = this.#watched.get(directory);
    if (known !== undefined && known.identity === identity) return true;
    known?.watcher.close();
    this.#watched.delete(directory);
    if (identity === undefined) return false;
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        this.#onHint(name ?? undefined);
      });
      watcher.on("error", () => {
        watcher.close();
        if (this.#watched.get(directory)?.watcher === watcher) this.#watched.delete(directory);
        this.#onHint(undefined);
      });
      this.#watched.set(directory, { watcher, identity });
      return true;
    } catch {
      return false; // no watches left on this machine: the caller looks more often then
    }
  }
}

function identityOf(directory: string): string | undefined {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

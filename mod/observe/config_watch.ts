/** Notices that a file of the config was changed, so that a forgotten reload is seen. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../core/mod.ts";

/** What is watched. */
export interface ConfigWatchDeps {
  readonly clock: Clock;
  /** The config file, and the directories of its drop-ins. */
  readonly paths: () => { readonly file: string; readonly directories: readonly string[] };
  /** When a reload last began, in Unix milliseconds; NaN for never. */
  readonly lastReadMs: () => number;
  /** Told of each changed, new or removed file that no reload has read. */
  readonly onChange: (file: string) => void;
}

/**
 * How often the files are looked at, in milliseconds. Notifications of the file
 * system miss directories that do not exist yet and files that are replaced by
 * renaming; to ask for the facts of thirty files takes a millisecond.
 */
const INTERVAL_MS = 2_000;

const DROP_IN = /\.(ya?ml|json)$/;

/** Looks until `signal` aborts. */
export async function watchConfig(deps: ConfigWatchDeps, signal: AbortSignal): Promise<void> {
  const { clock, paths, lastReadMs, onChange } = deps;
  let before = await factsOf(paths());
  while (!signal.aborted) {
    await clock.sleep(INTERVAL_MS, signal).catch(() => undefined); // the loop sees it
    if (signal.aborted) return;
    const lookedMs = clock.now();
    const now = await factsOf(paths());
    const touched = new Set([...before.keys(), ...now.keys()]);
    for (const file of touched) {
      if (before.get(file)?.text === now.get(file)?.text) continue;
      const changedMs = now.get(file)?.changedMs ?? lookedMs - INTERVAL_MS;
      if (!(changedMs <= lastReadMs())) onChange(file);
    }
    before = now;
  }
}

interface FileFacts {
  readonly text: string;
  readonly changedMs: number;
}

async function factsOf(
  { file, directories }: ReturnType<ConfigWatchDeps["paths"]>,
): Promise<ReadonlyMap<string, FileFacts>> {
  const dropIns = await Promise.all(directories.map(async (directory) => {
    const names = await readdir(directory).catch(() => []); // one that is not there has no files
    return names.filter((name) => DROP_IN.test(name)).map((name) => join(directory, name));
  }));
  const facts = new Map<string, FileFacts>();
  await Promise.all([file, ...dropIns.flat()].map(async (path) => {
    const found = await stat(path).catch(() => undefined); // one that is gone has no facts
    if (found === undefined) return;
    const { mtimeMs, ctimeMs, size, ino } = found;
    facts.set(path, { text: `${mtimeMs} ${size} ${ino}`, changedMs: Math.max(mtimeMs, ctimeMs) });
  }));
  return facts;
}

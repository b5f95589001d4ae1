/** Notices that a file of the config was changed, so that a forgotten reload is seen. */
import type { Stats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../core/mod.ts";
import type { BoundedFiles } from "../os/mod.ts";
import { DirectoryHints } from "./directory_hints.ts";

/** What is watched. */
export interface ConfigWatchDeps {
  readonly clock: Clock;
  readonly files: Pick<BoundedFiles, "readdir" | "stat" | "mayHang">;
  /** The config file, and the directories of its drop-ins. */
  readonly paths: () => { readonly file: string; readonly directories: readonly string[] };
  /** When a reload last began, in Unix milliseconds; NaN for never. */
  readonly lastReadMs: () => number;
  /** Called for each changed, new or removed file that no reload has read. */
  readonly onChange: (file: string) => void;
}

/**
 * How often the files are looked at if the system reports no changes, in
 * milliseconds: a directory that is not there yet, a machine without watches.
 */
const BLIND_MS = 2_000;

/**
 * How often they are looked at otherwise, in milliseconds: no notification comes
 * of what another machine writes on a shared file system.
 */
const NET_MS = 30_000;

/** Changes come in bursts (an editor writes, renames, removes): one look is for all of them. */
const GATHER_MS = 200;

const DROP_IN = /\.(ya?ml|json)$/;

/** Looks when something has changed, until `signal` aborts. */
export async function watchConfig(deps: ConfigWatchDeps, signal: AbortSignal): Promise<void> {
  const { clock, files, paths, lastReadMs, onChange } = deps;
  let wake: () => void = () => undefined;
  let isHinted = false;
  let watched = paths();
  const hints = new DirectoryHints((name) => {
    const { file, directories } = watched;
    const others = name !== undefined && !DROP_IN.test(name) && name !== basename(file) &&
      !directories.some((directory) => basename(directory) === name);
    if (others) return;
    isHinted = true;
    wake();
  });
  const sleep = (ms: number, until: AbortSignal) => clock.sleep(ms, until).catch(() => undefined); // woken, or the end: the loop sees it
  let before = await factsOf(watched, files);
  // What changes between a look and the watch is found by the look after it.
  isHinted = true;
  while (!signal.aborted) {
    watched = paths();
    const isSighted = follow(hints, watched, before, files);
    const woken = new AbortController();
    wake = () => woken.abort();
    if (!isHinted) {
      await sleep(isSighted ? NET_MS : BLIND_MS, AbortSignal.any([signal, woken.signal]));
    }
    if (isHinted) await sleep(GATHER_MS, signal);
    if (signal.aborted) break;
    isHinted = false;
    const lookedMs = clock.now();
    watched = paths();
    const now = await factsOf(watched, files);
    const touched = new Set([...before.keys(), ...now.keys()]);
    for (const file of touched) {
      if (before.get(file)?.text === now.get(file)?.text) continue;
      const changedMs = now.get(file)?.changedMs ?? lookedMs - GATHER_MS;
      if (!(changedMs <= lastReadMs())) onChange(file);
    }
    before = now;
  }
  hints.close();
}

/**
 * Watches where the files are, and where links among them lead to; nothing on a file system that
 * may hang, since beginning a watch would hang too.
 *
 * @returns false if a change could come without a hint
 */
function follow(
  hints: DirectoryHints,
  { file, directories }: ReturnType<ConfigWatchDeps["paths"]>,
  found: ReadonlyMap<string, FileFacts>,
  files: Pick<BoundedFiles, "mayHang">,
): boolean {
  const linked = [...found.values()].flatMap(({ target }) => target ? dirname(target) : []);
  const all = [...new Set([dirname(file), ...directories, ...linked])]
    .filter((directory) => !files.mayHang(directory));
  const watched = new Map(hints.follow(all).map((is, index) => [all[index], is]));
  // The creation of a directory is seen in the one above it.
  return all.every((directory) => watched.get(directory) || watched.get(dirname(directory)));
}

interface FileFacts {
  readonly text: string;
  readonly changedMs: number;
  /** Where a link leads to; undefined for a file itself. */
  readonly target: string | undefined;
}

/** How many files are looked at at once: there may be thousands, and a poll must not wait. */
const AT_ONCE = 64;

async function factsOf(
  { file, directories }: ReturnType<ConfigWatchDeps["paths"]>,
  files: ConfigWatchDeps["files"],
): Promise<ReadonlyMap<string, FileFacts>> {
  const dropIns = await Promise.all(directories.map(async (directory) => {
    const names = await files.readdir(directory).catch(() => []); // one that is not there has no files
    return names.filter((name) => DROP_IN.test(name)).map((name) => join(directory, name));
  }));
  const paths = [file, ...dropIns.flat()];
  const facts = new Map<string, FileFacts>();
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    await Promise.all(
      paths.slice(at, at + AT_ONCE).map(async (path) => {
        const found = await look(path, files).catch(() => undefined); // one that is gone has no facts
        if (found !== undefined) facts.set(path, found);
      }),
    );
  }
  return facts;
}

async function look(path: string, files: ConfigWatchDeps["files"]): Promise<FileFacts> {
  if (files.mayHang(path)) {
    const { mtimeMs, ctimeMs, sizeBytes, inode } = await files.stat(path);
    return { ...factsIn({ mtimeMs, ctimeMs, size: sizeBytes, ino: inode }), target: undefined };
  }
  const own = await lstat(path);
  if (!own.isSymbolicLink()) return { ...factsIn(own), target: undefined };
  return { ...factsIn(await stat(path)), target: await realpath(path) };
}

function factsIn(
  { mtimeMs, ctimeMs, size, ino }: Pick<Stats, "mtimeMs" | "ctimeMs" | "size" | "ino">,
): Pick<FileFacts, "text" | "changedMs"> {
  return { text: `${mtimeMs} ${size} ${ino}`, changedMs: Math.max(mtimeMs, ctimeMs) };
}

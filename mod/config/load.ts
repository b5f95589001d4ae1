import { basename, dirname } from "node:path";
import type { PlaceOf } from "../controlplane/mod.ts";
import { Breath, type Clock, type Problem, systemClock } from "../core/mod.ts";
import type { ObjectEntry, PodEntry, PodListName } from "../pods/mod.ts";
import { type AbsentFile, findAbsent, type KnownSources } from "./absence.ts";
import type { FileRole } from "./documents.ts";
import { patientFs } from "./files.ts";
import type { ConfigFs } from "./files.ts";
import { type ConfigDirectory, findIncluded } from "./include.ts";
import { includeProblems } from "./include_problems.ts";
import { fleetFile } from "./drop_in_directory.ts";
import { fleetProblems } from "./fleet_problems.ts";
import { joinIgnored } from "./join_ignored.ts";
import { localWins } from "./local_wins.ts";
import { writableProblem } from "./permissions.ts";
import { firstOfEachKind, repeatedDocuments } from "./placed_documents.ts";
import type { StopEntry } from "./stopped_pods.ts";
import { defaultSettings, emptyNodeConfig, toSettings } from "./settings.ts";
import type { HostFacts, Settings } from "./settings.ts";
import { substituteFiles } from "./substitute/substitute_files.ts";
import type { ValueSources } from "./substitute/values.ts";
import { type LoadedFile, SourceMemory } from "./source_memory.ts";

/**
 * Gets what was read of files that were written a moment ago, while they are given the time to come
 * to rest. They may yet change, and then are read again: nothing may be applied from it.
 *
 * @param changed aborts when they have changed
 */
export type WhileSettling = (read: LoadedConfig, changed: AbortSignal) => Promise<void>;

/** What loading a config needs besides its path. */
export interface LoadDeps extends HostFacts {
  /** Default: the file system of this machine. */
  readonly fs?: ConfigFs;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** What earlier loads read; default: nothing. */
  readonly memory?: SourceMemory;
  /** Gives the environment that `${env.NAME}` is taken from; default: an empty one. */
  readonly env?: ValueSources["env"];
  /** The sources of the pods that are served; default: none. */
  readonly known?: KnownSources;
  /** Has the time in which files come to rest; default: nothing is done meanwhile. */
  readonly whileSettling?: WhileSettling;
}

/** One file of a config. */
export interface ConfigFile {
  /** As it appears in problems and in `PodEntry.source.file`. */
  readonly path: string;
  /** Of its bytes, in hex; null if it could not be read. */
  readonly sha256: string | null;
  /**
   * - `failed`: it has an error, so it is not certain which pods it declares
   * - `empty`: it has no document at all
   * - `ignored`: it has only documents of Talos that podstead ignores
   */
  readonly state: "ok" | "empty" | "ignored" | "failed";
  /** The text of one with an error; null if it could not be read or is long; absent for any other. */
  readonly brokenText?: string | null;
  /** Whether the reload before found an error in it. */
  readonly hadErrors?: boolean;
  /** The pods that could be read from it, also where it failed. */
  readonly entries: readonly PodEntry[];
  /** Lists of pods that are absent, or null. */
  readonly missingLists: ReadonlySet<PodListName>;
  /** Unix milliseconds; null if it could not be read. */
  readonly mtimeMs: number | null;
  /** For how long it must not change before what it lacks counts as taken out, in milliseconds. */
  readonly restMs: number;
}

/** A config with everything that it includes. */
export interface LoadedConfig {
  /** The main file, as it was named. */
  readonly path: string;
  /**
   * Undefined if the config cannot be used as a whole: the node config is
   * missing, unreadable or has an error.
   */
  readonly settings: Settings | undefined;
  /**
   * The pods of all files whose text is complete, also next to a document that is
   * refused: the main file first, then by path; not yet judged.
   */
  readonly entries: readonly PodEntry[];
  /** The ConfigMaps and Secrets of the same files, not yet judged. */
  readonly objects: readonly ObjectEntry[];
  /** The pods that the same files stop. */
  readonly stops: readonly StopEntry[];
  /** Everything that is wrong or noteworthy in all files, in their order. */
  readonly problems: readonly Problem[];
  /** Where the settings of the control plane stand, in whichever file. */
  readonly placeOf: PlaceOf;
  /** The main file first, then the included ones, sorted by path. */
  readonly files: readonly ConfigFile[];
  /** Those in which `agent.include` looks for files. */
  readonly directories: readonly ConfigDirectory[];
  /** The known files that were not read. */
  readonly absent: readonly AbsentFile[];
  /** Whether the main file has a node config with `cluster`. */
  readonly hasCluster: boolean;
}

/** How often a config that changes while it is read is read again. */
const MAX_ROUNDS = 5;

/**
 * Reads a config file and everything that it includes. Never throws for what is
 * in the files or for files that cannot be read: all of it is in `problems`.
 */
export async function loadConfig(path: string, deps: LoadDeps): Promise<LoadedConfig> {
  const { fs = patientFs(), clock = systemClock } = deps;
  const memory = deps.memory ?? new SourceMemory(clock);
  for (let round = 1;; round++) {
    const read = await readAll(path, deps, fs, memory);
    // Half a config may be a whole one: what was written just now is looked at once more.
    const meanwhile = async (changed: AbortSignal) =>
      await deps.whileSettling?.(await assemble(path, read, deps, fs, memory), changed);
    if (round >= MAX_ROUNDS || await memory.isSettled(read.loaded, fs, meanwhile)) {
      return await assemble(path, read, deps, fs, memory);
    }
  }
}

/** How many files are read at once. */
const BATCH = 32;

/** Reads files, with room for other things in between. */
async function inBatches(
  files: readonly string[],
  read: (file: string) => Promise<LoadedFile>,
): Promise<readonly LoadedFile[]> {
  const breath = new Breath();
  const loaded: LoadedFile[] = [];
  for (let at = 0; at < files.length; at += BATCH) {
    loaded.push(...await Promise.all(files.slice(at, at + BATCH).map(read)));
    if (breath.isDue) await breath.take();
  }
  return loaded;
}

interface ReadFiles {
  /** The main file first. */
  readonly loaded: readonly LoadedFile[];
  readonly directories: readonly ConfigDirectory[];
}

async function readAll(
  path: string,
  deps: LoadDeps,
  fs: ConfigFs,
  memory: SourceMemory,
): Promise<ReadFiles> {
  const main = await memory.load(path, "main", fs);
  // With a broken main file the usual drop-ins are still read, so that
  // one run reports everything.
  const include = nodeConfigOf(main)?.agent.include ?? defaultSettings(deps).include;
  const { files, directories } = await findIncluded(path, include, fs);
  const loaded = [main];
  const role: FileRole = "include";
  for (const one of await inBatches(files, (file) => memory.load(file, role, fs))) {
    // A wildcard's file that vanished since was removed; a name is a promise, and so is
    // a symbolic link that leads nowhere for now.
    const isPromised = include.some((pattern) => one.path.endsWith(pattern));
    if (one.gone && !isPromised && !await isListed(one.path, fs)) continue;
    loaded.push(one);
  }
  return { loaded, directories };
}

async function assemble(
  path: string,
  { loaded: read, directories }: ReadFiles,
  deps: LoadDeps,
  fs: ConfigFs,
  memory: SourceMemory,
): Promise<LoadedConfig> {
  // Each of these steps takes its time with thousands of files.
  const breath = new Breath(deps.clock);
  const main = read[0];
  const nodeConfig = main === undefined ? undefined : nodeConfigOf(main);
  const documents = read.flatMap((one) => one.parsed?.controlPlaneDocuments ?? []);
  const settings = nodeConfig && toSettings(nodeConfig, firstOfEachKind(documents), deps);
  const loaded = settings?.substitute
    ? await substituteFiles(read, { ...settings, env: deps.env ?? (() => ({})), fs })
    : read;
  const repeated = repeatedDocuments(documents);
  const failedByRepetition = new Set(repeated.map((problem) => problem.file));
  const wrongBefore = new Set(deps.known?.wrong);
  const files = loaded.map((one): ConfigFile => ({
    path: one.path,
    sha256: one.sha256,
    state: one.failed || failedByRepetition.has(one.path)
      ? "failed"
      : one.parsed?.isEmpty
      ? "empty"
      : one.parsed?.isIgnored
      ? "ignored"
      : "ok",
    ...(one.failed ? { brokenText: one.parsed?.brokenText ?? null } : {}),
    hadErrors: wrongBefore.has(one.path),
    entries: one.parsed?.entries ?? [],
    missingLists: one.parsed?.missingLists ?? new Set(),
    mtimeMs: one.facts?.mtimeMs ?? null,
    restMs: one.facts === undefined ? 0 : memory.restMs(one.path, one.facts),
  }));
  if (breath.isDue) await breath.take();
  const absent = await findAbsent(
    deps.known ?? { files: [], directories: [] },
    new Set(files.map((file) => file.path)),
    { fs, restMs: (mtimeMs, directory) => memory.restMs(directory, { mtimeMs }) },
  );
  if (breath.isDue) await breath.take();
  const { entries, problems: conflicts } = localWins(
    loaded.flatMap(({ parsed }) => parsed?.complete ? parsed.entries : []),
    settings?.fleet ? fleetFile(path, settings.include, settings.fleet.name) : undefined,
  );
  if (breath.isDue) await breath.take();
  return {
    path,
    settings,
    entries,
    objects: loaded.flatMap(({ parsed }) => parsed?.complete ? parsed.objects : []),
    stops: loaded.flatMap(({ parsed }) => parsed?.complete ? parsed.stops : []),
    problems: joinIgnored([
      ...loaded.flatMap((one) => one.problems),
      ...await includeProblems(directories, fs),
      ...writable(loaded, directories),
      ...repeated,
      ...conflicts,
      ...(settings === undefined
        ? []
        : fleetProblems(path, settings, (at) => main?.parsed?.placeOf(at))),
    ]),
    placeOf: (kind, at) =>
      kind === "node"
        ? main?.parsed?.placeOf(at)
        : documents.find(({ document }) => document.kind === kind)?.placeOf(at),
    files,
    directories,
    absent,
    hasCluster: nodeConfig?.cluster !== undefined,
  };
}

/** Warnings of what other users may write. */
function writable(
  loaded: readonly LoadedFile[],
  directories: readonly ConfigDirectory[],
): readonly Problem[] {
  const of = (what: string, { path, facts }: Pick<ConfigDirectory, "path" | "facts">) =>
    facts && writableProblem(what, path, facts);
  return [
    ...loaded.map(({ path, facts }, at) =>
      of(at === 0 ? "The config" : "The drop-in", facts === undefined ? { path } : { path, facts })
    ),
    ...directories.map((directory) => of("The directory of drop-ins", directory)),
  ].filter((problem) => problem !== undefined);
}

/** Whether a file that could not be found is in its directory after all. */
async function isListed(file: string, fs: ConfigFs): Promise<boolean> {
  try {
    return (await fs.readdir(dirname(file))).includes(basename(file));
  } catch {
    return false; // the directory has gone with it
  }
}

/** The node config of a main file that says all that an agent must know; undefined for any other. */
function nodeConfigOf({ parsed }: LoadedFile) {
  if (!parsed?.complete) return undefined;
  if (parsed.hasNodeConfig) return parsed.nodeConfig;
  const good = parsed.problems.every((problem) => problem.severity !== "error");
  return good ? emptyNodeConfig() : undefined;
}

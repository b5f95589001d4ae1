import { basename, dirname } from "node:path";
import type { Problem } from "../core/mod.ts";
import type { PlaceOf } from "../controlplane/mod.ts";
import type { PodEntry } from "../pods/mod.ts";
import { parseConfigText } from "./documents.ts";
import type { FileRole, ParsedFile, PlacedDocument } from "./documents.ts";
import { nodeFs, readConfigFile } from "./files.ts";
import type { ConfigFs } from "./files.ts";
import { findIncluded } from "./include.ts";
import { joinIgnored } from "./join_ignored.ts";
import { defaultSettings, emptyNodeConfig, toSettings } from "./settings.ts";
import type { HostFacts, Settings } from "./settings.ts";

/** What loading a config needs besides its path. */
export interface LoadDeps extends HostFacts {
  /** Without it: the file system of this machine. */
  readonly fs?: ConfigFs;
  /** How to wait before a file that is being written is read again; for tests. */
  readonly wait?: (delayMs: number) => Promise<unknown>;
}

/** One file of a config. */
export interface ConfigFile {
  /** As it appears in problems and in `PodEntry.source.file`. */
  readonly path: string;
  /** Of its bytes, in hex; null where it could not be read. */
  readonly sha256: string | null;
  /**
   * `failed`: it has an error, so it does not say for sure which pods it wants
   * to have; whoever serves pods keeps those that it had before.
   */
  readonly state: "ok" | "failed";
  /** The pods that could be read from it, also where it failed. */
  readonly entries: readonly PodEntry[];
}

/** A config with everything that it includes. */
export interface LoadedConfig {
  /** The main file, as it was named. */
  readonly path: string;
  /**
   * Undefined where the config cannot be used as a whole: the node config is
   * missing, unreadable or has an error, or an include directory cannot be listed.
   */
  readonly settings: Settings | undefined;
  /**
   * The pods of all files whose text is whole, also beside a document that is
   * refused: the main file first, then by path; not yet judged.
   */
  readonly entries: readonly PodEntry[];
  /** Everything that is wrong or noteworthy in all files, in their order. */
  readonly problems: readonly Problem[];
  /** Where the settings of the control plane stand, in whichever file. */
  readonly placeOf: PlaceOf;
  /** The main file first, then the included ones, sorted by path. */
  readonly files: readonly ConfigFile[];
}

/**
 * Reads a config file and everything that it includes. Never throws for what is
 * in the files or for files that cannot be read: all of it is in `problems`.
 */
export async function loadConfig(path: string, deps: LoadDeps): Promise<LoadedConfig> {
  const fs = deps.fs ?? nodeFs;
  const main = await loadFile(path, "main", fs, deps);
  const mainParsed = main.parsed;
  const usable = mainParsed !== undefined && isUsable(mainParsed);
  const nodeConfig = usable ? mainParsed.nodeConfig : undefined;
  // With a broken main file the usual drop-ins are read all the same, so that
  // one run reports everything.
  const include = nodeConfig?.agent.include ?? defaultSettings(deps).include;
  const included = await findIncluded(path, include, fs);

  const loaded = [main];
  for (const file of included.files) {
    const one = await loadFile(file, "include", fs, deps);
    // A wildcard's file that vanished since was removed; a name is a promise, and so is
    // a symbolic link that leads nowhere for now.
    const isPromised = include.some((pattern) => file.endsWith(pattern));
    if (one.gone && !isPromised && !await isListed(file, fs)) continue;
    loaded.push(one);
  }

  const documents = loaded.flatMap((one) => one.parsed?.controlPlaneDocuments ?? []);
  const repeated = repeatedDocuments(documents);
  const failedByRepetition = new Set(repeated.map((problem) => problem.file));
  const files = loaded.map((one): ConfigFile => ({
    path: one.path,
    sha256: one.sha256,
    state: one.failed || failedByRepetition.has(one.path) ? "failed" : "ok",
    entries: one.parsed?.entries ?? [],
  }));
  const problems = joinIgnored([
    ...loaded.flatMap((one) => one.problems),
    ...included.problems,
    ...repeated,
  ]);
  const config = usable ? nodeConfig ?? emptyNodeConfig() : undefined;
  const settings = config === undefined || included.problems.length > 0
    ? undefined
    : toSettings(config, firstOfEachKind(documents), deps);
  return {
    path,
    settings,
    entries: loaded.flatMap(({ parsed }) => parsed?.complete ? parsed.entries : []),
    problems,
    placeOf: (kind, at) =>
      kind === "node"
        ? mainParsed?.placeOf(at)
        : documents.find(({ document }) => document.kind === kind)?.placeOf(at),
    files,
  };
}

/** Whether a file that could not be found is in its directory all the same. */
async function isListed(file: string, fs: ConfigFs): Promise<boolean> {
  try {
    return (await fs.readdir(dirname(file))).includes(basename(file));
  } catch {
    return false; // the directory has gone with it
  }
}

interface LoadedFile {
  readonly path: string;
  readonly sha256: string | null;
  readonly failed: boolean;
  readonly gone: boolean;
  readonly parsed: ParsedFile | undefined;
  readonly problems: readonly Problem[];
}

async function loadFile(
  path: string,
  role: FileRole,
  fs: ConfigFs,
  deps: LoadDeps,
): Promise<LoadedFile> {
  const read = await readConfigFile(path, fs, deps.wait);
  if (!read.ok) {
    return {
      path,
      sha256: read.sha256,
      failed: true,
      gone: read.gone,
      parsed: undefined,
      problems: [read.problem],
    };
  }
  const parsed = parseConfigText(read.text, path, role);
  return {
    path,
    sha256: read.sha256,
    failed: parsed.problems.some((problem) => problem.severity === "error"),
    gone: false,
    parsed,
    problems: parsed.problems,
  };
}

/** Whether the main file says all that an agent must know. */
function isUsable(main: ParsedFile): boolean {
  if (!main.complete) return false;
  if (main.hasNodeConfig) return main.nodeConfig !== undefined;
  return main.problems.every((problem) => problem.severity !== "error");
}

function firstOfEachKind(
  documents: readonly PlacedDocument[],
): readonly PlacedDocument["document"][] {
  const byKind = new Map<string, PlacedDocument["document"]>();
  for (const { document } of documents) {
    if (!byKind.has(document.kind)) byKind.set(document.kind, document);
  }
  return [...byKind.values()];
}

function repeatedDocuments(documents: readonly PlacedDocument[]): readonly Problem[] {
  const first = new Map<string, PlacedDocument>();
  const problems: Problem[] = [];
  for (const placed of documents) {
    const earlier = first.get(placed.document.kind);
    if (earlier === undefined) {
      first.set(placed.document.kind, placed);
      continue;
    }
    problems.push({
      severity: "error",
      code: "duplicate-document",
      file: placed.file,
      position: placed.position,
      sourceLine: placed.sourceLine,
      path: [],
      message: `A second document of kind ${placed.document.kind}`,
      wanted: "one of each kind",
      hint: "Join the two",
      related: { file: earlier.file, position: earlier.position },
    });
  }
  return problems;
}

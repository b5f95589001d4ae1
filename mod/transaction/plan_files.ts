/** The files after a change, read and judged before any of them is written. */
import { type FileEdit, type Operation, planEdits, sha256Of } from "../change/mod.ts";
import { type ConfigFs, dropInDirectory, type LoadedConfig } from "../config/mod.ts";
import { PodsteadError } from "../core/mod.ts";
import type { FileWrite } from "./file_writer.ts";
import { overlay } from "./overlay.ts";
import {
  objectsIn,
  podsIn,
  readSources,
  type SourceFile,
  stopDocument,
  stopsIn,
} from "./sources.ts";

/** What planning needs of the node. */
export interface PlanFilesDeps {
  readonly fs: ConfigFs;
  /** Reads the config on a file system, as a reload does. */
  readonly load: (fs: ConfigFs) => Promise<LoadedConfig>;
  /** The patterns of drop-ins, see `agent.include`. */
  readonly include: readonly string[];
}

/** The files of a change. */
export interface PlannedFiles {
  /** Those that differ. */
  readonly edits: readonly FileEdit[];
  readonly writes: readonly FileWrite[];
  /** The config as it would be read then. */
  readonly loaded: LoadedConfig;
}

/**
 * Plans the files after the operations, and reads them on an overlay. Writes nothing.
 *
 * @throws {PodsteadError} if they cannot be planned
 */
export async function planFiles(
  operations: readonly Operation[],
  { fs, load, include }: PlanFilesDeps,
): Promise<PlannedFiles> {
  const found = await load(fs);
  const restores = operations.some(({ kind }) => kind === "restore");
  // What cannot be read cannot be edited; a restore replaces it.
  const files = await readSources(found, fs).catch((error) => {
    if (restores) return [] as readonly SourceFile[];
    throw error;
  });
  const edits = planEdits(operations, {
    main: found.path,
    texts: new Map(files.map(({ path, text }) => [path, text])),
    dropIns: dropInDirectory(found.path, include),
    podsIn,
    stopsIn,
    stopDocument,
    objectsIn,
  });
  const byPath = new Map(files.map((file) => [file.path, file]));
  const modes = new Map(
    operations.flatMap((one) => one.kind === "restore" ? one.files : [])
      .map((file) => [file.path, file]),
  );
  const writes = edits.map((edit): FileWrite => {
    const { path, after } = edit;
    const old = byPath.get(path);
    const { mode, uid, gid } = modes.get(path) ?? old?.facts ?? NEW_FILE;
    const before = old === undefined ? null : sha256Of(old.bytes);
    const narrow = !modes.has(path) && bringsSecret(edit);
    return { path, text: after, mode: narrow ? mode & NEW_FILE.mode : mode, uid, gid, before };
  });
  const loaded = await load(overlay(fs, edits));
  if (!restores) checkRead(edits, loaded);
  return { edits, writes, loaded };
}

/** @throws {PodsteadError} for a new file that no pattern of the config includes */
function checkRead(edits: readonly FileEdit[], { files, path }: LoadedConfig): void {
  const read = new Set(files.map((file) => file.path));
  const unread = edits.find(({ path, before, after }) =>
    before === undefined && after !== undefined && !read.has(path)
  );
  if (unread === undefined) return;
  throw new PodsteadError(
    "config",
    `"${unread.path}" would not be read: no pattern of agent.include in "${path}" fits it`,
    { hint: 'Add "pods.d/*.yaml" to agent.include; nothing was changed' },
  );
}

/** A drop-in that a change makes: pods may hold secrets. */
const NEW_FILE = { mode: 0o600, uid: 0, gid: 0 };

/** Whether a change brings the first Secret of a file: then only its owner may read it from now on. */
function bringsSecret({ path, before = "", after = "" }: FileEdit): boolean {
  const has = (text: string) =>
    text.includes("Secret") && objectsIn(path, text).some(({ kind }) => kind === "Secret");
  return has(after) && !has(before);
}

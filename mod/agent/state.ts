/** What the agent keeps on disk, so that a restart serves the same bytes from the first request on. */
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import {
  canonicalJson,
  errorText,
  type JsonObject,
  parseJson,
  PodsteadError,
} from "../core/mod.ts";
import type { KnownDirectory } from "../config/mod.ts";
import { writeFileAtomic } from "../os/mod.ts";
import type { Incarnation } from "../identity/mod.ts";
import type { SavedReplacement } from "../rollout/mod.ts";
import type { ReloadOutcome, SourceRef } from "./outcome.ts";
import type { SavedVersions } from "./resource_store.ts";

/** A pod that is in the served list, or is meant to be. */
export interface ServedPod {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** As declared, without the stamp. */
  readonly pod: JsonObject;
  readonly hash: string;
  /** Under which the list has it; given by the roll-out, and not stored here. */
  readonly uid?: string;
  /** The revision that brought this version of it. */
  readonly revision: number;
  /** Unix milliseconds since when this version is wanted. */
  readonly sinceMs: number;
  readonly source: SourceRef;
}

/** The whole state. */
export interface AgentState {
  readonly revision: number;
  /** Sorted by key. */
  readonly pods: readonly ServedPod[];
  /** Versions of every resource. */
  readonly versions: SavedVersions;
  readonly lastReload?: ReloadOutcome;
  /** The last settings that were valid, to start with when the config is broken. */
  readonly settings?: JsonObject;
  /** The pods that the list lacks while their old versions end, for a restart in the middle of it. */
  readonly replacing: readonly SavedReplacement[];
  /** Who each pod is to the kubelet. */
  readonly incarnations: readonly Incarnation[];
  /** The directories that the pods come from, as they were then. */
  readonly directories?: readonly KnownDirectory[];
}

/** The state of a node that has never served anything. */
export const EMPTY_STATE: AgentState = {
  revision: 0,
  pods: [],
  versions: [],
  replacing: [],
  incarnations: [],
};

const FORMAT = 1;
const FILE_NAME = "state.json";

/** The pods and outcomes inside are our own writing; only the frame is checked. */
const FrameSchema = v.looseObject({
  format: v.literal(FORMAT),
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  pods: v.array(v.looseObject({
    id: v.string(),
    namespace: v.string(),
    name: v.string(),
    pod: v.record(v.string(), v.unknown()),
    hash: v.string(),
    revision: v.number(),
    sinceMs: v.number(),
    source: v.looseObject({ file: v.string(), line: v.number() }),
  })),
  versions: v.array(v.looseObject({ type: v.string(), id: v.string(), version: v.number() })),
  replacing: v.array(v.object({
    key: v.string(),
    startedMs: v.number(),
    step: v.picklist(["removed", "ending"]),
    old: v.looseObject({ hash: v.string(), uids: v.array(v.string()), graceMs: v.number() }),
  })),
  // A state of a version that gave no UIDs has none.
  incarnations: v.optional(
    v.array(v.looseObject({
      key: v.string(),
      uid: v.string(),
      hash: v.string(),
      version: v.string(),
      past: v.array(v.string()),
      images: v.array(v.looseObject({ container: v.string(), image: v.string() })),
    })),
    [],
  ),
});

/** What was found on disk. */
export interface LoadedState {
  readonly state: AgentState;
  /** Words for the log when the file was there but could not be used; it is kept aside. */
  readonly damage?: string;
}

/**
 * Reads the state. A damaged file is renamed to `state.json.damaged` and the
 * agent starts as if it had none: the config brings the pods back.
 *
 * @throws {PodsteadError} when the directory cannot be read at all
 */
export async function loadState(directory: string): Promise<LoadedState> {
  const path = join(directory, FILE_NAME);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { state: EMPTY_STATE };
    throw new PodsteadError("failed", `Cannot read the state "${path}": ${errorText(error)}`, {
      cause: error,
      hint: "The agent needs to own its state directory; see --state-dir",
    });
  }
  try {
    const frame = v.parse(FrameSchema, parseJson(text));
    return { state: frame as unknown as AgentState }; // frame checked, content our own
  } catch (error) {
    await rename(path, `${path}.damaged`);
    return { state: EMPTY_STATE, damage: `${errorText(error)}; kept as "${path}.damaged"` };
  }
}

/**
 * Writes the state atomically, readable by root only: pods may hold secrets.
 *
 * @throws {PodsteadError} when it cannot be written
 */
export async function saveState(directory: string, state: AgentState): Promise<void> {
  const path = join(directory, FILE_NAME);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const data = { format: FORMAT, ...state } as unknown as JsonObject; // plain data throughout
    await writeFileAtomic(path, canonicalJson(data), 0o600);
  } catch (error) {
    throw new PodsteadError("failed", `Cannot write the state "${path}": ${errorText(error)}`, {
      cause: error,
      hint: "Check free space and permissions of the state directory",
    });
  }
}

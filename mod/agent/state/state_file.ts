/** The state on disk: one file, with the checksum of what is in it. */
import { createHash } from "node:crypto";
import { mkdir, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  Breath,
  canonicalJson,
  errorText,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  PodsteadError,
} from "../../core/mod.ts";
import { isNoOwnFile, putAside, readRegularText, writeFileAtomic } from "../../os/mod.ts";
import { type AgentState, EMPTY_STATE } from "./state.ts";
import { checkState } from "./state_check.ts";

/**
 * 1: the state itself, with a member `format`. 2: the state in a frame with its
 * checksum; each release reads every earlier format.
 */
const FORMAT = 2;
const FILE_NAME = "state.json";

/** Two lists of the kubelet's limit and their outcomes are far below it. */
const MAX_BYTES = 256 * 1024 * 1024;

/** What was found on disk. */
export interface LoadedState {
  readonly state: AgentState;
  /** What did not fit, as text for the log; the file as it was is kept aside. */
  readonly damage?: string;
  /** Whether every pod of the last list is there and good: only then may it be served as it is. */
  readonly isWhole: boolean;
}

/**
 * Reads the state. What does not fit its checksum, its shape or the kubelet's rules is
 * left out, and the file is copied to `state.json.damaged`: the config brings it back.
 *
 * @throws {PodsteadError} if the directory cannot be read, and for a state that a
 * newer podstead wrote
 */
export async function loadState(directory: string): Promise<LoadedState> {
  const path = join(directory, FILE_NAME);
  let text = "";
  try {
    text = await readRegularText(path, MAX_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") { // of node:fs
      return { state: EMPTY_STATE, isWhole: true };
    }
    if (isNoOwnFile(error)) return await withoutState(path, [errorText(error)]);
    throw new PodsteadError("failed", `Cannot read the state "${path}": ${errorText(error)}`, {
      cause: error,
      hint: "The agent needs to own its state directory; see --state-dir",
    });
  }
  const { value, trusted, damage } = readFrame(text, path);
  const checked = value === undefined
    ? { state: EMPTY_STATE, damage: [], isServable: false }
    : checkState(value, trusted);
  const wrong = [...damage, ...checked.damage];
  if (wrong.length === 0) return { state: checked.state, isWhole: checked.isServable };
  return await withoutState(path, wrong, checked.state);
}

async function withoutState(
  path: string,
  wrong: readonly string[],
  state = EMPTY_STATE,
): Promise<LoadedState> {
  const kept = await putAside(path)
    .then((aside) => `kept as "${aside}"`, (error) => `it stays there: ${errorText(error)}`);
  return {
    state,
    damage: `${wrong.join("; ")}; ${kept}`,
    isWhole: false,
  };
}

/** The frame of format 2, up to the state; the rest of the file is the state and `}`. */
const FRAME = /^\{"checksum":"([0-9a-f]{64})","format":(\d+),"state":/;

interface Framed {
  readonly value: JsonValue | undefined;
  /** Whether it is as it was written, as far as can be told. */
  readonly trusted: boolean;
  readonly damage: readonly string[];
}

function readFrame(text: string, path: string): Framed {
  const frame = FRAME.exec(text);
  const body = frame === null ? "" : text.slice(frame[0].length, -2);
  const isRight = frame !== null && text.endsWith("}\n") && frame[1] === checksum(body);
  if (isRight && Number(frame[2]) > FORMAT) throw tooNew(path, Number(frame[2]));
  let value: JsonValue;
  try {
    value = isRight ? parseJson(body) : parseJson(text);
  } catch (error) {
    return { value: undefined, trusted: false, damage: [errorText(error)] };
  }
  if (isRight) return { value, trusted: true, damage: [] };
  // Format 1 had no checksum; but there is one text only for what it says.
  const format = isJsonObject(value) ? getOwn(value, "format") : undefined;
  if (format === 1 && text === canonicalJson(value)) return { value, trusted: true, damage: [] };
  const state = isJsonObject(value) ? getOwn(value, "state") : undefined;
  return {
    value: state ?? value,
    trusted: false,
    damage: ["it is not what its checksum says"],
  };
}

function tooNew(path: string, format: number): PodsteadError {
  return new PodsteadError(
    "failed",
    `The state "${path}" has format ${format}, which a newer podstead wrote; this one reads up to ${FORMAT}`,
    { hint: "Install that version again, or name another --state-dir" },
  );
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Writes the state atomically, readable by root only: pods may hold secrets.
 *
 * @throws {PodsteadError} if it cannot be written
 */
export async function saveState(directory: string, state: AgentState): Promise<void> {
  const path = join(directory, FILE_NAME);
  try {
    const parts = await canonicalParts(state as unknown as JsonObject); // plain data throughout
    const hash = createHash("sha256");
    const breath = new Breath();
    for (const part of parts) {
      hash.update(part);
      if (breath.isDue) await breath.take();
    }
    const head = `{"checksum":"${hash.digest("hex")}","format":${FORMAT},"state":`;
    await writeIn(directory, path, [bytesOf(head), ...parts, bytesOf("}\n")]);
  } catch (error) {
    throw new PodsteadError("failed", `Cannot write the state "${path}": ${errorText(error)}`, {
      cause: error,
      hint: "Check free space and permissions of the state directory",
    });
  }
}

/** Writes the file, and makes its directory if there is none. */
async function writeIn(
  directory: string,
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  try {
    await writeFileAtomic(path, parts, 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, parts, 0o600);
  }
}

const ENCODER = new TextEncoder();

function bytesOf(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** How deep in the state its long lists may be: that of the last reload's pods is. */
const LIST_DEPTH = 2;

/** How long a part may be before it becomes one, in characters. */
const PART_CHARS = 16 * 1024;

/** Members that are pods: most of what is saved, and the same objects as long as a pod stays. */
const PODS: ReadonlySet<string> = new Set(["pod", "declared", "spec"]);

/** The canonical JSON of pods, which are never changed. */
const podBytes = new WeakMap<object, Uint8Array>();

function bytesOfPod(pod: JsonObject): Uint8Array {
  const known = podBytes.get(pod);
  if (known !== undefined) return known;
  const bytes = bytesOf(canonicalJson(pod));
  podBytes.set(pod, bytes);
  return bytes;
}

/** The canonical JSON of the state in parts, with room for other things in between. */
async function canonicalParts(state: JsonObject): Promise<readonly Uint8Array[]> {
  const breath = new Breath();
  const parts: Uint8Array[] = [];
  let part = "";
  const flush = () => {
    if (part !== "") parts.push(bytesOf(part));
    part = "";
  };
  // What is a pod in the member of a list is known already, most of the time.
  const addItem = (item: JsonValue) => {
    if (!isJsonObject(item)) {
      part += canonicalJson(item);
      return;
    }
    part += "{";
    let comma = "";
    for (const key of Object.keys(item).sort()) {
      const member = item[key];
      if (member === undefined) continue; // absent, as for canonicalJson
      part += `${comma}${canonicalJson(key)}:`;
      comma = ",";
      if (PODS.has(key) && isJsonObject(member)) {
        flush();
        parts.push(bytesOfPod(member));
      } else part += canonicalJson(member);
    }
    part += "}";
  };
  // Waited for between members of lists only: each wait costs as much as a small member.
  const walk = async (value: JsonValue, depth: number): Promise<void> => {
    if (typeof value !== "object" || value === null) part += canonicalJson(value);
    else if (isJsonObject(value)) await walkObject(value, depth);
    else {
      part += "[";
      for (const [index, item] of value.entries()) {
        if (index > 0) part += ",";
        addItem(item);
        if (part.length >= PART_CHARS) flush();
        if (breath.isDue) await breath.take();
      }
      part += "]";
    }
  };
  const walkObject = async (value: JsonObject, depth: number): Promise<void> => {
    if (depth === 0) {
      part += canonicalJson(value);
      return;
    }
    part += "{";
    let comma = "";
    for (const key of Object.keys(value).sort()) {
      const member = value[key];
      if (member === undefined) continue;
      part += `${comma}${canonicalJson(key)}:`;
      await walk(member, depth - 1);
      comma = ",";
    }
    part += "}";
  };
  await walk(state, LIST_DEPTH);
  flush();
  return parts;
}

/** Removes what a kill left half written; only the holder of the directory's lock may. */
export async function sweepState(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []); // there is nothing yet
  const left = names.filter((name) => /\.(tmp|stale)-\d+$/.test(name));
  await Promise.all(left.map((name) => unlink(join(directory, name)).catch(() => undefined)));
}

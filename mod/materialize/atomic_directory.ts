/**
 * A directory of files that changes as a whole, in the kubelet's layout: `..data` leads to the
 * directory of the current set, and each visible name is a link through it.
 *
 * Source: kubernetes pkg/volume/util/atomic_writer.go.
 */
import { Buffer } from "node:buffer";
import {
  chmod,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VolumeFile, VolumeFiles } from "./volume_files.ts";

const DATA = "..data";
const DATA_TMP = "..data_tmp";

/** The directories in it. */
const DIRECTORY_MODE = 0o755;
/** The directory itself, as the kubelet has it; its parents keep strangers out. */
const ROOT_MODE = 0o777;
const STICKY = 0o1000;
/** What a group that the pod asks for gets besides. */
const SET_GROUP_ID = 0o2000;

/** Steps of an update, in their order: a test may end the process at each. */
export type WriteStep = "written" | "linked" | "switched" | "shown" | "cleaned";

/** What a write may be told; for tests. */
export interface WriteOptions {
  readonly nowMs: number;
  /** Labels the directory with a new set before that counts; default: it is not labelled. */
  readonly label?: (directory: string) => Promise<void>;
  /** Called after each step. */
  readonly onStep?: (step: WriteStep) => void;
}

/**
 * Makes the directory hold exactly these files. Readers that go through `..data` see the old set
 * or the new one. What an interrupted update has left is cleaned away.
 *
 * @returns whether anything had to be written
 * @throws the file system's error; the old set is then still there
 */
export async function writeDirectory(
  { directory, files, gid, sticky, mountPoints = [] }: Omit<VolumeFiles, "volume">,
  { nowMs, label, onStep = () => undefined }: WriteOptions,
): Promise<boolean> {
  await realDirectory(directory);
  const current = await readlink(join(directory, DATA)).catch(() => undefined); // a new one
  const isCurrent = current !== undefined && await holds(join(directory, current), files, gid);
  const set = isCurrent ? current : await writeSet(directory, files, gid, nowMs);
  if (!isCurrent) await label?.(directory);
  onStep("written");
  if (!isCurrent) {
    await rm(join(directory, DATA_TMP), { force: true, recursive: true });
    await symlink(set, join(directory, DATA_TMP));
    onStep("linked");
    await rename(join(directory, DATA_TMP), join(directory, DATA));
  }
  onStep("switched");
  const mounted = new Set(mountPoints.map(firstPart));
  const names = new Set(files.map(({ path }) => firstPart(path)));
  for (const name of names) if (!mounted.has(name)) await show(directory, name, gid);
  for (const path of mountPoints) await makeMountPoint(directory, path, gid);
  onStep("shown");
  for (const name of await readdir(directory)) {
    if (name === DATA || name === set || names.has(name) || mounted.has(name)) continue;
    await rm(join(directory, name), { force: true, recursive: true });
  }
  await chmodAs(directory, sticky ? ROOT_MODE | STICKY : ROOT_MODE, gid);
  if (gid !== undefined) await lchown(join(directory, DATA), -1, gid);
  onStep("cleaned");
  return !isCurrent;
}

/** A directory that is no link, with all its parents. */
async function realDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (!(await lstat(path)).isDirectory()) {
    throw new Error(`"${path}" is not a directory`);
  }
}

/** Writes a set of files to a directory of its own, named after the time as the kubelet does. */
async function writeSet(
  directory: string,
  files: readonly VolumeFile[],
  gid: number | undefined,
  nowMs: number,
): Promise<string> {
  const name = await newSet(directory, nowMs);
  const set = join(directory, name);
  const directories = new Set([set]);
  for (const { path, data, mode } of files) {
    const file = join(set, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    for (let parent = dirname(file); parent !== set; parent = dirname(parent)) {
      directories.add(parent);
    }
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(Buffer.from(data, "base64"));
      if (gid !== undefined) await handle.chown(-1, gid);
      await handle.chmod(mode);
    } finally {
      await handle.close();
    }
  }
  for (const one of directories) await chmodAs(one, DIRECTORY_MODE, gid);
  return name;
}

async function newSet(directory: string, nowMs: number): Promise<string> {
  for (let number = 0;; number++) {
    const name = setName(nowMs, number);
    try {
      await mkdir(join(directory, name), { mode: 0o700 });
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** `..2026_11_30_05_08_17.123456789` */
function setName(nowMs: number, number: number): string {
  const [date = "", milliseconds = ""] = new Date(nowMs).toISOString().slice(0, -1).split(".");
  const nanoseconds = milliseconds + String(number).padStart(6, "0");
  return `..${date.replaceAll(/[-T:]/g, "_")}.${nanoseconds}`;
}

async function chmodAs(directory: string, mode: number, gid: number | undefined): Promise<void> {
  if (gid !== undefined) await lchown(directory, -1, gid);
  try {
    await chmod(directory, gid === undefined ? mode : mode | SET_GROUP_ID);
  } catch (error) {
    // The service may not set the set-group-ID bit; the mounts are read-only, so nothing misses it.
    if (gid === undefined || (error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    await chmod(directory, mode);
  }
}

/** Whether a set is just these files, with these modes and this group. */
async function holds(
  set: string,
  files: readonly VolumeFile[],
  gid: number | undefined,
): Promise<boolean> {
  try {
    const found = (await readdir(set, { recursive: true, withFileTypes: true }))
      .filter((entry) => !entry.isDirectory());
    if (found.length !== files.length) return false;
    for (const { path, data, mode } of files) {
      const facts = await lstat(join(set, path));
      if (!facts.isFile() || (facts.mode & 0o7777) !== mode) return false;
      if (gid !== undefined && facts.gid !== gid) return false;
      if (!(await readFile(join(set, path))).equals(Buffer.from(data, "base64"))) return false;
    }
    return true;
  } catch {
    return false; // what cannot be read is written again
  }
}

/** Makes a visible name a link through `..data`. */
async function show(directory: string, name: string, gid: number | undefined): Promise<void> {
  const link = join(directory, name);
  const target = `${DATA}/${name}`;
  const found = await readlink(link).catch(() => undefined); // no link: made below
  if (found !== target) {
    await rm(link, { force: true, recursive: true });
    await symlink(target, link);
  }
  if (gid !== undefined) await lchown(link, -1, gid);
}

/** Makes a place for another volume; one that is there stays, since something is mounted on it. */
async function makeMountPoint(
  directory: string,
  path: string,
  gid: number | undefined,
): Promise<void> {
  let place = directory;
  for (const part of path.split("/")) {
    place = join(place, part);
    const facts = await lstat(place).catch(() => undefined); // it is made
    if (facts !== undefined && !facts.isDirectory()) await rm(place, { force: true });
    if (facts?.isDirectory() !== true) await mkdir(place, { mode: 0o700 });
    await chmodAs(place, DIRECTORY_MODE, gid);
  }
}

function firstPart(path: string): string {
  return path.split("/")[0] ?? "";
}

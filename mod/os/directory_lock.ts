/** One process a directory: a lock that the next start sees through when its holder has died. */
import { link, mkdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { errorText, PodsteadError, systemClock } from "../core/mod.ts";
import { readRegularText } from "./regular_file.ts";

/** A lock that is held. */
export interface DirectoryLock {
  /** Gives it up; what happens to the directory later is no error. */
  release(): Promise<void>;
}

const LOCK_NAME = "lock";

/** It holds a pid and a time. */
const MAX_LOCK_BYTES = 4096;

/** How often a lock that its holder left is taken away before another process is quicker. */
const ATTEMPTS = 5;

/** How often a lock for which there was no room is tried again, in milliseconds. */
const RETRY_MS = 5_000;

/** What a disk says that is full, or cannot be written. */
const FULL: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/**
 * `lockDirectory`, but a disk that is full or read-only is no reason to refuse: what is in the
 * directory can be read, and the lock is made as soon as there is room.
 *
 * @throws {PodsteadError} with the pid of the process that holds it, or why it cannot be read
 */
export async function lockWritableLater(directory: string): Promise<DirectoryLock> {
  try {
    return await lockDirectory(directory);
  } catch (error) {
    const { code } = (error instanceof Error ? error.cause ?? {} : {}) as NodeJS.ErrnoException;
    if (!FULL.has(code)) throw error;
  }
  const holder = await readHolder(join(directory, LOCK_NAME));
  if (holder !== undefined && await isRunning(holder)) throw heldBy(directory, holder.pid);
  const stop = new AbortController();
  const later = lockLater(directory, stop.signal);
  return {
    async release() {
      stop.abort();
      await (await later)?.release();
    },
  };
}

async function lockLater(
  directory: string,
  signal: AbortSignal,
): Promise<DirectoryLock | undefined> {
  for (;;) {
    try {
      await systemClock.sleep(RETRY_MS, signal);
    } catch {
      return undefined; // given up
    }
    const lock = await lockDirectory(directory).catch(() => undefined); // still no room
    if (lock !== undefined) return lock;
  }
}

/**
 * Locks a directory, which is made if it is missing. A lock of a process that does not
 * run any more counts for nothing: neither a crash nor a reboot leaves one behind.
 *
 * @throws {PodsteadError} with the pid of the process that holds it, or why it cannot be read
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, LOCK_NAME);
  const own = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Linked into place when it is whole, so that half of it is never read.
    await writeFile(temporary, own, { mode: 0o600 });
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (await tryLink(temporary, path)) {
        return { release: () => unlink(path).catch(() => undefined) };
      }
      const holder = await readHolder(path);
      if (holder !== undefined && await isRunning(holder)) throw heldBy(directory, holder.pid);
      await takeAway(path, holder?.text);
    }
    throw new PodsteadError("failed", `Cannot lock "${directory}": others lock it all the time`);
  } catch (error) {
    if (error instanceof PodsteadError) throw error;
    throw new PodsteadError("failed", `Cannot lock "${directory}": ${errorText(error)}`, {
      cause: error,
      hint: "Check free space and permissions of the state directory; see --state-dir",
    });
  } finally {
    await unlink(temporary).catch(() => undefined); // it was never written
  }
}

interface Holder {
  readonly pid: number;
  /** When it was started, in the kernel's ticks since boot; absent if that could not be read. */
  readonly started?: string;
  readonly text: string;
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false; // of node:fs
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readRegularText(path, MAX_LOCK_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // given up meanwhile
    return { pid: 0, text: "" };
  }
  try {
    const { pid, started } = JSON.parse(text) as { pid?: unknown; started?: unknown };
    if (typeof pid !== "number") return { pid: 0, text };
    return { pid, text, ...(typeof started === "string" ? { started } : {}) };
  } catch {
    return { pid: 0, text }; // what cannot be read locks nothing
  }
}

/** Takes away a lock that no process holds, unless it is another one by now. */
async function takeAway(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) return;
  const aside = `${path}.stale-${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return; // another process was quicker
  }
  const taken = await readRegularText(aside, MAX_LOCK_BYTES).catch(() => "");
  // Another start has locked it between the two looks: give it back.
  if (taken !== text) await link(aside, path).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

async function isRunning({ pid, started }: Holder): Promise<boolean> {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // of node:process
  }
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
}

/** When a process was started; undefined if it cannot be seen. Source: proc_pid_stat(5), field 22. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The name in brackets may hold anything, also brackets and spaces.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function heldBy(directory: string, pid: number): PodsteadError {
  return new PodsteadError(
    "failed",
    `Another agent (pid ${pid}) runs on the state directory "${directory}"`,
    { hint: `Stop it first, or give this one another --state-dir, socket and port` },
  );
}

/** Which kubelet runs on this node, found without its API. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Breath } from "../core/mod.ts";

const run = promisify(execFile);

/** How long `kubelet --version` may take, in milliseconds; it takes some tens. */
const ASK_TIMEOUT_MS = 2_000;

/** What was answered before, by the executable's identity: an upgrade is another one. */
const known = new Map<string, string>();

/** The process that was the kubelet last, by `/proc`: it is looked at before all others. */
const lastSeen = new Map<string, string>();

/** A kubelet that runs. */
export interface RunningKubelet {
  /** A path that leads to its executable, also where an upgrade has replaced the file since. */
  readonly executable: string;
  /** Its command line; empty if it cannot be read. */
  readonly command: readonly string[];
}

/**
 * The kubelet that runs now.
 *
 * @param procDirectory `/proc`, but in tests
 * @returns undefined if none runs, or where it is a part of another program (k3s)
 */
export async function findRunningKubelet(
  procDirectory: string,
): Promise<RunningKubelet | undefined> {
  const process = await findProcess(procDirectory);
  if (process === undefined) return undefined;
  const command = await readFile(join(process, "cmdline"), "utf8").catch(() => "");
  return {
    executable: join(process, "exe"),
    command: command.split("\0").filter((word, at, words) => word !== "" || at < words.length - 1),
  };
}

/** The directory in `/proc` of the kubelet's process; every reload asks for it. */
async function findProcess(procDirectory: string): Promise<string | undefined> {
  const last = lastSeen.get(procDirectory);
  if (last !== undefined && isKubelet(join(procDirectory, last))) return join(procDirectory, last);
  const entries = await readdir(procDirectory).catch(() => []);
  const breath = new Breath();
  for (const entry of entries) {
    if (breath.isDue) await breath.take();
    if (!/^\d+$/.test(entry) || !isKubelet(join(procDirectory, entry))) continue;
    lastSeen.set(procDirectory, entry);
    return join(procDirectory, entry);
  }
  lastSeen.delete(procDirectory);
  return undefined;
}

/**
 * Whether a process has the kubelet's name. The kernel answers at once, in some 10 µs; a read that
 * is waited for takes ten times as long, and a node has a thousand processes.
 */
function isKubelet(process: string): boolean {
  try {
    return readFileSync(join(process, "comm"), "utf8") === "kubelet\n";
  } catch {
    return false; // it has ended meanwhile
  }
}

/** The version of the kubelet that runs now, such as `1.36.2`, asked of its own executable. */
export async function runningKubeletVersion(procDirectory = "/proc"): Promise<string | undefined> {
  const running = await findRunningKubelet(procDirectory);
  return running === undefined ? undefined : await kubeletVersionOf(running.executable);
}

/** The version of a kubelet's executable; undefined if it is none, or cannot be asked. */
export async function kubeletVersionOf(executable: string): Promise<string | undefined> {
  const facts = await stat(executable).catch(() => undefined);
  if (facts === undefined) return undefined;
  const identity = `${facts.dev}:${facts.ino}:${facts.mtimeMs}`;
  const version = known.get(identity) ?? await askVersion(executable);
  // Only an answer is remembered: at boot a kubelet may be too slow to give one.
  if (version !== undefined) known.set(identity, version);
  return version;
}

async function askVersion(executable: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(executable, ["--version"], { timeout: ASK_TIMEOUT_MS });
    return /^Kubernetes v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // not the kubelet that we know, or not for us to run
  }
}

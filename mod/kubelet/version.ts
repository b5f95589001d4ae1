/** Which kubelet runs on this node, found without its API. */
import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How long `kubelet --version` may take, in milliseconds; it takes some tens. */
const ASK_TIMEOUT_MS = 2_000;

/** What was answered before, by the executable's identity: an upgrade is another one. */
const known = new Map<string, string>();

/**
 * The version of the kubelet that runs now, such as `1.36.2`, asked of its own
 * executable.
 *
 * @param procDirectory for tests; `/proc` otherwise
 * @returns undefined where none runs, or where it is a part of another program (k3s)
 */
export async function runningKubeletVersion(procDirectory = "/proc"): Promise<string | undefined> {
  const executable = await kubeletExecutable(procDirectory);
  return executable === undefined ? undefined : await kubeletVersionOf(executable);
}

/** The version of a kubelet's executable; undefined where it is none, or cannot be asked. */
export async function kubeletVersionOf(executable: string): Promise<string | undefined> {
  const facts = await stat(executable).catch(() => undefined);
  if (facts === undefined) return undefined;
  const identity = `${facts.dev}:${facts.ino}:${facts.mtimeMs}`;
  const version = known.get(identity) ?? await askVersion(executable);
  // Only an answer is remembered: at boot a kubelet may be too slow to give one.
  if (version !== undefined) known.set(identity, version);
  return version;
}

async function kubeletExecutable(procDirectory: string): Promise<string | undefined> {
  const entries = await readdir(procDirectory).catch(() => []);
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const name = await readFile(join(procDirectory, entry, "comm"), "utf8").catch(() => "");
    // The link works also where the file was replaced by an upgrade since.
    if (name === "kubelet\n") return join(procDirectory, entry, "exe");
  }
  return undefined;
}

async function askVersion(executable: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(executable, ["--version"], { timeout: ASK_TIMEOUT_MS });
    return /^Kubernetes v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // not the kubelet that we know, or not for us to run
  }
}

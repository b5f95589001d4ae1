/**
 * Removes what a private containerd leaves: containers, shims, mounts, cgroups
 * and files. Works from the directory alone, so also after a crash.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Names the process that a private containerd's directory belongs to. */
export const OWNER_FILE = "owner";

const DIRECTORY_NAME = /^podstead-containerd-/;
const CGROUP_ROOT = "/sys/fs/cgroup";

/** When a process was started, in ticks since boot; undefined where there is none. */
function processStart(pid: number): string | undefined {
  // The name, in parentheses, may contain anything.
  return readText(`/proc/${pid}/stat`)?.replace(/^.*\) /s, "").split(" ")[19];
}

/** What the owner's file says of this process: its ID, its start, and its PID namespace. */
export function ownerText(): string {
  return `${process.pid} ${processStart(process.pid)} ${pidNamespace()}`;
}

/**
 * Removes the private containerds whose test process is gone. Those of another PID namespace
 * (of a container that shares the temporary directory) are left alone: whether their process
 * is gone cannot be seen here.
 */
export async function cleanUpStale(): Promise<void> {
  const here = pidNamespace();
  for (const name of readdirSync(tmpdir())) {
    if (!DIRECTORY_NAME.test(name)) continue;
    const directory = join(tmpdir(), name);
    const owner = readText(join(directory, OWNER_FILE))?.split(" ");
    // Another run is about to write it, or removes the directory already.
    if (owner === undefined) continue;
    const [pid, start, namespace = here] = owner;
    if (namespace !== here || processStart(Number(pid)) === start) continue;
    await cleanUpAfter(directory);
  }
}

/** Removes everything of the private containerd in `directory`. */
export async function cleanUpAfter(directory: string): Promise<void> {
  const tasks = join(directory, "state", "io.containerd.runtime.v2.task", "k8s.io");
  const ids = list(tasks);
  const pids = ids.map((id) => Number(readText(join(tasks, id, "init.pid"))));
  const sockets = ids.map((id) => readText(join(tasks, id, "address"))?.replace("unix://", ""));
  // Containers first: their shims reap them, which the machine's init may do late.
  await endAll(pids);
  await endAll(processesNaming(directory));
  for (const socket of sockets) {
    if (socket?.startsWith("/run/containerd/s/")) rmSync(socket, { force: true });
  }
  unmountBelow(directory);
  for (const id of ids) removeCgroups(id);
  rmSync(directory, { recursive: true, force: true });
}

/** Such as `pid:[4026531836]`. */
function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid");
}

function processesNaming(directory: string): number[] {
  return list("/proc").map(Number).filter((pid) => {
    if (!(pid > 0) || pid === process.pid) return false;
    const words = readText(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
    return /\/containerd[\w-]*$/.test(words[0] ?? "") &&
      words.some((word) => word.startsWith(`${directory}/`));
  });
}

async function endAll(pids: readonly number[]): Promise<void> {
  const alive = pids.filter((pid) => pid > 0 && isAlive(pid));
  for (const pid of alive) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // gone meanwhile
    }
  }
  const giveUpAt = Date.now() + 3000;
  while (Date.now() < giveUpAt && alive.some(isAlive)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isAlive(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

function unmountBelow(directory: string): void {
  const points = (readText("/proc/self/mountinfo") ?? "").split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point.startsWith(`${directory}/`))
    .reverse();
  if (points.length === 0) return;
  try {
    execFileSync("umount", ["-l", ...points], { stdio: "ignore" });
  } catch {
    // One that went away by itself; removing the directory fails if another did not.
  }
}

/** cgroup v2 has one tree, v1 one for each controller. */
function removeCgroups(id: string): void {
  for (const tree of [CGROUP_ROOT, ...list(CGROUP_ROOT).map((name) => join(CGROUP_ROOT, name))]) {
    try {
      rmdirSync(join(tree, "k8s.io", id));
    } catch {
      // not in this tree
    }
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // not there
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not there, or gone meanwhile
  }
}

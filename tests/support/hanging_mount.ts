import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { makeTempDir } from "./temp_dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Files on a mount that stops answering when a test says so. */
export interface HangingMount extends AsyncDisposable {
  /** Where the files are shown. */
  readonly path: string;
  /** Where they are written. */
  readonly source: string;
  /** From now on no read of this file is answered, with "*" nothing at all; "" for none. */
  hang(file: string): void;
}

/** Why there can be no such mount here; false if there can. */
export const UNLESS_FUSE: false | string = process.getuid?.() === 0 && isThere("/dev/fuse")
  ? false
  : "only root can mount, with /dev/fuse";

/**
 * Mounts in a directory of its own.
 *
 * @returns undefined where mounting is not allowed, as in most containers
 */
export async function hangingMount(): Promise<HangingMount | undefined> {
  const temporary = await makeTempDir("mount");
  const directory = temporary.path;
  const path = join(directory, "mount");
  const source = join(directory, "mount-source");
  const hanging = join(directory, "mount-hanging");
  await Promise.all([mkdir(path), mkdir(source)]);
  writeFileSync(hanging, "");
  const script = [
    "exec 3<>/dev/fuse",
    'mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0,allow_other hanging "$2" || exit 9',
    'exec "$1" "$5" "$3" "$4"',
  ].join("\n");
  const daemon = spawn(
    "sh",
    [
      "-c",
      script,
      "sh",
      join(ROOT, "node_modules/.bin/bun"),
      path,
      source,
      hanging,
      join(ROOT, "tests/support/fuse_files.ts"),
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const isMounted = await eventually(() => {
    if (daemon.exitCode !== null) return false;
    if (!isIn(path)) throw new Error("It is not mounted yet");
    return true;
  });
  if (!isMounted) {
    await temporary.remove();
    return undefined;
  }
  return {
    path,
    source,
    hang: (file) => writeFileSync(hanging, file),
    [Symbol.asyncDispose]: async () => {
      await end(daemon, path);
      await temporary.remove();
    },
  };
}

/** What hangs gets an error when the file system in user space has gone. */
async function end(daemon: ChildProcess, path: string): Promise<void> {
  const ended = once(daemon, "exit");
  daemon.kill("SIGKILL");
  await ended;
  execFileSync("umount", ["-l", path]);
}

function isIn(path: string): boolean {
  return readFileSync("/proc/self/mountinfo", "utf8").includes(` ${path} `);
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

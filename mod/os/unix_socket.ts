/** Unix sockets that have the right owner and mode from the first moment they can be found. */
import { chmod, chown, lstat, mkdir, readFile, rename, unlink } from "node:fs/promises";
import type { Server } from "node:net";
import { dirname } from "node:path";
import { errorText, PodsteadError } from "../core/mod.ts";

/** What a listening unix socket should look like. */
export interface UnixSocketOptions {
  readonly path: string;
  /** Permission bits, such as `0o660`. */
  readonly mode: number;
  /** Numeric group that owns it; undefined leaves the process's own. */
  readonly gid: number | undefined;
}

/**
 * Lets a server listen on a unix socket. The socket is born under a hidden name
 * with mode 0600, gets its group and mode there, and is then renamed into
 * place: it can never be connected to under looser rights. A stale socket
 * at `path` is replaced; whether it is stale is for `isSocketAlive` to say.
 *
 * @throws {PodsteadError} naming the path; nothing is left behind then
 */
export async function listenUnix(server: Server, options: UnixSocketOptions): Promise<void> {
  try {
    await listenHidden(server, options);
  } catch (error) {
    if (error instanceof PodsteadError) throw error;
    const code = (error as NodeJS.ErrnoException).code; // of node:fs or node:net
    const denied = code === "EACCES" || code === "EPERM";
    throw new PodsteadError(
      denied ? "permission" : "failed",
      `Cannot listen on the socket "${options.path}": ${errorText(error)}`,
      {
        cause: error,
        hint: denied
          ? "Run as root, or name a socket that this user may make, with --socket"
          : "Check the directory of the socket, or name another with --socket",
      },
    );
  }
}

async function listenHidden(server: Server, options: UnixSocketOptions): Promise<void> {
  const there = await lstat(options.path).catch(() => undefined); // mostly nothing is there
  if (there !== undefined && !there.isSocket()) {
    throw new PodsteadError("failed", `"${options.path}" is there and is no socket`, {
      hint: "Name another socket with --socket or agent.admin.socket",
    });
  }
  await mkdir(dirname(options.path), { recursive: true, mode: 0o755 });
  const hidden = `${dirname(options.path)}/.new-${process.pid}.sock`;
  await unlink(hidden).catch(() => undefined); // left by a crash under the same pid, or absent
  const previousMask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(hidden, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } finally {
    process.umask(previousMask);
  }
  try {
    if (options.gid !== undefined) await chown(hidden, process.getuid?.() ?? 0, options.gid);
    await chmod(hidden, options.mode);
    await rename(hidden, options.path);
  } catch (error) {
    server.close();
    await unlink(hidden).catch(() => undefined); // the first error is the one that matters
    throw error;
  }
}

/** Whether a process accepts connections on a unix socket; false for a stale or absent one. */
export async function isSocketAlive(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return false;
  const { connect } = await import("node:net"); // slow to load; commands need other things from here
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * The numeric ID of a group, by name or number, from `/etc/group`.
 *
 * @returns undefined when the node has no such group
 */
export async function groupId(name: string): Promise<number | undefined> {
  if (/^\d+$/.test(name)) return Number(name);
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  for (const line of groups.split("\n")) {
    const [group, , id] = line.split(":");
    if (group === name && id !== undefined) return Number(id);
  }
  return undefined;
}

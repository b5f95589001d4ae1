/** Listening sockets that the service manager holds and hands over: sd_listen_fds(3). */
import { readlink } from "node:fs/promises";
import { readTcpTable, type TcpEnd, tcpListener } from "./tcp_table.ts";

/** The first descriptor that is handed over. */
const FIRST = 3;

/**
 * The descriptors that were handed to this process, by their names
 * (`FileDescriptorName=`).
 *
 * @returns empty if there are none, or they are another process's
 */
export function heldSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): ReadonlyMap<string, number> {
  if (env["LISTEN_PID"] !== String(pid)) return new Map();
  const count = Number(env["LISTEN_FDS"]);
  if (!Number.isInteger(count) || count < 1) return new Map();
  const names = (env["LISTEN_FDNAMES"] ?? "").split(":");
  return new Map(Array.from({ length: count }, (_, index) => [names[index] ?? "", FIRST + index]));
}

/** Whether a descriptor is a socket that listens on an address. */
export async function listensOn(fd: number, end: TcpEnd): Promise<boolean> {
  const target = await readlink(`/proc/self/fd/${fd}`).catch(() => "");
  const listener = tcpListener(await readTcpTable(), end);
  return listener !== undefined && target === `socket:[${listener.inode}]`;
}

import { readdir, readlink } from "node:fs/promises";
import { readTcpTable, type TcpEnd, tcpListener } from "./tcp_table.ts";

/** Who listens on a port. */
export interface PortHolder {
  readonly uid: number;
  /** Undefined if this process may not look into the other's files. */
  readonly process: { readonly pid: number; readonly executable: string } | undefined;
}

/** Finds who listens on an address; undefined if no process does, or it cannot be known. */
export async function portHolder(end: TcpEnd): Promise<PortHolder | undefined> {
  const listener = tcpListener(await readTcpTable(), end);
  if (listener === undefined) return undefined;
  return { uid: listener.uid, process: await processWith(`socket:[${listener.inode}]`) };
}

/** `pid 4711 (/usr/bin/python3), uid 1000`, or as much of it as is known. */
export function holderText({ uid, process }: PortHolder): string {
  if (process === undefined) return `a process of uid ${uid}`;
  return `pid ${process.pid} (${process.executable}), uid ${uid}`;
}

async function processWith(target: string): Promise<PortHolder["process"]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const directory = `/proc/${pid}`;
    // Others' processes, and those that have just ended, cannot be looked into.
    for (const fd of await readdir(`${directory}/fd`).catch(() => [])) {
      if (await readlink(`${directory}/fd/${fd}`).catch(() => "") !== target) continue;
      const executable = await readlink(`${directory}/exe`).catch(() => "unknown executable");
      return { pid: Number(pid), executable };
    }
  }
  return undefined;
}

/** The kernel's table of TCP sockets: which user has the other end of a connection on this machine. */
import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";

/** One end of a TCP connection. */
export interface TcpEnd {
  /** As the runtime writes it: `127.0.0.1`, `::1`, `::ffff:127.0.0.1`. */
  readonly address: string;
  readonly port: number;
}

/** A socket that listens. */
export interface TcpListener {
  readonly uid: number;
  /** Of the socket, as `/proc/PID/fd` names it. */
  readonly inode: string;
}

/**
 * The tables of this network namespace as the kernel writes them, IPv4 and IPv6
 * in one text; empty on a system without them.
 *
 * `/proc/self/net` is there too where the unit hides the rest (`ProcSubset=pid`).
 */
export async function readTcpTable(): Promise<string> {
  const [four, six] = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/self/net/${name}`, "latin1").catch(() => "")),
  );
  return `${four}\n${six}`;
}

const OPEN_STATE = " 01 ";
const LISTEN = "0A";

/** A connection as the server sees it: whose the other end is, is asked. */
export interface TcpQuestion {
  readonly client: TcpEnd;
  readonly server: TcpEnd;
}

/**
 * The users whose sockets the clients are, in the order of the questions; undefined
 * where the table has no such connection: it has ended, or comes from another network
 * namespace.
 *
 * All are found in one pass: a stranger can leave tens of thousands of ended
 * connections in the table, and to look through them for each question took seconds.
 *
 * A socket that no process has any more is shown as root's (Linux:
 * `sock_i_uid`), so only one with an inode and an open connection counts.
 */
export function tcpOwners(
  table: string,
  questions: readonly TcpQuestion[],
): readonly (number | undefined)[] {
  const keys = questions.map(keysOf);
  const wanted = new Set(keys.flat());
  const users = new Map<string, number>();
  for (const { ends, rest } of openConnections(table)) {
    if (!wanted.has(ends)) continue;
    const row = readRow(rest());
    if (row !== undefined && row.inode !== "0") users.set(ends, row.uid);
  }
  return keys.map((forms) => forms.map((key) => users.get(key)).find((uid) => uid !== undefined));
}

/** The rows of open connections: both ends, local first, and what stands behind the state. */
function* openConnections(
  table: string,
): Generator<{ readonly ends: string; readonly rest: () => string }> {
  // Of a row ` sl: local remote st …`, the places follow from the length of an address.
  let lineAt = 0;
  while (lineAt < table.length) {
    const newline = table.indexOf("\n", lineAt);
    const lineEnd = newline < 0 ? table.length : newline;
    const from = table.indexOf(": ", lineAt) + 2;
    if (from < 2) return;
    const localEnd = table.indexOf(" ", from);
    const endsTo = from + 2 * (localEnd - from) + 1;
    if (endsTo < lineEnd && table.startsWith(OPEN_STATE, endsTo)) {
      const stateEnd = endsTo + OPEN_STATE.length;
      yield { ends: table.slice(from, endsTo), rest: () => table.slice(stateEnd, lineEnd) };
    }
    lineAt = lineEnd + 1;
  }
}

/** The socket that listens on an address and port, or on the port of all addresses. */
export function tcpListener(table: string, { address, port }: TcpEnd): TcpListener | undefined {
  const [four, six] = ["0.0.0.0", "::"].map((any) => hexEnd(any, port));
  const candidates = [hexEnd(address, port), hexEnd(`::ffff:${address}`, port), four, six];
  for (const local of candidates) {
    if (local === undefined) continue;
    const row = findRow(table, `${local} ${remoteOfListener(local)} ${LISTEN}`);
    if (row !== undefined) return row;
  }
  return undefined;
}

function remoteOfListener(local: string): string {
  return local.replace(/[0-9A-F]/g, "0");
}

function findRow(table: string, wanted: string): TcpListener | undefined {
  const at = table.indexOf(` ${wanted} `);
  if (at < 0) return undefined;
  const end = table.indexOf("\n", at);
  return readRow(table.slice(at + wanted.length + 2, end < 0 ? undefined : end));
}

/** Row: `sl local remote st queues timer retransmits uid timeout inode …`; given from `queues` on. */
function readRow(rest: string): TcpListener | undefined {
  const [, , , uid, , inode] = rest.trim().split(/\s+/);
  if (uid === undefined || inode === undefined || !/^\d+$/.test(uid)) return undefined;
  return { uid: Number(uid), inode };
}

/** Both ends as they stand in a row; a client with an IPv6 socket reaches an IPv4 address too. */
function keysOf({ client, server }: TcpQuestion): readonly string[] {
  const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "");
  const [from, to] = [plain(client.address), plain(server.address)];
  const both = (prefix: string) => {
    const ends = [hexEnd(prefix + from, client.port), hexEnd(prefix + to, server.port)];
    return ends.includes(undefined) ? [] : [ends.join(" ")];
  };
  return isIPv4(from) ? [...both(""), ...both("::ffff:")] : both("");
}

/** `0100007F:2815`: words of 32 bits in the machine's byte order, which is little-endian here. */
function hexEnd(address: string, port: number): string | undefined {
  const bytes = addressBytes(address);
  if (bytes === undefined) return undefined;
  let hex = "";
  for (let word = 0; word < bytes.length; word += 4) {
    for (let index = word + 3; index >= word; index--) {
      hex += (bytes[index] ?? 0).toString(16).padStart(2, "0");
    }
  }
  return `${hex}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
}

function addressBytes(address: string): readonly number[] | undefined {
  if (isIPv4(address)) return address.split(".").map(Number);
  const mapped = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = mapped === null
    ? address
    : `${mapped[1]}${
      [0, 2].map((at) => (Number(mapped[at + 2]) * 256 + Number(mapped[at + 3])).toString(16))
        .join(":")
    }`;
  const [head = "", tail] = text.split("::");
  const groups = (part: string | undefined) =>
    part === undefined || part === "" ? [] : part.split(":");
  const [before, after] = [groups(head), groups(tail)];
  const missing = 8 - before.length - after.length;
  if (missing < 0 || (tail === undefined && missing !== 0)) return undefined;
  const words = [...before, ...Array<string>(missing).fill("0"), ...after]
    .map((group) => Number.parseInt(group, 16));
  return words.some(Number.isNaN) ? undefined : words.flatMap((word) => [word >> 8, word & 255]);
}

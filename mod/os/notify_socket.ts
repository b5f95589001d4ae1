import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";

/** Sends one datagram, such as `READY=1\nSTATUS=Serving 3 pods`, to the service manager. */
export type NotifySend = (message: string) => Promise<void>;

/** What of the C library is called, with the shapes that bun:ffi gives it. */
interface Libc {
  socket(family: number, type: number, protocol: number): number;
  sendto(fd: number, data: number, size: number, flags: number, to: number, toSize: number): bigint;
  close(fd: number): number;
  clock_gettime(clock: number, result: number): number;
}

interface Ffi {
  dlopen(library: string, symbols: unknown): { readonly symbols: Libc };
  ptr(bytes: Uint8Array | BigInt64Array): number;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_MONOTONIC = 1;

/**
 * The cheapest way to the service manager that this runtime has.
 *
 * Unix datagrams are in neither Node, Deno nor Bun. Bun can call the C library
 * (0.5 ms for the first message, nothing to speak of for the next); elsewhere, and
 * where Bun runs without its JIT, `systemd-notify` is started for each message
 * (about 10 ms); a unit for those must say `NotifyAccess=all`.
 *
 * @param path the value of `NOTIFY_SOCKET`; `@` at its start is the abstract namespace
 */
export async function openNotifySocket(path: string): Promise<NotifySend> {
  return await viaLibc(path).catch(() => viaCommand(path));
}

async function viaLibc(path: string): Promise<NotifySend> {
  // A name in a variable: the other runtimes must not try to resolve it.
  const moduleName = "bun:ffi";
  const { dlopen, ptr } = await import(moduleName) as Ffi; // a module of Bun's own, see Ffi
  const { symbols: libc } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    sendto: { args: ["i32", "ptr", "usize", "i32", "ptr", "u32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
    clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  });
  const address = socketAddress(path);
  const monotonicMicroseconds = (): bigint => {
    const time = new BigInt64Array(2);
    libc.clock_gettime(CLOCK_MONOTONIC, ptr(time));
    const [seconds = 0n, nanoseconds = 0n] = time;
    return seconds * 1_000_000n + nanoseconds / 1000n;
  };
  // deno-lint-ignore require-await -- the other way needs to wait
  return async (message) => {
    const stamped = isReloading(message)
      ? `${message}\nMONOTONIC_USEC=${monotonicMicroseconds()}`
      : message;
    const data = new TextEncoder().encode(stamped);
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw new Error("Cannot open a datagram socket");
    try {
      const sent = libc.sendto(
        fd,
        ptr(data),
        data.length,
        MSG_NOSIGNAL,
        ptr(address),
        address.length,
      );
      if (Number(sent) !== data.length) {
        throw new Error(`Cannot send to the notify socket "${path}"`);
      }
    } finally {
      libc.close(fd);
    }
  };
}

/** `struct sockaddr_un`: the family, the path, and a NUL unless the name is abstract. */
function socketAddress(path: string): Uint8Array {
  const name = new TextEncoder().encode(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
  const address = new Uint8Array(2 + name.length);
  address.set(new Uint8Array(Uint16Array.of(AF_UNIX).buffer)); // in the machine's own byte order
  address.set(name, 2);
  return address;
}

function viaCommand(path: string): NotifySend {
  const run = (args: readonly string[]) =>
    new Promise<void>((resolve, reject) => {
      execFile(
        "systemd-notify",
        args,
        { env: { ...process.env, NOTIFY_SOCKET: path }, timeout: 5000 },
        (error) => error === null ? resolve() : reject(error),
      );
    });
  return async (message) => {
    const stamp = isReloading(message) ? [`MONOTONIC_USEC=${await uptimeMicroseconds()}`] : [];
    await run([...message.split("\n"), ...stamp]);
  };
}

/** The resolution of `/proc/uptime`. */
const UPTIME_STEP_US = 10_000;

/**
 * Not before now: systemd only asks that a reload did not begin before it was
 * wanted. The time since boot counts sleep too, the monotonic clock does not, so it
 * is never behind; its resolution is made good for.
 */
async function uptimeMicroseconds(): Promise<number> {
  const seconds = Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]);
  return Math.round(seconds * 1e6) + UPTIME_STEP_US;
}

function isReloading(message: string): boolean {
  return message.split("\n").includes("RELOADING=1");
}

/** Who is at the other end of a unix socket: the kernel knows, and cannot be lied to. */
import type { Socket } from "node:net";

/** A function of the C library, with the shapes that both runtimes give it. */
type GetSockOpt = (
  fd: number,
  level: number,
  option: number,
  value: Uint8Array,
  size: Uint8Array,
) => number;

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** Finds the user who opened a connection; undefined if this runtime cannot ask. */
export type FindUnixPeer = (socket: Socket) => number | undefined;

/**
 * A finder for this runtime. Neither Node, Deno nor Bun shows the credentials of
 * a unix socket's other end, so the C library is called, where the runtime can.
 */
export async function openUnixPeerFinder(): Promise<FindUnixPeer> {
  const getsockopt = await libcOfBun().catch(libcOfDeno).catch(() => undefined);
  if (getsockopt === undefined) return () => undefined;
  return (socket) => {
    const fd = descriptorOf(socket);
    if (fd === undefined) return undefined;
    const credentials = new Int32Array(3); // struct ucred: pid, uid, gid
    const size = Uint32Array.of(credentials.byteLength);
    const failed = getsockopt(
      fd,
      SOL_SOCKET,
      SO_PEERCRED,
      new Uint8Array(credentials.buffer),
      new Uint8Array(size.buffer),
    );
    const [, uid] = new Uint32Array(credentials.buffer);
    return failed === 0 ? uid : undefined;
  };
}

/** The descriptor behind a socket; none of the runtimes has a documented way to it. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } };
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}

async function libcOfBun(): Promise<GetSockOpt> {
  // A name in a variable: the other runtimes must not try to resolve it.
  const moduleName = "bun:ffi";
  const { dlopen } = await import(moduleName) as { // a module of Bun's own
    dlopen(library: string, symbols: unknown): { symbols: { getsockopt: GetSockOpt } };
  };
  return dlopen("libc.so.6", {
    getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  }).symbols.getsockopt;
}

function libcOfDeno(): GetSockOpt {
  return Deno.dlopen("libc.so.6", {
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  }).symbols.getsockopt as GetSockOpt; // its buffers are wider, what is given is the same
}

import { hostname, networkInterfaces } from "node:os";
import process from "node:process";

/** The kubelet's own default for its node name: the host name in lower case. */
export function defaultNodeName(): string {
  return hostname().toLowerCase();
}

/**
 * The first global unicast address of the node, IPv4 before IPv6, in the
 * order of its interfaces; `127.0.0.1` where it has none.
 */
export function defaultNodeAddress(): string {
  const addresses = Object.values(networkInterfaces()).flat()
    .filter((entry) => entry !== undefined)
    .filter((entry) => !entry.internal && !isLinkLocal(entry.address));
  const preferred = addresses.find((entry) => entry.family === "IPv4") ?? addresses[0];
  return preferred?.address ?? "127.0.0.1";
}

function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab]/i.test(address);
}

/** The user and group that this process acts as; files that it makes belong to them. */
export function processOwner(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

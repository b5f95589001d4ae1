import { readFile } from "node:fs/promises";
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

/**
 * The ID of the kernel's present boot, 32 hex digits: the unit passes it in PODSTEAD_BOOT_ID,
 * because a service that systemd confines to `ProcSubset=pid` cannot read the kernel's.
 *
 * @param path the kernel's, but in tests
 * @returns undefined if neither can be read
 */
export async function bootId(
  env: Readonly<Record<string, string | undefined>>,
  path = "/proc/sys/kernel/random/boot_id",
): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch(() => env["PODSTEAD_BOOT_ID"] ?? "");
  const id = text.trim().replaceAll("-", "");
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

/** The user and group that this process acts as; files that it makes belong to them. */
export function processOwner(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

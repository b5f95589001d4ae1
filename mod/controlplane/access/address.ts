/** IP addresses as the values they stand for, however they are written. */
import { isIP } from "node:net";

/**
 * The one short form of an IP address: RFC 5952 for IPv6, and dotted for an
 * IPv4 address that is written as IPv6 (`::ffff:10.0.0.9`), because Go puts it
 * into certificates and compares it that way (net.IP.To4). Undefined if the
 * text is no address, or one with a zone (`fe80::1%eth0`), which no certificate can hold.
 */
export function canonicalAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes("%")) return undefined;
  if (family === 4) return text;
  // The URL parser writes an IPv6 address in its canonical form.
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped === null) return address;
  return mapped.slice(1).flatMap((group) => splitGroup(parseInt(group, 16))).join(".");
}

/** The bytes of an address, 4 or 16 as `canonicalAddress` writes it; undefined if it is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  const address = canonicalAddress(text);
  if (address === undefined) return undefined;
  if (isIP(address) === 4) return Uint8Array.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Uint8Array.from([...left, ...zeros, ...right].flatMap(splitGroup));
}

function groupsOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}

function splitGroup(group: number): readonly [number, number] {
  return [group >> 8, group & 0xff];
}

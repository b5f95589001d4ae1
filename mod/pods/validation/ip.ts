/**
 * IP addresses as Go's lenient parser reads them: leading zeros are decimal.
 *
 * Source: Kubernetes 1.36, k8s.io/utils/net `ParseIPSloppy`, k8s.io/apimachinery pkg/util/validation `IsValidIP*`.
 */
import { invalid } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";

/** Which family an address is of, or undefined when the text is no address. */
export function ipFamily(value: string): 4 | 6 | undefined {
  for (const character of value) {
    if (character === ".") return isIPv4(value) ? 4 : undefined;
    if (character === ":") return ipv6Family(value);
  }
  return undefined;
}

/**
 * Adds an issue unless `value` is an address; with `strict`, also for leading
 * zeros and for an IPv4 address inside an IPv6 one.
 */
export function validateIp(
  value: string,
  strict: boolean,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (ipFamily(value) === undefined) {
    issues.push(invalid(path, value, "must be an IP address such as 10.9.8.7 or 2001:db8::ffff"));
  } else if (strict && /(^|[.:])0\d+\.|\.0\d+($|\.)/.test(value)) {
    issues.push(invalid(path, value, "must not have leading 0s"));
  } else if (strict && value.includes(":") && ipFamily(value) === 4) {
    issues.push(invalid(path, value, "must not be an IPv4 address inside an IPv6 one"));
  }
}

function isIPv4(value: string): boolean {
  const parts = value.split(".");
  return parts.length === 4 &&
    parts.every((part) =>
      /^\d+$/.test(part) && part.replace(/^0+(?=.)/, "").length <= 3 && Number(part) <= 255
    );
}

/** 4 for an IPv4 address inside an IPv6 one, which Go takes for the former. */
function ipv6Family(value: string): 4 | 6 | undefined {
  const groups = ipv6Groups(value);
  if (groups === undefined) return undefined;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return mapped ? 4 : 6;
}

function ipv6Groups(value: string): readonly number[] | undefined {
  const halves = value.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => half === "" ? [] : half.split(":"));
  const all = [...head!, ...(tail ?? [])];
  const groups: number[] = [];
  for (const [index, part] of all.entries()) {
    if (part.includes(".")) {
      if (index !== all.length - 1 || !isIPv4(part)) return undefined;
      const bytes = part.split(".").map(Number);
      groups.push(bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!);
    } else {
      if (!/^[0-9a-fA-F]+$/.test(part)) return undefined;
      const group = parseInt(part, 16);
      if (group > 0xffff) return undefined;
      groups.push(group);
    }
  }
  if (tail === undefined) return groups.length === 8 ? groups : undefined;
  if (groups.length >= 8) return undefined;
  const headLength = head!.length + (tail.length === 0 && head!.at(-1)?.includes(".") ? 1 : 0);
  const gap = Array.from({ length: 8 - groups.length }, () => 0);
  return [...groups.slice(0, headLength), ...gap, ...groups.slice(headLength)];
}

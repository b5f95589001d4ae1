import { canonicalJson, type JsonValue } from "../../../mod/core/mod.ts";

const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;
const MASK = (1n << 128n) - 1n;

/** The FNV-128a hash of bytes, as 32 hexadecimal digits. */
export function fnv128a(bytes: Uint8Array): string {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash.toString(16).padStart(32, "0");
}

/**
 * The UID that a pod from a manifest URL gets: it depends on the pod's content,
 * not on the order of its keys, on where it came from (`url:<url>`), and on the
 * kubelet's own version.
 *
 * The kubelet hashes Go's printed form of the pod; this hashes its canonical
 * JSON, so the values differ and what they depend on does not.
 */
export function podUid(pod: JsonValue, origin: string, minor: number): string {
  // Each minor prints its structs in its own way.
  const printed = `1.${minor} ${canonicalJson(pod)}${origin}`;
  return fnv128a(new TextEncoder().encode(printed));
}

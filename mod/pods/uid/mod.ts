/**
 * The UID that the kubelet gives to a static pod from a URL.
 *
 * Source: kubernetes 1.36 pkg/kubelet/config/common.go `applyDefaults`, pkg/util/hash
 * `DeepHashObject`; the hash is FNV-1a of 128 bits.
 */
import type { Pod } from "../types/mod.ts";
import { dumpTyped, NotDumpable } from "./go_dump.ts";

const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;

/**
 * The UID of a pod, `pod` being what the kubelet has after its decoder's defaults
 * and before its own changes, `url` its `staticPodURL`.
 *
 * @returns undefined if it is not to be had: for a pod with a time, managed
 * fields or a status in its manifest.
 */
export function staticPodUid(pod: Pod, url: string): string | undefined {
  if (pod.metadata.uid !== "") return pod.metadata.uid;
  try {
    return fnv128a(dumpTyped(internal(pod), "*core.Pod") + `url:${url}`);
  } catch (error) {
    if (error instanceof NotDumpable) return undefined;
    throw error;
  }
}

/** Where Go's own type of a pod differs from the one in manifests. */
function internal(pod: Pod): object {
  const { spec } = pod;
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec;
  const sharing = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  const securityContext = { ...spec.securityContext, ...sharing };
  return { ...pod, kind: "", apiVersion: "", spec: { ...spec, securityContext } };
}

function fnv128a(text: string): string {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash.toString(16).padStart(32, "0");
}

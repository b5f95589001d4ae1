/** The list that the kubelet reads: which bytes stand for which pods. */
import { createHash } from "node:crypto";
import {
  canonicalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../core/mod.ts";

/** Stamped on every served pod; the kubelet copies it to the CRI sandbox. */
export const SPEC_HASH_ANNOTATION = "podstead.dev/spec-hash";

/**
 * The largest body a kubelet accepts, in bytes. It reads at most 10 MiB and
 * takes a body that fills the limit for a truncated one.
 *
 * Source: measured on kubelet 1.36.2; k8s.io/utils/io `ReadAtMost`.
 */
export const MAX_MANIFEST_BYTES = 10 * 1024 * 1024 - 1;

/** Hexadecimal digits of a spec hash: 64 bits, ample for the pods of one node. */
const SPEC_HASH_LENGTH = 16;

/**
 * The short SHA-256 of a pod as declared, over its canonical JSON: key order
 * and white space do not matter. A stamp that the pod already carries (copied
 * from a running pod) does not count.
 */
export function specHash(pod: JsonObject): string {
  const known = hashes.get(pod);
  if (known !== undefined) return known;
  const hash = createHash("sha256").update(canonicalJson(withoutStamp(pod))).digest("hex")
    .slice(0, SPEC_HASH_LENGTH);
  hashes.set(pod, hash);
  return hash;
}

/** The hashes of pods, which are never changed: each step of a reload asks for them. */
const hashes = new WeakMap<JsonObject, string>();

/**
 * The pod as it is served: as declared, plus the spec hash annotation and the
 * pod's UID, and nothing else.
 *
 * @param uid undefined to let the kubelet make one up
 */
export function stampPod(pod: JsonObject, hash: string, uid?: string): JsonObject {
  const metadata = asObject(getOwn(pod, "metadata"));
  const annotations = asObject(getOwn(metadata, "annotations"));
  return {
    ...pod,
    metadata: {
      ...metadata,
      annotations: { ...annotations, [SPEC_HASH_ANNOTATION]: hash },
      ...(uid === undefined ? {} : { uid }),
    },
  };
}

/** Renders one pod, already stamped, as it is in the list. */
export function renderPod(pod: JsonObject): Uint8Array {
  return new TextEncoder().encode(canonicalJson(pod));
}

const HEAD = new TextEncoder().encode('{"apiVersion":"v1","items":[');
const TAIL = new TextEncoder().encode('],"kind":"PodList"}\n');
const COMMA = ",".charCodeAt(0);

/**
 * Joins rendered pods, in order, to a `v1` `PodList`: the canonical JSON of it.
 *
 * No pods is an explicit empty list, never an empty body: the kubelet would
 * take that for an order to remove every pod.
 */
export function joinManifest(pods: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(manifestBytes(pods.map(({ byteLength }) => byteLength)));
  bytes.set(HEAD);
  let at = HEAD.byteLength;
  pods.forEach((pod, index) => {
    if (index > 0) bytes[at++] = COMMA;
    bytes.set(pod, at);
    at += pod.byteLength;
  });
  bytes.set(TAIL, at);
  return bytes;
}

/** How many bytes the list has of rendered pods of these sizes. */
export function manifestBytes(sizes: readonly number[]): number {
  const commas = Math.max(0, sizes.length - 1);
  return sizes.reduce((sum, size) => sum + size, 0) + commas + HEAD.byteLength +
    TAIL.byteLength;
}

/** Renders pods, already stamped and in order, as a `v1` `PodList`. */
export function renderManifest(pods: readonly JsonObject[]): Uint8Array {
  return joinManifest(pods.map(renderPod));
}

function withoutStamp(pod: JsonObject): JsonObject {
  const metadata = getOwn(pod, "metadata");
  if (!isJsonObject(metadata)) return pod;
  const annotations = getOwn(metadata, "annotations");
  if (!isJsonObject(annotations) || !Object.hasOwn(annotations, SPEC_HASH_ANNOTATION)) return pod;
  const { [SPEC_HASH_ANNOTATION]: _, ...others } = annotations;
  const { annotations: __, ...bare } = metadata;
  return {
    ...pod,
    metadata: Object.keys(others).length === 0 ? bare : { ...bare, annotations: others },
  };
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

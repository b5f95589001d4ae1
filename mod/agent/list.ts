/** The list as it is served: one text for each pod, made once, and the whole of them. */
import { createHash, type Hash } from "node:crypto";
import { Breath, type Clock, type JsonObject } from "../core/mod.ts";
import { openPod, type Unseal } from "../materialize/mod.ts";
import { joinManifest, renderPod, stampPod } from "../pods/mod.ts";
import type { ServedPod } from "./state/state.ts";

/** The list as it is served, with what it consists of. */
export interface Manifest {
  readonly bytes: Uint8Array;
  /** Strong entity tag, quoted: the SHA-256 of the bytes. */
  readonly etag: string;
  readonly pods: number;
}

/** Nothing is served yet. */
export const NO_MANIFEST: Manifest = { bytes: new Uint8Array(), etag: "", pods: 0 };

/** The texts of pods by the pod as declared, which is never changed, and by its UID. */
const rendered = new WeakMap<JsonObject, Map<string | undefined, Uint8Array>>();

/**
 * One pod as it is in the list; the same pod is rendered once.
 *
 * @param unseal opens the sealed values of its environment; without it they stay as they are
 */
export function renderServed(
  { pod, hash, uid, sealed }: Pick<ServedPod, "pod" | "hash" | "uid" | "sealed">,
  unseal?: Unseal,
): Uint8Array {
  if (sealed !== undefined) {
    const opened = unseal === undefined ? { pod } : openPod({ pod, sealed }, unseal);
    return renderPod(stampPod("pod" in opened ? opened.pod : pod, hash, uid));
  }
  const ofPod = rendered.get(pod) ?? new Map<string | undefined, Uint8Array>();
  rendered.set(pod, ofPod);
  const known = ofPod.get(uid);
  if (known !== undefined) return known;
  const bytes = renderPod(stampPod(pod, hash, uid));
  ofPod.set(uid, bytes);
  return bytes;
}

/** The sizes of pods, which are never changed. */
const sizes = new WeakMap<JsonObject, number>();

/** How many bytes a pod has in the list without a UID, its sealed values as they are. */
export function listedBytes(served: Pick<ServedPod, "pod" | "hash">): number {
  const { pod, hash } = served;
  const known = sizes.get(pod);
  if (known !== undefined) return known;
  const size = renderPod(stampPod(pod, hash)).byteLength;
  sizes.set(pod, size);
  return size;
}

/** Whether all that is sealed in a pod's environment can be opened: only then it can be served. */
export function isOpen(pod: Pick<ServedPod, "pod" | "sealed">, unseal: Unseal): boolean {
  return pod.sealed === undefined || "pod" in openPod(pod, unseal);
}

/** Renders the list that the kubelet should get. @param pods those that are open, see `isOpen` */
export function manifestOf(pods: readonly ServedPod[], unseal?: Unseal): Manifest {
  const bytes = joinManifest(pods.map((pod) => renderServed(pod, unseal)));
  return { bytes, etag: etagOf(createHash("sha256").update(bytes)), pods: pods.length };
}

/** How much of a list is hashed at once, in bytes: a millisecond or two. */
const HASHED_AT_ONCE = 512 * 1024;

/** Renders lists, and remembers the last one: most reloads change nothing, and ask several times. */
export class ListRenderer {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #unseal: Unseal | undefined;
  #last: { readonly pods: readonly ServedPod[]; readonly manifest: Manifest } | undefined;

  constructor(clock: Pick<Clock, "monotonicMs">, unseal?: Unseal) {
    this.#clock = clock;
    this.#unseal = unseal;
  }

  /** As `manifestOf`. */
  render(pods: readonly ServedPod[]): Manifest {
    return this.#known(pods) ?? this.#remember(pods, manifestOf(pods, this.#unseal));
  }

  /** The same, with room for other things in between; it is known then. */
  async renderAhead(pods: readonly ServedPod[]): Promise<Manifest> {
    const known = this.#known(pods);
    if (known !== undefined) return known;
    const breath = new Breath(this.#clock);
    const rendered: Uint8Array[] = [];
    for (const pod of pods) {
      rendered.push(renderServed(pod, this.#unseal));
      if (breath.isDue) await breath.take();
    }
    const bytes = joinManifest(rendered);
    const hash = createHash("sha256");
    for (let at = 0; at < bytes.byteLength; at += HASHED_AT_ONCE) {
      hash.update(bytes.subarray(at, at + HASHED_AT_ONCE));
      if (breath.isDue) await breath.take();
    }
    return this.#remember(pods, { bytes, etag: etagOf(hash), pods: pods.length });
  }

  #known(pods: readonly ServedPod[]): Manifest | undefined {
    const last = this.#last;
    const isSame = last !== undefined && last.pods.length === pods.length &&
      last.pods.every(({ pod, uid }, at) => pod === pods[at]?.pod && uid === pods[at].uid);
    return isSame ? last.manifest : undefined;
  }

  #remember(pods: readonly ServedPod[], manifest: Manifest): Manifest {
    this.#last = { pods, manifest };
    return manifest;
  }
}

function etagOf(hash: Hash): string {
  return `"${hash.digest("hex").slice(0, 32)}"`;
}

import type { JsonObject } from "../core/mod.ts";
import { containerHash } from "./container_hash.ts";
import { containersOf, sidecarsOf, textAt } from "./spec.ts";

/** A container that runs as long as its pod does. */
export interface ExpectedContainer {
  readonly name: string;
  readonly image: string;
  /** The kubelet's hash of it. */
  readonly hash: string;
}

/** The containers that run while the pod does: sidecars, then ordinary ones. */
export function expectedContainers(pod: JsonObject): readonly ExpectedContainer[] {
  return [...sidecarsOf(pod), ...containersOf(pod)].map((container) => {
    const [name, image] = [textAt(container, "name"), textAt(container, "image")];
    return { name, image, hash: containerHash(name, image) };
  });
}

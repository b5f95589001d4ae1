import type { FieldPath } from "../../issue.ts";
import type { Container, PodSpec } from "../../types/mod.ts";

/** A container of any sort; an ephemeral one has a field more. */
export interface PlacedContainer {
  readonly container: Container;
  readonly path: FieldPath;
}

/** All containers in the kubelet's order: init, ordinary, ephemeral. */
export function allContainers(spec: PodSpec, path: FieldPath): readonly PlacedContainer[] {
  const place = (containers: readonly Container[], name: string) => {
    const list = path.child(name);
    return containers.map((container, index) => ({ container, path: list.index(index) }));
  };
  return [
    ...place(spec.initContainers, "initContainers"),
    ...place(spec.containers, "containers"),
    ...place(spec.ephemeralContainers, "ephemeralContainers"),
  ];
}

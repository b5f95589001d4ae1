/**
 * What the containers of a pod ask for together.
 *
 * Source: Kubernetes 1.36, k8s.io/component-helpers resource, `AggregateContainerRequests` and
 * `AggregateContainerLimits`: ordinary containers and sidecars add up, an init
 * container counts with the sidecars before it, and the greatest wins.
 */
import type { Quantity } from "./quantity.ts";
import type { Container, PodSpec } from "./types/mod.ts";

/** Quantities by the name of their resource. */
export type ResourceList = ReadonlyMap<string, Quantity>;

/** The sum over the containers of a pod. */
export function totalResources(spec: PodSpec, side: "requests" | "limits"): ResourceList {
  const total = new Map<string, Quantity>();
  for (const container of spec.containers) addTo(total, container.resources[side]);
  const sidecars = new Map<string, Quantity>();
  const greatestInit = new Map<string, Quantity>();
  for (const container of spec.initContainers) {
    const own = container.resources[side];
    if (isSidecar(container)) {
      addTo(total, own);
      addTo(sidecars, own);
      maxTo(greatestInit, sidecars);
    } else {
      const alone = new Map(own);
      addTo(alone, sidecars);
      maxTo(greatestInit, alone);
    }
  }
  maxTo(total, greatestInit);
  return total;
}

/** Whether an init container keeps running alongside the ordinary ones. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** Whether a resource may be asked for by a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || isHugePages(name);
}

/** Whether a resource is memory in pages of one size. */
export function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
}

/** Whether limits may exceed requests: native resources other than huge pages. */
export function isOvercommitAllowed(name: string): boolean {
  const isNative = !name.includes("/") || name.includes("kubernetes.io/");
  return isNative && !isHugePages(name);
}

function addTo(total: Map<string, Quantity>, more: ResourceList): void {
  for (const [name, amount] of more) {
    const sum = total.get(name);
    total.set(name, sum === undefined ? amount : sum.add(amount));
  }
}

function maxTo(greatest: Map<string, Quantity>, more: ResourceList): void {
  for (const [name, amount] of more) {
    const known = greatest.get(name);
    if (known === undefined || amount.compare(known) > 0) greatest.set(name, amount);
  }
}

/**
 * Names of resources and what they say about amounts.
 *
 * Source: kubernetes 1.36 pkg/apis/core/helper/helpers.go and
 * pkg/apis/core/validation/validation.go, `validateResourceName`,
 * `ValidateContainerResourceName`.
 */
import { parseQuantity, QuantityError } from "../quantity.ts";
import type { Quantity } from "../quantity.ts";
import { qualifiedName } from "./names.ts";
import type { Reasons } from "./names.ts";

const NONE: Reasons = [];
const HUGE_PAGES = "hugepages-";
const NATIVE_DOMAIN = "kubernetes.io/";

/** Resources that are counted. */
const COUNTED: ReadonlySet<string> = new Set([
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

/** Resources with a name of one part, of containers, quotas and claims. */
const STANDARD: ReadonlySet<string> = new Set([
  ...COUNTED,
  "cpu",
  "memory",
  "ephemeral-storage",
  "storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "requests.storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
]);

/** The ones that nearly every container names, and nothing is wrong with. */
const OF_CONTAINERS: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

/** Huge pages, of any size. */
export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES);
}

/** A resource of Kubernetes itself. */
function isNative(name: string): boolean {
  return !name.includes("/") || name.includes(NATIVE_DOMAIN);
}

/** A resource of a device plugin. */
function isExtended(name: string): boolean {
  if (isNative(name) || name.startsWith("requests.")) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

/** Requests of it may be lower than limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

/** Its amounts are whole numbers. */
export function isIntegerResource(name: string): boolean {
  return COUNTED.has(name) || isExtended(name);
}

/** What is wrong with the name of a resource, wherever it is used. */
export function resourceName(name: string): Reasons {
  if (STANDARD.has(name)) return NONE;
  const reasons = qualifiedName(name);
  if (reasons.length > 0 || name.includes("/")) return reasons;
  if (isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`)) return NONE;
  return ["must be a resource of Kubernetes, or have a domain prefix"];
}

/** What is wrong with the name of a resource of a container. */
export function containerResourceName(name: string): Reasons {
  if (OF_CONTAINERS.has(name)) return NONE;
  const reasons = resourceName(name);
  if (!name.includes("/")) {
    if (isHugePages(name)) return reasons;
    return [...reasons, "must be a resource that containers have: cpu, memory, ephemeral-storage"];
  }
  if (isNative(name) || isExtended(name)) return reasons;
  return [...reasons, "must be the name of an extended resource"];
}

/** True if an amount of huge pages is a multiple of the page size that its name says. */
export function pageSizeDivides(name: string, amount: Quantity): boolean {
  const size = parseQuantity(name.slice(HUGE_PAGES.length));
  if (size instanceof QuantityError) return false;
  if (size.sign() <= 0 || size.milliValue() % 1000n !== 0n) return false;
  const bytes = size.value();
  return bytes !== 0n && amount.value() % bytes === 0n;
}

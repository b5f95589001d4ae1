/**
 * Requests and limits.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validateResourceRequirements`,
 * `ValidateContainerResourceName`, `ValidateResourceQuantityValue`,
 * `validateResourceClaimNames`, `validateResizePolicy`.
 */
import { duplicate, forbidden, invalid, notFound, notSupported, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { Quantity } from "../quantity.ts";
import type { ContainerResizePolicy, ResourceClaim, ResourceRequirements } from "../types/mod.ts";
import { dnsLabel, pushInvalid } from "./names.ts";
import {
  containerResourceName,
  isHugePages,
  isIntegerResource,
  isOvercommitAllowed,
  pageSizeDivides,
  resourceName,
} from "./resource_names.ts";

/** Judges the name of a resource, which is at `path`. */
export type ResourceNameRule = (name: string, path: FieldPath, issues: PodIssue[]) => void;

/** A resource of Kubernetes, or one with a domain prefix. */
export function validateResourceName(name: string, path: FieldPath, issues: PodIssue[]): void {
  pushInvalid(issues, path, name, resourceName(name));
}

/** A resource that containers can ask for. */
export function validateContainerResourceName(
  name: string,
  path: FieldPath,
  issues: PodIssue[],
): void {
  pushInvalid(issues, path, name, containerResourceName(name));
}

/**
 * Requests and limits, at `path`, of a container if `validateName` does not say
 * otherwise; `podClaims` are the names of the pod's resource claims.
 */
export function validateResourceRequirements(
  resources: ResourceRequirements,
  podClaims: ReadonlySet<string>,
  path: FieldPath,
  issues: PodIssue[],
  validateName: ResourceNameRule = validateContainerResourceName,
): void {
  const { limits, requests, claims } = resources;
  if (limits.size > 0) {
    const limitsPath = path.child("limits");
    for (const [name, limit] of limits) {
      validateAmount(name, limit, validateName, limitsPath, issues);
    }
  }
  if (requests.size > 0) {
    const requestsPath = path.child("requests");
    for (const [name, request] of requests) {
      validateAmount(name, request, validateName, requestsPath, issues);
      validateAgainstLimit(name, request, limits.get(name), path, issues);
    }
  }
  if ((hasHugePages(limits) || hasHugePages(requests)) && !hasCompute(limits, requests)) {
    issues.push(forbidden(path, "huge pages need cpu or memory beside them"));
  }
  if (claims.length > 0) validateClaims(claims, podClaims, path.child("claims"), issues);
}

function hasHugePages(amounts: ReadonlyMap<string, Quantity>): boolean {
  for (const name of amounts.keys()) {
    if (isHugePages(name)) return true;
  }
  return false;
}

function hasCompute(...lists: readonly ReadonlyMap<string, Quantity>[]): boolean {
  return lists.some((amounts) => amounts.has("cpu") || amounts.has("memory"));
}

function validateAmount(
  name: string,
  amount: Quantity,
  validateName: ResourceNameRule,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const place = path.key(name);
  validateName(name, place, issues);
  validateResourceQuantity(name, amount, place, issues);
  if (isHugePages(name) && !pageSizeDivides(name, amount)) {
    issues.push(invalid(place, amount, `must be a multiple of the page size of ${name}`));
  }
}

/** The amount of a resource: not negative, and whole where it is counted. */
export function validateResourceQuantity(
  name: string,
  amount: Quantity,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (amount.sign() < 0) issues.push(invalid(path, amount, "must not be negative"));
  if (isIntegerResource(name) && amount.milliValue() % 1000n !== 0n) {
    issues.push(invalid(path, amount, "must be a whole number"));
  }
}

/** The kubelet says it of the whole list; the place is the very request. */
function validateAgainstLimit(
  name: string,
  request: Quantity,
  limit: Quantity | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return;
    issues.push(required(path.child("limits"), `${name} cannot be overcommitted, set its limit`));
    return;
  }
  const difference = request.compare(limit);
  const place = path.child("requests").at(name);
  if (difference !== 0 && !isOvercommitAllowed(name)) {
    issues.push(invalid(place, request, `must be equal to the ${name} limit, ${limit}`));
  } else if (difference > 0) {
    issues.push(invalid(place, request, `must be at most the ${name} limit, ${limit}`));
  }
}

function validateClaims(
  claims: readonly ResourceClaim[],
  podClaims: ReadonlySet<string>,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const used = new Set<string>();
  for (const [index, { name, request }] of claims.entries()) {
    const place = path.index(index);
    if (name === "") {
      issues.push(required(place));
      continue;
    }
    if (used.has(name)) issues.push(duplicate(place, name));
    else {
      const key = request === "" ? name : `${name}/${request}`;
      if (request !== "") {
        pushInvalid(issues, place.child("request"), request, dnsLabel(request));
      }
      if (used.has(key)) issues.push(duplicate(place, key));
      else if (request === "") {
        // The whole claim overlaps with each request of it that was there before.
        for (const other of used) {
          if (other.startsWith(`${name}/`)) issues.push(duplicate(place, name));
        }
      }
      used.add(key);
    }
    if (!podClaims.has(name)) issues.push(notFound(place, name));
  }
}

const RESIZABLE = ["cpu", "memory"];
const RESIZE_POLICIES = ["NotRequired", "RestartContainer"];

/** `resizePolicy` of a container; the kubelet's field names leave out the index. */
export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[],
  podRestartPolicy: string,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const seen = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) issues.push(duplicate(path.index(index), resourceName));
    seen.add(resourceName);
    const place = path.at(index);
    if (resourceName === "") issues.push(required(place.at("resourceName")));
    else if (!RESIZABLE.includes(resourceName)) {
      issues.push(notSupported(place.at("resourceName"), resourceName, RESIZABLE));
    }
    if (restartPolicy === "") issues.push(required(place.at("restartPolicy")));
    else if (!RESIZE_POLICIES.includes(restartPolicy)) {
      issues.push(notSupported(place.at("restartPolicy"), restartPolicy, RESIZE_POLICIES));
    }
    if (podRestartPolicy === "Never" && restartPolicy !== "NotRequired") {
      const wanted = "must be NotRequired, because the pod's restartPolicy is Never";
      issues.push(invalid(place.at("restartPolicy"), restartPolicy, wanted));
    }
  }
}

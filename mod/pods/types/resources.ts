/**
 * What containers and pods ask of a node.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, map, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { quantity, str } from "./scalars.ts";

/** A claim of the pod that a container uses. */
export const ResourceClaim = struct({
  name: str,
  request: str,
});
export type ResourceClaim = ValueOf<typeof ResourceClaim>;

/** Requests and limits. */
export const ResourceRequirements = struct({
  limits: map(quantity),
  requests: map(quantity),
  claims: list(ResourceClaim),
});
export type ResourceRequirements = ValueOf<typeof ResourceRequirements>;

/** Whether a container restarts when a resource of it is resized. */
export const ContainerResizePolicy = struct({
  resourceName: str,
  restartPolicy: str,
});
export type ContainerResizePolicy = ValueOf<typeof ContainerResizePolicy>;

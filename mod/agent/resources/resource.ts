import type { JsonObject } from "../../core/mod.ts";

/** The types of `podstead get`, by the name in their TYPE column. */
export const RESOURCE_TYPES = [
  "StaticPod",
  "StaticPodStatus",
  "StaticPodServerStatus",
  "ConfigStatus",
  "ConfigMap",
  "Secret",
] as const;
export type ResourceType = typeof RESOURCE_TYPES[number];

/** The namespace of all of podstead's resources, as on the documentation page. */
export const RESOURCE_NAMESPACE = "k8s";

/** What a resource is, apart from its version. */
export interface ResourceContent {
  readonly id: string;
  /** What the version counts: +1 whenever this changes. */
  readonly spec: JsonObject;
  /** It was never put to use: what it is in the end is no further version of it. */
  readonly draft?: true;
  /** What is observed about it; changes are seen by watchers but not counted. */
  readonly status?: JsonObject;
}

/** One resource as the store holds it. */
export interface Resource extends ResourceContent {
  readonly type: ResourceType;
  /** From 1, +1 per changed spec; survives restarts. */
  readonly version: number;
  /** ISO 8601, when this ID came into being. */
  readonly created: string;
  /** ISO 8601, when the spec last changed. */
  readonly updated: string;
}

/** One step in the life of a resource, as a watcher sees it. */
export interface ResourceEvent {
  readonly event: "created" | "updated" | "destroyed";
  readonly resource: Resource;
}

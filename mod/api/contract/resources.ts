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

/** One resource of a node. */
export interface Resource {
  /** The node's address, as in the NODE column. */
  readonly node: string;
  readonly type: ResourceType;
  readonly id: string;
  /** From 1, +1 per changed spec; survives restarts. */
  readonly version: number;
  /** ISO 8601, since when this ID exists. */
  readonly created: string;
  /** ISO 8601, when the spec last changed. */
  readonly updated: string;
  /** What the version counts. */
  readonly spec: JsonObject;
  /** What is observed about it; changes are seen by watchers but not counted. */
  readonly status?: JsonObject;
}

/** The answer to a list: one valid JSON document, also without items. */
export interface ResourceList {
  readonly apiVersion: "podstead.dev/v1";
  readonly items: readonly Resource[];
}

/** One step in the life of a resource, as a watcher sees it. */
export interface ResourceEvent {
  readonly event: "created" | "updated" | "destroyed";
  readonly resource: Resource;
}

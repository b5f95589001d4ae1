import type { JsonObject, Path } from "../core/mod.ts";
import type { VolumeFiles } from "../materialize/mod.ts";
import type { DeclaredPod, PodIssue } from "../pods/mod.ts";

/** What the kubelet would say of a pod: any error refuses it. */
export interface PodVerdict {
  readonly errors: readonly PodIssue[];
  readonly warnings: readonly PodIssue[];
}

/** What a pod takes from ConfigMaps and Secrets. */
export interface PodObjects {
  /** The pod as declared, with its references. */
  readonly declared: JsonObject;
  /** The files of its volumes. */
  readonly volumes: readonly VolumeFiles[];
  /** Where the served pod has sealed values in its environment; absent if it has none. */
  readonly sealed?: readonly Path[];
  /** The keys of the objects that it uses, such as `ConfigMap default/app`. */
  readonly objects: readonly string[];
}

/** A declared pod with its verdict. */
export interface JudgedPod extends PodVerdict {
  /** As it should be served; its `entry` is as declared. */
  readonly declared: DeclaredPod;
  /** Undefined for a pod that refers to no object of the node. */
  readonly resolved?: PodObjects;
  /** Why it cannot be served yet although it is valid; undefined for most. */
  readonly held?: string;
}

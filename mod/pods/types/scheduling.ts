/**
 * Where a pod may run.
 *
 * Source of the names and types: k8s.io/api core/v1 of Kubernetes 1.31 to 1.37.
 */
import { list, optional, struct } from "./kinds.ts";
import type { ValueOf } from "./kinds.ts";
import { int32, int64, str } from "./scalars.ts";
import { LabelSelector } from "./meta.ts";

/** One condition on a node. */
export const NodeSelectorRequirement = struct({
  key: str,
  operator: str,
  values: list(str),
});
export type NodeSelectorRequirement = ValueOf<typeof NodeSelectorRequirement>;

/** Conditions on a node, all of which must hold. */
export const NodeSelectorTerm = struct({
  matchExpressions: list(NodeSelectorRequirement),
  matchFields: list(NodeSelectorRequirement),
});
export type NodeSelectorTerm = ValueOf<typeof NodeSelectorTerm>;

/** Terms of which one must hold. */
export const NodeSelector = struct({
  nodeSelectorTerms: list(NodeSelectorTerm),
});
export type NodeSelector = ValueOf<typeof NodeSelector>;

/** A term with its weight. */
export const PreferredSchedulingTerm = struct({
  weight: int32,
  preference: NodeSelectorTerm,
});
export type PreferredSchedulingTerm = ValueOf<typeof PreferredSchedulingTerm>;

/** Which nodes. */
export const NodeAffinity = struct({
  requiredDuringSchedulingIgnoredDuringExecution: optional(NodeSelector),
  preferredDuringSchedulingIgnoredDuringExecution: list(PreferredSchedulingTerm),
});
export type NodeAffinity = ValueOf<typeof NodeAffinity>;

/** Which other pods, and what counts as near. */
export const PodAffinityTerm = struct({
  labelSelector: optional(LabelSelector),
  namespaces: list(str),
  topologyKey: str,
  namespaceSelector: optional(LabelSelector),
  matchLabelKeys: list(str),
  mismatchLabelKeys: list(str),
});
export type PodAffinityTerm = ValueOf<typeof PodAffinityTerm>;

/** A term with its weight. */
export const WeightedPodAffinityTerm = struct({
  weight: int32,
  podAffinityTerm: PodAffinityTerm,
});
export type WeightedPodAffinityTerm = ValueOf<typeof WeightedPodAffinityTerm>;

/** Near which pods. */
export const PodAffinity = struct({
  requiredDuringSchedulingIgnoredDuringExecution: list(PodAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(WeightedPodAffinityTerm),
});
export type PodAffinity = ValueOf<typeof PodAffinity>;

/** Away from which pods. */
export const PodAntiAffinity = struct({
  requiredDuringSchedulingIgnoredDuringExecution: list(PodAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(WeightedPodAffinityTerm),
});
export type PodAntiAffinity = ValueOf<typeof PodAntiAffinity>;

/** All affinities of a pod. */
export const Affinity = struct({
  nodeAffinity: optional(NodeAffinity),
  podAffinity: optional(PodAffinity),
  podAntiAffinity: optional(PodAntiAffinity),
});
export type Affinity = ValueOf<typeof Affinity>;

/** A taint that the pod bears. */
export const Toleration = struct({
  key: str,
  operator: str,
  value: str,
  effect: str,
  tolerationSeconds: optional(int64),
});
export type Toleration = ValueOf<typeof Toleration>;

/** How evenly pods are spread. */
export const TopologySpreadConstraint = struct({
  maxSkew: int32,
  topologyKey: str,
  whenUnsatisfiable: str,
  labelSelector: optional(LabelSelector),
  minDomains: optional(int32),
  nodeAffinityPolicy: optional(str),
  nodeTaintsPolicy: optional(str),
  matchLabelKeys: list(str),
});
export type TopologySpreadConstraint = ValueOf<typeof TopologySpreadConstraint>;

/** Something that holds the scheduling back. */
export const PodSchedulingGate = struct({
  name: str,
});
export type PodSchedulingGate = ValueOf<typeof PodSchedulingGate>;

/** The group of a workload that the pod belongs to, as 1.35 named it. */
export const WorkloadReference = struct({
  name: str,
  podGroup: str,
  podGroupReplicaKey: str,
});
export type WorkloadReference = ValueOf<typeof WorkloadReference>;

/** Who reacts when the pod is asked to leave its node. */
export const EvictionResponder = struct({
  name: str,
  priority: optional(int32),
});
export type EvictionResponder = ValueOf<typeof EvictionResponder>;

/** The group that the pod is scheduled with. */
export const PodSchedulingGroup = struct({
  podGroupName: optional(str),
});
export type PodSchedulingGroup = ValueOf<typeof PodSchedulingGroup>;

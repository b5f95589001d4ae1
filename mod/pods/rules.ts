/**
 * Which of the kubelet's rules apply in which version, with which feature gates.
 *
 * Sources: kubernetes pkg/api/pod/util.go `GetValidationOptionsFromPodSpecAndMeta` and
 * pkg/kubelet/config/common.go, of 1.31 to 1.37. Up to 1.34 the kubelet judged static pods
 * with empty options, whatever its gates said (kubernetes/kubernetes#135031).
 */
import { isGateOn } from "./versions/feature_gates.ts";
import type { DecidingGate, GateSettings } from "./versions/feature_gates.ts";
import { NEWEST_MINOR, OLDEST_MINOR } from "./versions/minors.ts";

/** The rules of one kubelet. */
export interface RuleOptions {
  /** The minor of 1.x; fields that came later are unknown to it. */
  readonly minor: number;
  /** Environment variables of any printable ASCII. */
  readonly relaxedEnvNames: boolean;
  /** DNS search domains with underscores, and `.`. */
  readonly relaxedDnsSearch: boolean;
  /** `sleep: {seconds: 0}`. */
  readonly sleepZero: boolean;
  /** `spec.resources` is validated. */
  readonly podLevelResources: boolean;
  /** `spec.resources` gets defaults: the gate's doing, in every minor. */
  readonly podLevelResourceDefaults: boolean;
  /** `resizePolicy` of restartable init containers. */
  readonly sidecarResizePolicy: boolean;
  /** No resize restarts an init container that is no sidecar. */
  readonly noInitResizeRestart: boolean;
  /** `restartPolicy` and `restartPolicyRules` of ordinary containers. */
  readonly containerRestartRules: boolean;
  /** Init containers with restart rules need a `restartPolicy`, whatever the gate says. */
  readonly initRestartRulesNeedPolicy: boolean;
  /** Rules that restart all containers, and rules of sidecars. */
  readonly restartAllContainers: boolean;
  /** Lists of restart rules that are too long are `Too many`, not `Too long`. */
  readonly countsRestartRules: boolean;
  /** `env[].valueFrom.fileKeyRef`. */
  readonly envFiles: boolean;
  /** `matchLabelKeys` of topology spread constraints are judged as those of affinities. */
  readonly topologySpreadMatchLabelKeys: boolean;
  /** Of `seLinuxChangePolicy`, `Recursive` alone is allowed. */
  readonly onlyRecursiveSELinuxChangePolicy: boolean;
  /** Which references to API objects are refused. */
  readonly apiReferences: "all" | "claims and trust bundles" | "trust bundles";
  /** A volume may be an image. */
  readonly imageVolumes: boolean;
  /** Image volumes get a pull policy by default. */
  readonly imageVolumeDefaults: boolean;
  /** An image volume needs its `reference`. */
  readonly imageVolumeNeedsReference: boolean;
  /** Mounts of image volumes may have a `subPath`. */
  readonly imageVolumeSubPaths: boolean;
  /** `hostUsers: false` is refused where volume devices are used. */
  readonly userNamespacesWithoutVolumeDevices: boolean;
  /** `hostUsers: false` goes with the host's network. */
  readonly userNamespacesHostNetwork: boolean;
  /** IP addresses have no leading zeros. */
  readonly strictIps: boolean;
  /** Tolerations compare numbers, with `Gt` and `Lt`. */
  readonly tolerationComparisons: boolean;
  /** The deletion cost of an annotation is a number. */
  readonly podDeletionCost: boolean;
  /** Values that a required node affinity names are label values. */
  readonly nodeAffinityLabelValues: boolean;
  /** A missing name of a CSI driver is an invalid one too. */
  readonly csiDriverReportedTwice: boolean;
  /** Mistakes of owner references are named by their index, and what is missing is `Required`. */
  readonly indexedOwnerReferences: boolean;
  /** An operation of managed fields that is missing is told from one that is unknown. */
  readonly managedFieldsOperations: boolean;
  /** `shareProcessNamespace` is a field of the spec, not of its security context. */
  readonly sharesProcessesInSpec: boolean;
  /** A mirror pod may have no resource claims. */
  readonly mirrorPodsWithoutClaims: boolean;
  /** `status.podIP` and `podIPs` are made to agree. */
  readonly podIpsConverted: boolean;
  /** `volumeAttributesClassName` of a claim template is validated. */
  readonly volumeAttributesClass: boolean;
}

/**
 * The rules of a kubelet with these feature gates; those that are not set have their
 * default. A newer version than is known has the newest known rules, an older one the oldest.
 */
export function rulesOf(minor: number, settings: GateSettings = {}): RuleOptions {
  const known = Math.min(Math.max(minor, OLDEST_MINOR), NEWEST_MINOR);
  const isOn = (name: DecidingGate) => isGateOn(name, known, settings);
  const hasOptions = known >= 35;
  return {
    minor: known,
    relaxedEnvNames: hasOptions,
    relaxedDnsSearch: hasOptions,
    sleepZero: hasOptions,
    podLevelResources: hasOptions && isOn("PodLevelResources"),
    podLevelResourceDefaults: isOn("PodLevelResources"),
    sidecarResizePolicy: hasOptions,
    noInitResizeRestart: known >= 36,
    containerRestartRules: hasOptions && isOn("ContainerRestartRules"),
    initRestartRulesNeedPolicy: hasOptions,
    restartAllContainers: hasOptions && isOn("RestartAllContainersOnContainerExits"),
    countsRestartRules: known >= 36,
    envFiles: hasOptions && isOn("EnvFiles"),
    topologySpreadMatchLabelKeys: hasOptions && isOn("MatchLabelKeysInPodTopologySpread") &&
      isOn("MatchLabelKeysInPodTopologySpreadSelectorMerge"),
    onlyRecursiveSELinuxChangePolicy: hasOptions && !isOn("SELinuxMount"),
    apiReferences: known >= 37 || isOn("PreventStaticPodAPIReferences")
      ? "all"
      : known >= 32
      ? "claims and trust bundles"
      : "trust bundles",
    imageVolumes: known >= 32,
    imageVolumeDefaults: isOn("ImageVolume"),
    imageVolumeNeedsReference: known >= 37,
    imageVolumeSubPaths: known >= 33,
    userNamespacesWithoutVolumeDevices: known >= 34,
    userNamespacesHostNetwork: hasOptions && isOn("UserNamespacesHostNetworkSupport"),
    strictIps: isOn("StrictIPCIDRValidation"),
    tolerationComparisons: hasOptions && isOn("TaintTolerationComparisonOperators"),
    podDeletionCost: !hasOptions || isOn("PodDeletionCost"),
    nodeAffinityLabelValues: known >= 33,
    csiDriverReportedTwice: known <= 34,
    indexedOwnerReferences: known >= 37,
    managedFieldsOperations: known >= 37,
    sharesProcessesInSpec: known >= 37,
    mirrorPodsWithoutClaims: known >= 32,
    podIpsConverted: known <= 36,
    volumeAttributesClass: known >= 34,
  };
}

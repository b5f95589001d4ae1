/**
 * Which of the kubelet's rules hold in which version.
 *
 * Sources: kubernetes pkg/features/kube_features.go (the gates' defaults) and
 * pkg/kubelet/config/common.go. Up to 1.34 the kubelet judged static pods with
 * empty options, whatever its gates said (kubernetes/kubernetes#135031).
 */

/** The newest minor of Kubernetes 1.x whose rules are known. */
export const NEWEST_MINOR = 36;
/** The oldest one that is told apart from those before it. */
export const OLDEST_MINOR = 31;

/** The rules of one kubelet version, with its default feature gates. */
export interface RuleOptions {
  /** The minor of 1.x; fields that came later are unknown to it. */
  readonly minor: number;
  /** Environment variables of any printable ASCII. */
  readonly relaxedEnvNames: boolean;
  /** DNS search domains with underscores, and `.`. */
  readonly relaxedDnsSearch: boolean;
  /** `sleep: {seconds: 0}`. */
  readonly sleepZero: boolean;
  /** `spec.resources` is validated and given defaults. */
  readonly podLevelResources: boolean;
  /** `resizePolicy` of restartable init containers. */
  readonly sidecarResizePolicy: boolean;
  /** `restartPolicy` and `restartPolicyRules` of ordinary containers. */
  readonly containerRestartRules: boolean;
  /** `env[].valueFrom.fileKeyRef`. */
  readonly envFiles: boolean;
  /** `matchLabelKeys` of topology spread constraints are validated. */
  readonly topologySpreadMatchLabelKeys: boolean;
  /** Of `seLinuxChangePolicy`, `Recursive` alone is allowed. */
  readonly onlyRecursiveSELinuxChangePolicy: boolean;
  /** References to API objects are refused. */
  readonly preventApiReferences: boolean;
  /** Image volumes get a pull policy by default. */
  readonly imageVolumeDefaults: boolean;
  /** `hostUsers: false` is refused where volume devices are used. */
  readonly userNamespacesWithoutVolumeDevices: boolean;
  /** IP addresses have no leading zeros (gate StrictIPCIDRValidation). */
  readonly strictIps: boolean;
}

/**
 * The rules of a kubelet. A newer version than is known has the newest known
 * rules, an older one the oldest.
 */
export function rulesOf(minor: number): RuleOptions {
  const known = Math.min(Math.max(minor, OLDEST_MINOR), NEWEST_MINOR);
  const withOptions = known >= 35;
  return {
    minor: known,
    relaxedEnvNames: withOptions,
    relaxedDnsSearch: withOptions,
    sleepZero: withOptions,
    podLevelResources: withOptions,
    sidecarResizePolicy: withOptions,
    containerRestartRules: withOptions,
    envFiles: withOptions,
    topologySpreadMatchLabelKeys: withOptions,
    onlyRecursiveSELinuxChangePolicy: withOptions,
    preventApiReferences: known >= 34,
    imageVolumeDefaults: known >= 35,
    userNamespacesWithoutVolumeDevices: known >= 34,
    strictIps: known >= 36,
  };
}

/**
 * The minor of a version such as `1.34`, `v1.34.2` or `1.34.2-k3s1`; undefined
 * when the text is none, or is not of Kubernetes 1.
 */
export function minorOf(version: string): number | undefined {
  const match = /^v?1\.(\d{1,3})(?:[.+-].*)?$/.exec(version.trim());
  return match === null ? undefined : Number(match[1]);
}

/**
 * Keys of a Talos machine config that podstead knows and does not manage. Source:
 * Talos v1alpha1 machine config reference, `Config`, `MachineConfig` and `ClusterConfig`.
 */

const MACHINE_KEYS = [
  "token",
  "ca",
  "acceptedCAs",
  "certSANs",
  "kubelet",
  "network",
  "disks",
  "install",
  "files",
  "env",
  "time",
  "sysctls",
  "sysfs",
  "registries",
  "systemDiskEncryption",
  "features",
  "udev",
  "logging",
  "kernel",
  "seccompProfiles",
  "baseRuntimeSpecOverrides",
  "nodeLabels",
  "nodeAnnotations",
  "nodeTaints",
] as const;

/** The cluster's certificates and secrets come from `cluster.pkiDirectory` here. */
const CLUSTER_KEYS = [
  "id",
  "secret",
  "token",
  "ca",
  "acceptedCAs",
  "aggregatorCA",
  "serviceAccount",
  "proxy",
  "discovery",
  "coreDNS",
  "externalCloudProvider",
  "extraManifests",
  "extraManifestHeaders",
  "inlineManifests",
  "adminKubeconfig",
  "allowSchedulingOnControlPlanes",
  "allowSchedulingOnMasters",
  "network.cni",
  "etcd.ca",
  "etcd.advertisedSubnets",
  "etcd.listenSubnets",
  "etcd.subnet",
] as const;

const IGNORED: ReadonlySet<string> = new Set([
  "debug",
  "persist",
  ...MACHINE_KEYS.map((key) => `machine.${key}`),
  ...CLUSTER_KEYS.map((key) => `cluster.${key}`),
]);

/** True for a key that belongs into a Talos config and means nothing here. */
export function isIgnoredTalosKey(path: readonly (string | number)[]): boolean {
  return IGNORED.has(path.join("."));
}

/** All of them, in dotted notation. */
export const ignoredTalosKeys: readonly string[] = [...IGNORED];

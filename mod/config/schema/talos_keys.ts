/**
 * Keys of a Talos machine config that podstead knows and does not manage.
 * Source: Talos v1alpha1 machine config reference, `Config` and `MachineConfig`.
 */
import { ignoredClusterPaths } from "./cluster.ts";

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

const IGNORED: ReadonlySet<string> = new Set([
  "debug",
  "persist",
  ...MACHINE_KEYS.map((key) => `machine.${key}`),
  ...ignoredClusterPaths.map((path) => path.join(".")),
]);

/** True for a key that belongs into a Talos config and means nothing here. */
export function isIgnoredTalosKey(path: readonly (string | number)[]): boolean {
  return IGNORED.has(path.join("."));
}

/** All of them, in dotted notation. */
export const ignoredTalosKeys: readonly string[] = [...IGNORED];

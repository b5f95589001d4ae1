/** Volumes that the kubelet's rules allow and that do not work, or not as meant. */
import { warning } from "./issue.ts";
import type { FieldPath, PodIssue } from "./issue.ts";
import type { RuleOptions } from "./rules.ts";
import type { Volume } from "./types/mod.ts";
import { hasSource } from "./volume_defaults.ts";

/** Sources whose driver has left the kubelet, with the minor of 1.x since when. */
const REMOVED_DRIVERS = [
  ["photonPersistentDisk", 23],
  ["scaleIO", 22],
  ["flocker", 25],
  ["quobyte", 25],
  ["storageos", 25],
  ["glusterfs", 26],
  ["cephfs", 31],
  ["rbd", 31],
] as const;

/** Since this minor the kubelet refuses to mount git repositories by default. */
const GIT_REPO_DISABLED = 33;

/** A last segment that looks like a file: an extension that configs, keys and sockets have. */
const FILE_LIKE =
  /\.(?:conf|cfg|ini|ya?ml|json|toml|env|pem|crt|cert|key|pub|sock|socket|log|txt|sh|lock|kubeconfig)$/;
/** Files without an extension that pods are often given. */
const KNOWN_FILES: ReadonlySet<string> = new Set([
  "/etc/hosts",
  "/etc/localtime",
  "/etc/machine-id",
  "/etc/passwd",
  "/etc/group",
  "/etc/timezone",
  "/etc/os-release",
]);

/** The warnings on the volumes of a pod, `path` being that of the list. */
export function findVolumeWarnings(
  volumes: readonly Volume[],
  path: FieldPath,
  rules: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, volume] of volumes.entries()) {
    findVolumeWarning(volume, path.index(index), rules, issues);
  }
}

function findVolumeWarning(
  volume: Volume,
  path: FieldPath,
  rules: RuleOptions,
  issues: PodIssue[],
): void {
  const { hostPath, gitRepo } = volume;
  if (hostPath !== undefined && looksLikeFile(hostPath.path)) {
    const place = path.child("hostPath");
    if ((hostPath.type ?? "") === "") {
      const detail = `without a type, a directory is made of "${hostPath.path}" where ` +
        "nothing is there; set type: File, FileOrCreate or Socket";
      issues.push(warning(place.child("path"), "Discouraged", detail));
    } else if (hostPath.type === "DirectoryOrCreate") {
      const detail = `makes a directory of "${hostPath.path}", which looks like a file`;
      issues.push(warning(place.child("type"), "Discouraged", detail));
    }
  }
  if (gitRepo !== undefined && rules.minor >= GIT_REPO_DISABLED) {
    const detail = `kubelets since 1.${GIT_REPO_DISABLED} do not mount it`;
    issues.push(warning(path.child("gitRepo"), "Deprecated", detail));
  }
  for (const [name, minor] of REMOVED_DRIVERS) {
    if (volume[name] === undefined || rules.minor < minor) continue;
    const detail = `the kubelet has no driver for it since 1.${minor}, so the pod never starts`;
    issues.push(warning(path.child(name), "Deprecated", detail));
  }
  if (!hasSource(volume)) {
    const detail = "has no source that the kubelet knows, so it becomes an empty directory";
    issues.push(warning(path, "Discouraged", detail));
  }
}

function looksLikeFile(path: string): boolean {
  return FILE_LIKE.test(path) || KNOWN_FILES.has(path);
}

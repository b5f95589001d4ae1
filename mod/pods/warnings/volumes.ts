/** Volumes that the kubelet's rules allow and that do not work, or not as meant. */
import { FieldPath } from "../issue.ts";
import { hasSource } from "../volume_defaults.ts";
import type { WarningRule } from "./rule.ts";

const VOLUMES = FieldPath.root("spec").child("volumes");

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

/** Rules on volumes. */
export const VOLUME_RULES: readonly WarningRule[] = [
  {
    name: "file-becomes-directory",
    type: "Discouraged",
    fields: ["spec.volumes.hostPath.type"],
    about:
      "A `hostPath` that looks like a file and has no `type`: a directory is made where there " +
      "is nothing.",
    hint: "Set type: File, FileOrCreate or Socket",
    find({ pod }, report) {
      for (const [at, { hostPath }] of pod.spec.volumes.entries()) {
        if (hostPath === undefined || !looksLikeFile(hostPath.path)) continue;
        const place = VOLUMES.index(at).child("hostPath");
        if ((hostPath.type ?? "") === "") {
          const detail = `without a type, a directory is made of "${hostPath.path}" where ` +
            "nothing is there";
          report(place.child("path"), detail);
        } else if (hostPath.type === "DirectoryOrCreate") {
          const detail = `makes a directory of "${hostPath.path}", which looks like a file`;
          report(place.child("type"), detail);
        }
      }
    },
  },
  {
    name: "volume-driver-gone",
    type: "Will not work",
    fields: REMOVED_DRIVERS.map(([name]) => `spec.volumes.${name}`),
    about: "A volume whose driver has left the kubelet: " +
      `${REMOVED_DRIVERS.map(([name, minor]) => `\`${name}\` (1.${minor})`).join(", ")}.`,
    hint: "Mount the storage on the node and use hostPath, or nfs or iscsi",
    find({ pod, rules }, report) {
      for (const [at, volume] of pod.spec.volumes.entries()) {
        for (const [name, minor] of REMOVED_DRIVERS) {
          if (volume[name] === undefined || rules.minor < minor) continue;
          const detail =
            `the kubelet has no driver for it since 1.${minor}, so the pod never starts`;
          report(VOLUMES.index(at).child(name), detail);
        }
      }
    },
  },
  {
    name: "git-repo-volume",
    type: "Deprecated",
    fields: ["spec.volumes.gitRepo"],
    about: `Kubelets since 1.${GIT_REPO_DISABLED} do not mount git repositories.`,
    hint: "Clone it on the node and use hostPath, or in an init container into an emptyDir",
    find({ pod, rules }, report) {
      for (const [at, { gitRepo }] of pod.spec.volumes.entries()) {
        if (gitRepo === undefined) continue;
        const detail = rules.minor >= GIT_REPO_DISABLED
          ? `kubelets since 1.${GIT_REPO_DISABLED} do not mount it`
          : `kubelets from 1.${GIT_REPO_DISABLED} on will not mount it`;
        report(VOLUMES.index(at).child("gitRepo"), detail);
      }
    },
  },
  {
    name: "volume-without-source",
    type: "Discouraged",
    fields: ["spec.volumes"],
    about: "A volume without a source that the kubelet knows becomes an empty directory.",
    hint: "Add its source, such as hostPath; write emptyDir: {} where that is meant",
    find({ pod }, report) {
      for (const [at, volume] of pod.spec.volumes.entries()) {
        if (hasSource(volume)) continue;
        const detail = "has no source that the kubelet knows, so it becomes an empty directory";
        report(VOLUMES.index(at), detail);
      }
    },
  },
];

function looksLikeFile(path: string): boolean {
  return FILE_LIKE.test(path) || KNOWN_FILES.has(path);
}

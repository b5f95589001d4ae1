/** Volumes of the pods. Every hostPath has a type, or a requirement that its path exists. */
import type { JsonObject } from "../../core/mod.ts";
import type { ExtraVolume } from "../config.ts";
import type { Requirement } from "../plan.ts";

/** A volume and where the container sees it. */
export interface MountedVolume {
  readonly volume: JsonObject & { readonly name: string };
  readonly mount: JsonObject;
}

/**
 * A path of the node, seen under the same path inside. The types that create
 * nothing make the kubelet wait for the path instead of inventing a directory.
 */
export function hostVolume(
  name: string,
  path: string,
  type: "Directory" | "File",
  readOnly = true,
): MountedVolume {
  return {
    volume: { name, hostPath: { path, type } },
    mount: { name, mountPath: path, ...(readOnly ? { readOnly } : {}) },
  };
}

/** Scratch space in memory, for a container whose root file system is read-only. */
export function memoryVolume(name: string, path: string): MountedVolume {
  return {
    volume: { name, emptyDir: { medium: "Memory" } },
    mount: { name, mountPath: path },
  };
}

/** The volume of `extraVolumes`. */
export function extraVolume(extra: ExtraVolume): MountedVolume {
  const name = extra.name ?? volumeName(extra.mountPath);
  const type = extra.pathType === undefined ? {} : { type: extra.pathType };
  return {
    volume: { name, hostPath: { path: extra.hostPath, ...type } },
    mount: {
      name,
      mountPath: extra.mountPath,
      ...(extra.readonly ? { readOnly: true } : {}),
    },
  };
}

/**
 * What must exist for an extra volume. Without a type the container runtime
 * would create a missing path as a directory, also where a file belongs
 * (siderolabs/talos issue 6888).
 */
export function extraVolumeRequirement(extra: ExtraVolume): readonly Requirement[] {
  switch (extra.pathType) {
    case "DirectoryOrCreate":
    case "FileOrCreate":
      return [];
    case "Directory":
      return [{ kind: "path", path: extra.hostPath, type: "directory" }];
    case "File":
      return [{ kind: "path", path: extra.hostPath, type: "file" }];
    default:
      return [{ kind: "path", path: extra.hostPath, type: "any" }];
  }
}

/** A volume name made of a path, as Talos makes it: `/etc/my_certs.d` is `etc-my-certs-d`. */
export function volumeName(path: string): string {
  const name = path.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 63);
  return name.replaceAll(/^-+|-+$/g, "") || "root";
}

import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pod, VolumeSpec } from "./pod.ts";

/** The directory of a pod: `<root>/pods/<uid>`. */
export function podDirectory(rootDir: string, uid: string): string {
  return join(rootDir, "pods", uid);
}

/**
 * Where a volume of a pod stands on the node.
 *
 * @throws {Error} where the pod has no such volume
 */
export function volumePath(pod: Pod, name: string, rootDir: string): string {
  const volume = pod.spec.volumes?.find((one) => one.name === name);
  if (volume === undefined) throw new Error(`volume ${JSON.stringify(name)} is not in the pod`);
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  // A volume without a source that the stand-in knows is an emptyDir, as it is for the kubelet.
  const directory = podDirectory(rootDir, pod.metadata.uid);
  return join(directory, "volumes", "kubernetes.io~empty-dir", name);
}

/**
 * Makes the volumes of a pod, as the kubelet does before its sandbox.
 *
 * @throws {Error} in the words of the kubelet, where a host path is not what it should be
 */
export async function mountVolumes(pod: Pod, rootDir: string): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    const path = volumePath(pod, volume.name, rootDir);
    if (volume.hostPath === undefined) await mkdir(path, { recursive: true });
    else await checkHostPath(volume, path);
  }
}

async function checkHostPath(volume: VolumeSpec, path: string): Promise<void> {
  const type = volume.hostPath?.type ?? "";
  const found = await stat(path).catch(() => undefined);
  const refuse = (what: string): never => {
    throw new Error(
      `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ` +
        `hostPath type check failed: ${path} is not a ${what}`,
    );
  };
  switch (type) {
    case "":
      return;
    case "DirectoryOrCreate":
      if (found === undefined) await mkdir(path, { recursive: true });
      else if (!found.isDirectory()) refuse("directory");
      return;
    case "FileOrCreate":
      if (found === undefined) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, "");
      } else if (!found.isFile()) refuse("file");
      return;
    case "Directory":
      if (found === undefined || !found.isDirectory()) refuse("directory");
      return;
    case "File":
      if (found === undefined || !found.isFile()) refuse("file");
      return;
    case "Socket":
      if (found === undefined || !found.isSocket()) refuse("socket");
      return;
    case "CharDevice":
      if (found === undefined || !found.isCharacterDevice()) refuse("character device");
      return;
    case "BlockDevice":
      if (found === undefined || !found.isBlockDevice()) refuse("block device");
      return;
    default:
      throw new Error(`${JSON.stringify(type)} is an invalid volume type`);
  }
}

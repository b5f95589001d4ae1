/** The directories of all pods' volumes on the node. */
import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorText } from "../core/mod.ts";
import { formatKey, type PodKey } from "../pods/mod.ts";
import { writeDirectory } from "./atomic_directory.ts";
import type { Unseal } from "./unseal.ts";
import type { VolumeFiles } from "./volume_files.ts";

/** A pod with its volumes, as far as their files matter. */
export interface PodVolumes extends PodKey {
  readonly volumes?: readonly VolumeFiles[];
}

/** Only root comes through: what is in it is mounted from here by the runtime, as root. */
const ROOT_MODE = 0o700;

/** How files are made. */
export interface VolumeStoreOptions {
  /** Opens sealed values; default: none can be opened. */
  readonly unseal?: Unseal;
  /** Labels a directory for containers; default: it is not labelled. */
  readonly label?: ((directory: string) => Promise<void>) | undefined;
}

/** Writes the files of pods, and takes away those of pods that are gone. */
export class VolumeStore {
  readonly #now: () => number;
  readonly #unseal: Unseal;
  readonly #label: VolumeStoreOptions["label"];

  constructor(
    clock: { readonly now: () => number },
    { unseal = () => ({ fault: "there is no identity" }), label }: VolumeStoreOptions = {},
  ) {
    this.#now = clock.now;
    this.#unseal = unseal;
    this.#label = label;
  }

  /**
   * Writes the files of every pod.
   *
   * @returns the pods, by key, whose files could not be written, and why
   */
  async write(pods: readonly PodVolumes[]): Promise<ReadonlyMap<string, string>> {
    const failed = new Map<string, string>();
    for (const pod of pods) {
      for (const volume of pod.volumes ?? []) {
        try {
          const root = rootOf(pod, volume);
          await mkdir(root, { recursive: true, mode: ROOT_MODE });
          await chmod(root, ROOT_MODE);
          await writeDirectory(this.#opened(volume), {
            nowMs: this.#now(),
            ...(this.#label === undefined ? {} : { label: this.#label }),
          });
        } catch (error) {
          failed.set(
            formatKey(pod),
            `the files of its volume "${volume.volume}" cannot be written: ${errorText(error)}`,
          );
        }
      }
    }
    return failed;
  }

  /** @throws if a value cannot be opened; what is on the node already stays */
  #opened(volume: VolumeFiles): VolumeFiles {
    const files = volume.files.map(({ sealed, ...file }) => {
      if (!sealed) return file;
      const opened = this.#unseal(file.data);
      if ("value" in opened) return { ...file, data: opened.value };
      throw new Error(`the value of "${file.path}" cannot be opened: ${opened.fault}`);
    });
    return { ...volume, files };
  }

  /** Whether there is nothing that a sweep could remove. */
  async isEmpty(volumesDirectory: string): Promise<boolean> {
    return (await namesIn(volumesDirectory)).length === 0;
  }

  /**
   * Removes the directories that no pod uses.
   *
   * @param inUse the volumes of each pod, by its key, that are used; undefined for all of them
   */
  async sweep(
    volumesDirectory: string,
    inUse: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  ): Promise<void> {
    for (const namespace of await namesIn(volumesDirectory)) {
      const directory = join(volumesDirectory, namespace);
      const names = await namesIn(directory);
      const unused = names.filter((name) => !inUse.has(formatKey({ namespace, name })));
      for (const name of unused) await remove(join(directory, name));
      for (const name of names) {
        const volumes = inUse.get(formatKey({ namespace, name }));
        if (volumes === undefined) continue;
        for (const volume of await namesIn(join(directory, name))) {
          if (!volumes.has(volume)) await remove(join(directory, name, volume));
        }
      }
      if (unused.length === names.length) await remove(directory);
    }
  }
}

/** The directory above those of the namespaces. @throws if a volume is not where its pod's are */
function rootOf(pod: PodKey, { volume, directory }: VolumeFiles): string {
  const own = join(pod.namespace, pod.name, volume);
  const names = [pod.namespace, pod.name, volume];
  const isPlain = names.every((name) => /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name));
  if (!isPlain || !directory.endsWith(`/${own}`)) {
    throw new Error(`"${directory}" is not the directory of volume ${own}`);
  }
  return directory.slice(0, -own.length - 1);
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    return []; // there is none yet
  }
}

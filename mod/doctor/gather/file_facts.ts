import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Settings } from "../../config/mod.ts";
import { DEFAULT_IDENTITY_FILE } from "../../secrets/mod.ts";
import type { DiskFacts, FileFacts } from "../facts.ts";

/** How much room the file systems of the state and of the logs have. */
export async function lookAtDisks(
  stateDir: string,
  logsDir: string,
): Promise<readonly DiskFacts[]> {
  const disks: DiskFacts[] = [];
  for (const [path, purpose] of [[stateDir, "podstead's state"], [logsDir, "logs"]] as const) {
    let there = path;
    while (!existsSync(there) && there !== "/") there = dirname(there);
    try {
      const { bavail, blocks, bsize } = await statfs(there);
      disks.push({ path, purpose, freeBytes: bavail * bsize, totalBytes: blocks * bsize });
    } catch {
      // A file system that does not tell is left out.
    }
  }
  return disks;
}

/** The rights of each file that holds a secret. */
export async function lookAtSecrets(settings: Settings): Promise<readonly FileFacts[]> {
  const { manifest, kubelet, pull, stateDir, identityFile } = settings;
  const identity = identityFile ??
    (existsSync(DEFAULT_IDENTITY_FILE) ? DEFAULT_IDENTITY_FILE : null);
  const named = [
    [manifest.tokenFile, "manifest token"],
    [kubelet.clientKey, "key for the kubelet"],
    [kubelet.tokenFile, "token for the kubelet"],
    [pull.credentialsFile, "registry credentials"],
    [identity, "identity of sealed Secrets"],
    [existsSync(stateDir) ? stateDir : null, "state directory"],
  ] as const;
  const files: FileFacts[] = [];
  for (const [path, purpose] of named) {
    if (path === null) continue;
    const mode = await stat(path).then((status) => status.mode & 0o7777).catch(() => undefined);
    files.push({ path, purpose, mode });
  }
  return files;
}

/** Reads a kubelet's manifest folder as the kubelet does. */
import { errorText, isJsonObject, type Problem } from "../../core/mod.ts";
import { decodeText, parseYaml } from "../../yaml/mod.ts";
import type { FolderManifest } from "./import_manifest.ts";

/** Access to the folder. */
export interface FolderFs {
  /** Names of all in it but directories, links followed. @throws the file system's error */
  list(directory: string): Promise<readonly string[]>;
  /** @throws the file system's error, or why it is no file */
  read(path: string): Promise<Uint8Array>;
}

/** What is in a folder. */
export interface ManifestFolder {
  readonly manifests: readonly FolderManifest[];
  /** What cannot be read as a pod, and what the kubelet would not take either. */
  readonly problems: readonly Problem[];
}

/**
 * Reads every file of a folder but those whose name begins with a dot, in
 * order of their names. A file holds one pod.
 *
 * Source: kubernetes pkg/kubelet/config/file_linux.go, `listConfig`.
 *
 * @throws the file system's error where the folder cannot be listed, or this user may not read a file
 */
export async function readManifestFolder(
  directory: string,
  fs: FolderFs,
): Promise<ManifestFolder> {
  const manifests: FolderManifest[] = [];
  const problems: Problem[] = [];
  const names = [...await fs.list(directory)].filter((name) => !name.startsWith(".")).sort();
  for (const name of names) {
    const file = `${directory.replace(/\/$/, "")}/${name}`;
    let bytes: Uint8Array;
    try {
      bytes = await fs.read(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EACCES") throw error; // a matter of who asks
      problems.push(unreadable(file, error));
      continue;
    }
    const decoded = decodeText(bytes, file);
    if (!decoded.ok) {
      problems.push(decoded.problem);
      continue;
    }
    const parsed = parseYaml(decoded.text, file);
    problems.push(...parsed.problems);
    if (parsed.problems.some((problem) => problem.severity === "error")) continue;
    const documents = parsed.documents.filter((document) => document.value !== null);
    const [document, ...others] = documents;
    const pod = document?.value;
    if (others.length > 0 || !isJsonObject(pod) || pod["kind"] !== "Pod") {
      problems.push({
        severity: "error",
        code: "not-a-pod",
        file,
        path: [],
        message: `"${file}" is not one pod`,
        wanted: "one document of kind Pod",
        hint: "The kubelet does not run it either; move it out of the folder",
      });
      continue;
    }
    // kubeadm writes an empty status, which is never read.
    const { status: _, ...rest } = pod;
    manifests.push({ file, pod: rest });
  }
  return { manifests, problems };
}

/** A pipe, a link to nowhere, or a file on a disk that fails: the kubelet passes over it. */
function unreadable(file: string, error: unknown): Problem {
  return {
    severity: "error",
    code: "unreadable-file",
    file,
    path: [],
    message: `It cannot be read: ${errorText(error)}`,
    wanted: "a file with one document of kind Pod",
    hint: "The kubelet does not run it either; move it out of the folder",
  };
}

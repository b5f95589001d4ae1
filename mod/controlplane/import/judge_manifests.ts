/** Which pods of a manifest folder are taken over: those that the kubelet runs. */
import { formatIssue, type Problem } from "../../core/mod.ts";
import { formatKey, type JudgeOptions, judgeServed, podKey } from "../../pods/mod.ts";
import type { FolderManifest } from "./import_manifest.ts";

/** The pods of a folder, judged. */
export interface JudgedManifests {
  /** Those that a kubelet takes. */
  readonly taken: readonly FolderManifest[];
  /** One for each other file: what is wrong with its pod, or which file has it already. */
  readonly problems: readonly Problem[];
}

/**
 * Judges manifests in the order of their names. Of several files with one pod, the
 * kubelet runs the first one, whatever they are called otherwise.
 *
 * Source: kubernetes pkg/kubelet/config/config.go, `filterInvalidPods`; file.go,
 * `extractFromDir`.
 */
export function judgeManifests(
  manifests: readonly FolderManifest[],
  options: JudgeOptions,
): JudgedManifests {
  const first = new Map<string, string>();
  const taken: FolderManifest[] = [];
  const problems: Problem[] = [];
  for (const manifest of manifests) {
    const { file, pod } = manifest;
    const key = podKey(pod);
    const [error] = judgeServed(pod, options).errors;
    if (key === undefined || error !== undefined) {
      const { type = "Required value", detail = "a pod needs a name" } = error ?? {};
      const field = error?.field ?? "metadata.name";
      problems.push({
        severity: "error",
        code: "refused-manifest",
        file,
        path: error?.path ?? [],
        message: `The kubelet refuses this pod: ${formatIssue({ field, type, detail })}`,
        hint: "It is not taken over; fix it, or move it out of the folder",
      });
      continue;
    }
    const earlier = first.get(formatKey(key));
    if (earlier !== undefined) {
      problems.push({
        severity: "error",
        code: "duplicate-manifest",
        file,
        path: [],
        message: `It has pod "${formatKey(key)}" once more; the kubelet runs that of "${earlier}"`,
        hint: "It is not taken over; the kubelet reads every file whose name begins with no dot",
        related: { file: earlier },
      });
      continue;
    }
    first.set(formatKey(key), file);
    taken.push(manifest);
  }
  return { taken, problems };
}

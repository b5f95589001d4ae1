/** Whether files changed, by their facts: nothing is read. */
import type { ControlPlaneFs } from "./node_fs.ts";
import type { ComponentPlan, ControlPlanePlan } from "../plan.ts";

/** The paths whose change can change the outcome of preparing a control plane. */
export interface WatchedPaths {
  /** Files of others. */
  readonly sources: readonly string[];
  /** Podstead's own. */
  readonly written: readonly string[];
}

/** All paths of a plan, sorted. */
export function watchedPaths(plan: ControlPlanePlan): WatchedPaths {
  return {
    sources: unique(plan.pods.flatMap(sourcesOf)),
    written: unique(
      plan.pods.flatMap((pod) => [...pod.files, ...pod.directories].map(({ path }) => path)),
    ),
  };
}

/** One text for the facts of the paths; another text means that something changed. */
export async function fingerprint(
  paths: readonly string[],
  fs: ControlPlaneFs,
): Promise<string> {
  const facts = await Promise.all(paths.map(async (path) => {
    try {
      const found = await fs.facts(path);
      if (found === undefined) return "-";
      const { type, mode, uid, gid, sizeBytes, modifiedMs, inode } = found;
      // A directory changes whenever a process writes into it; its contents are not ours to watch.
      return type === "directory"
        ? [type, mode, uid, gid, inode]
        : [type, mode, uid, gid, sizeBytes, modifiedMs, inode];
    } catch {
      // Cannot be looked at; preparing says why.
      return "!";
    }
  }));
  return JSON.stringify(facts);
}

function sourcesOf(plan: ComponentPlan): readonly string[] {
  const required = plan.requires.flatMap((requirement) => {
    switch (requirement.kind) {
      case "certificate":
        return [requirement.path, requirement.keyPath, requirement.caPath];
      case "key":
        return [requirement.path, requirement.publicKeyPath];
      case "kubeconfig":
        return [requirement.path, requirement.caPath];
      case "path":
        return [requirement.path];
    }
  }).filter((path) => path !== undefined);
  const copied = plan.files.flatMap((file) => "copyOf" in file ? [file.copyOf] : []);
  return [...required, ...copied, ...plan.readAtStart];
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].sort();
}

/** The files and directories that the served pods come from, as the next load must know them. */
import { dirname } from "node:path";
import type { KnownDirectory, KnownSources, LoadedConfig } from "../config/mod.ts";
import { podId } from "../pods/mod.ts";
import type { ObjectPlan } from "./objects.ts";
import type { Plan } from "./plan.ts";
import type { AgentState, SavedStop, ServedObject, ServedPod } from "./state/state.ts";

/** The sources of what is served. */
export function knownSources(
  { pods, objects, stops, directories, lastReload }: AgentState,
): KnownSources {
  const errors = lastReload?.problems.filter(({ severity }) => severity === "error") ?? [];
  return {
    files: sourceFiles(pods, objects, stops),
    directories: directories ?? [],
    wrong: [...new Set(errors.map(({ file }) => file))],
  };
}

/**
 * The directories that give pods, as they are known from now on. One of which
 * pods are kept is remembered as it was: it may come back.
 */
export function directoriesAfter(
  before: readonly KnownDirectory[],
  loaded: Pick<LoadedConfig, "directories">,
  plan: Pick<Plan, "pods" | "outcomes">,
  objects: ObjectPlan,
  stops: readonly SavedStop[],
): readonly KnownDirectory[] {
  const kept = new Set(
    [...plan.outcomes, ...objects.outcomes].filter(({ state, lookAgainMs }) =>
      state === "Kept" && lookAgainMs === undefined
    )
      .map(({ source }) => dirname(source.file)),
  );
  const giving = [
    ...new Set(sourceFiles(plan.pods, objects.objects, stops).map((file) => dirname(file))),
  ]
    .sort();
  return giving.flatMap((path) => {
    const old = before.find((directory) => directory.path === path);
    if (kept.has(path) && old !== undefined) return [old];
    const facts = loaded.directories.find((directory) => directory.path === path)?.facts;
    if (facts?.kind !== "directory") return old === undefined ? [] : [old];
    return [{ path, device: facts.device, inode: facts.inode }];
  });
}

/** Of pods that are declared themselves; those of the control plane are rendered from settings. */
function sourceFiles(
  pods: readonly ServedPod[],
  objects: readonly ServedObject[] = [],
  stops: readonly SavedStop[] = [],
): readonly string[] {
  const declared = pods.filter((pod) => pod.id === podId(pod));
  return [...new Set([...declared, ...objects, ...stops].map(({ source }) => source.file))];
}

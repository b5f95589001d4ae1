/** What `apply` is given, as operations. */
import type { ChangeOperation, PodName } from "../../../api/contract/mod.ts";
import { parsePodFile } from "../../../config/mod.ts";
import { ConfigError, isJsonObject, type Problem, UsageError } from "../../../core/mod.ts";
import {
  type DeclaredObjects,
  declareObjects,
  type ObjectEntry,
  podKey,
} from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { readPodFiles } from "../files/pod_files.ts";

type Applied = ChangeOperation & { kind: "apply" };

/**
 * Reads files, directories and `-`: a node config replaces the main file, pods are
 * declared one by one, ConfigMaps and Secrets too.
 *
 * @throws {ConfigError} with everything that is wrong with the files
 * @throws {UsageError} for a node config beside other files, and for nothing at all
 */
export async function readChange(
  { world }: CliContext,
  paths: readonly string[],
): Promise<readonly ChangeOperation[]> {
  const problems: Problem[] = [];
  const pods: Applied["pods"][number][] = [];
  const objects: ObjectEntry[] = [];
  const firstPods = new Map<string, PodName>();
  let config: string | undefined;
  let files = 0;
  for await (const file of readPodFiles(paths, (maxBytes) => world.readStdin(maxBytes))) {
    if (!("text" in file)) {
      problems.push(file.problem);
      continue;
    }
    files++;
    const { path, text } = file;
    const parsed = parsePodFile(text, path);
    problems.push(...parsed.problems);
    if (parsed.hasNodeConfig) {
      config = text;
      continue;
    }
    objects.push(...parsed.objects);
    for (const { source, pod } of parsed.entries) {
      const key = podKey(pod);
      if (key === undefined || !isJsonObject(pod)) {
        problems.push({
          severity: "error",
          code: "no-name",
          file: path,
          position: source.position,
          path: [],
          message: "The pod has no valid name",
          wanted: "metadata.name",
        });
        continue;
      }
      if (!firstPods.has(path)) firstPods.set(path, key);
      const alone = parsed.entries.length === 1 && source.list === undefined;
      pods.push({ ...key, pod, ...(alone ? { text } : {}) });
    }
  }
  const declared = declareObjects(objects);
  problems.push(...declared.problems);
  if (problems.some(({ severity }) => severity === "error")) {
    throw new ConfigError("Nothing was changed: what was given cannot be used", problems, {
      hint: 'Check it first: "podstead validate FILE"',
    });
  }
  if (config !== undefined) {
    if (files > 1) {
      throw new UsageError("A node config is applied alone, not beside other files");
    }
    return [{ kind: "config", text: config }];
  }
  if (pods.length === 0 && objects.length === 0) {
    throw new UsageError("There is no pod, ConfigMap or Secret in what was given");
  }
  return [{ kind: "apply", pods, objects: givenObjects(declared, firstPods) }];
}

/** Each object, beside the first pod of its file. */
function givenObjects(
  { objects }: DeclaredObjects,
  firstPods: ReadonlyMap<string, PodName>,
): NonNullable<Applied["objects"]> {
  return objects.flatMap(({ object: { kind, namespace, name }, entry }) => {
    if (!isJsonObject(entry.pod)) return [];
    const beside = firstPods.get(entry.source.file);
    const given = { kind, namespace, name, object: entry.pod };
    return [beside === undefined ? given : { ...given, beside }];
  });
}

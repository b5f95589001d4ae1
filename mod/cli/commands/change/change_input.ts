/** What `apply` and `add` are given, as operations. */
import type { ChangeOperation } from "../../../api/contract/mod.ts";
import { parsePodFile } from "../../../config/mod.ts";
import { ConfigError, isJsonObject, type Problem, UsageError } from "../../../core/mod.ts";
import { podKey } from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { readPodFiles } from "../files/pod_files.ts";

/**
 * Reads files, directories and `-`: a node config replaces the main file, pods are
 * declared one by one.
 *
 * @throws {ConfigError} with everything that is wrong with the files
 * @throws {UsageError} for a node config beside other files, and for nothing at all
 */
export async function readChange(
  { world }: CliContext,
  paths: readonly string[],
): Promise<readonly ChangeOperation[]> {
  const problems: Problem[] = [];
  const pods: (ChangeOperation & { kind: "apply" })["pods"][number][] = [];
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
      const alone = parsed.entries.length === 1 && source.list === undefined;
      pods.push({ ...key, pod, ...(alone ? { text } : {}) });
    }
  }
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
  if (pods.length === 0) throw new UsageError("There is no pod in what was given");
  return [{ kind: "apply", pods }];
}

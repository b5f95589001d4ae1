/** What `apply` is given, as operations. */
import type { ChangeOperation, PodName } from "../../../api/contract/mod.ts";
import { writtenTexts } from "../../../change/mod.ts";
import { parsePodFile } from "../../../config/mod.ts";
import {
  ConfigError,
  isJsonObject,
  type JsonObject,
  type Problem,
  UsageError,
} from "../../../core/mod.ts";
import {
  type DeclaredObjects,
  declareObjects,
  type ObjectEntry,
  podKey,
  type PodSource,
} from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { readPodFiles } from "../files/pod_files.ts";

type Applied = ChangeOperation & { kind: "apply" };

/**
 * Reads files, directories and `-`: a node config replaces the main file, pods are
 * declared one by one, ConfigMaps and Secrets too.
 *
 * @throws {ConfigError} with everything that is wrong with the files
 * @throws {UsageError} for a node config next to other files, and for no input
 */
export async function readChange(
  { world }: CliContext,
  paths: readonly string[],
): Promise<readonly ChangeOperation[]> {
  const problems: Problem[] = [];
  const pods: Applied["pods"][number][] = [];
  const objects: ObjectEntry[] = [];
  const firstPods = new Map<string, PodName>();
  const written = new Map<string, ReturnType<typeof writtenTexts>>();
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
    const writtenText = writtenTexts(text);
    written.set(path, writtenText);
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
      const own = alone ? text : writtenText(placeOf(source), pod);
      pods.push({ ...key, ...onItsOwn(pod, own) });
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
      throw new UsageError("A node config is applied alone, not with other files");
    }
    return [{ kind: "config", text: config }];
  }
  if (pods.length === 0 && objects.length === 0) {
    throw new UsageError("There is no pod, ConfigMap or Secret in what was given");
  }
  return [{ kind: "apply", pods, objects: givenObjects(declared, firstPods, written) }];
}

/** Each object, next to the first pod of its file. */
function givenObjects(
  { objects }: DeclaredObjects,
  firstPods: ReadonlyMap<string, PodName>,
  written: ReadonlyMap<string, ReturnType<typeof writtenTexts>>,
): NonNullable<Applied["objects"]> {
  return objects.flatMap(({ object: { kind, namespace, name }, entry }) => {
    if (!isJsonObject(entry.pod)) return [];
    const { source } = entry;
    const beside = firstPods.get(source.file);
    const text = written.get(source.file)?.(placeOf(source), entry.pod);
    const given = { kind, namespace, name, object: entry.pod };
    return [{
      ...given,
      ...(text === undefined ? {} : { text }),
      ...(beside === undefined ? {} : { beside }),
    }];
  });
}

/** A pod for a document of its own: an item of a PodList needs no kind there. */
function onItsOwn(
  pod: JsonObject,
  text: string | undefined,
): { readonly pod: JsonObject; readonly text?: string } {
  if (pod.kind !== undefined) return { pod, ...(text === undefined ? {} : { text }) };
  const { apiVersion = "v1", ...rest } = pod;
  const named = { apiVersion, kind: "Pod", ...rest };
  const start = text?.search(/^[^#\s]/m) ?? -1; // its first line that is no comment
  if (text === undefined || start < 0) return { pod: named };
  const inBraces = text[start] === "{";
  const at = inBraces ? start + 1 : start;
  const lines = [...(pod.apiVersion === undefined ? ["apiVersion: v1"] : []), "kind: Pod"];
  const head = lines.map((line) => inBraces ? `${line}, ` : `${line}\n`).join("");
  return { pod: named, text: text.slice(0, at) + head + text.slice(at) };
}

/** Where a pod or object stands in what was given. */
function placeOf({ document, index, list }: PodSource) {
  return list === undefined ? { document } : { document, item: index };
}

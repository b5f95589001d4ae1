/** What a roll-out brings to its nodes, read from files. */
import { Buffer } from "node:buffer";
import { parsePodFile } from "../../../config/mod.ts";
import {
  ConfigError,
  isJsonObject,
  type JsonValue,
  type Problem,
  UsageError,
} from "../../../core/mod.ts";
import { isSealed, podKey } from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { readPodFiles } from "../files/pod_files.ts";

/** A config of a fleet. */
export interface FleetConfig {
  /** One text with all documents. */
  readonly text: string;
  readonly pods: number;
}

/**
 * Reads files, directories and `-` into one text.
 *
 * @throws {ConfigError} with everything that is wrong with them, and for Secrets in the clear
 * @throws {UsageError} if there is no document in them
 */
export async function readFleetConfig(
  { world }: CliContext,
  paths: readonly string[],
): Promise<FleetConfig> {
  const problems: Problem[] = [];
  const texts: string[] = [];
  let pods = 0;
  for await (const file of readPodFiles(paths, (maxBytes) => world.readStdin(maxBytes))) {
    if (!("text" in file)) {
      problems.push(file.problem);
      continue;
    }
    const { path, text } = file;
    const parsed = parsePodFile(text, path);
    problems.push(...parsed.problems);
    const wrong = (code: string, message: string, wanted: string, hint: string) =>
      problems.push({ severity: "error", code, file: path, path: [], message, wanted, hint });
    if (parsed.hasNodeConfig || parsed.controlPlaneDocuments.length > 0) {
      wrong(
        "fleet-node-config",
        "A node config cannot be rolled out to a fleet",
        "pods, ConfigMaps and Secrets",
        "Settings are a node's own: change them there, for example with podstead -N",
      );
    }
    for (const { pod } of parsed.entries) {
      if (podKey(pod) === undefined) {
        wrong("no-name", "A pod has no valid name", "metadata.name", "Give it one");
      }
    }
    for (const { entry } of parsed.objects.filter(({ kind }) => kind === "Secret")) {
      for (const place of plainValues(entry.pod)) {
        problems.push({
          ...{ severity: "error", code: "plain-secret", file: path, path: place },
          // Without its line, which has the value.
          position: entry.positionOf(place),
          message: `The value of "${place.at(-1)}" is not sealed: who reads etcd would read it`,
          wanted: "a value that was sealed with age for every node of the roll-out",
          hint: `Seal it: podstead seal -r RECIPIENT ${path}; see docs/secrets.md`,
        });
      }
    }
    texts.push(text.trimEnd());
    pods += parsed.entries.length;
  }
  if (problems.some(({ severity }) => severity === "error")) {
    throw new ConfigError("Nothing was rolled out: what was given cannot be used", problems, {
      hint: 'Check it first: "podstead validate FILE"',
    });
  }
  if (texts.length === 0) throw new UsageError("There is nothing in what was given");
  return { text: `${texts.join("\n---\n")}\n`, pods };
}

/** The values of a Secret that are readable as they are, by their paths. */
function plainValues(secret: JsonValue): readonly string[][] {
  if (!isJsonObject(secret)) return [];
  const of = (field: string, toBase64: (value: string) => string) => {
    const values = secret[field];
    return isJsonObject(values)
      ? Object.entries(values)
        .filter(([, value]) => typeof value !== "string" || !isSealed(toBase64(value)))
        .map(([key]) => [field, key])
      : [];
  };
  return [
    ...of("data", (value) => value),
    ...of("stringData", (value) => Buffer.from(value).toString("base64")),
  ];
}

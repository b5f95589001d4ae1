/** The files of a config as they are on disk now: text to edit, bytes to keep, modes to give back. */
import type { ObjectPlace, PodPlace, StopPlace } from "../change/mod.ts";
import type { ConfigFs, LoadedConfig } from "../config/mod.ts";
import { parseConfigText, STOPPED_PODS_KIND, STOPPED_PODS_VERSION } from "../config/mod.ts";
import { errorText, isJsonObject, type JsonObject, PodsteadError } from "../core/mod.ts";
import type { FileFacts } from "../os/mod.ts";
import { podKey } from "../pods/mod.ts";
import { DEFAULT_LIMITS, parseYaml } from "../yaml/mod.ts";

/** One file of a config. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly facts: FileFacts;
}

/**
 * Reads the files that a load has found.
 *
 * @throws {PodsteadError} if one of them cannot be read, or is no UTF-8
 */
export async function readSources(
  loaded: Pick<LoadedConfig, "files">,
  fs: ConfigFs,
): Promise<readonly SourceFile[]> {
  return await Promise.all(loaded.files.map(async ({ path }): Promise<SourceFile> => {
    const unusable = (why: string, cause?: unknown) =>
      new PodsteadError("config", `Cannot change the config: "${path}" ${why}`, {
        cause,
        hint: 'Fix it first; see "podstead reload --dry-run"',
      });
    let read;
    try {
      read = await fs.readFile(path, DEFAULT_LIMITS.maxBytes);
    } catch (error) {
      throw unusable(`cannot be read: ${errorText(error)}`, error);
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read.bytes);
      return { path, bytes: read.bytes, text, facts: read.after };
    } catch (error) {
      throw unusable("is no UTF-8 text", error);
    }
  }));
}

/** The pods that a text declares, each with its place in it. */
export function podsIn(file: string, text: string): readonly PodPlace[] {
  const { documents } = parseYaml(text, file);
  return parseConfigText(text, file, "any").entries.flatMap(({ source, pod }): PodPlace[] => {
    const key = podKey(pod);
    if (key === undefined || !isJsonObject(pod)) return [];
    const value = documents.find(({ index }) => index === source.document)?.value ?? null;
    const isTalos = isJsonObject(value) && value.kind === "KubeStaticPodConfig";
    const path = source.list === undefined
      ? isTalos ? ["pod"] : []
      : [...source.list.split("."), source.index];
    return [{ ...key, document: source.document, path, pod }];
  });
}

/** The pods that a text stops, each with its place in it. */
export function stopsIn(file: string, text: string): readonly StopPlace[] {
  const { stops } = parseConfigText(text, file, "any");
  if (stops.length === 0) return [];
  const { documents } = parseYaml(text, file);
  return stops.flatMap(({ namespace, name, source: { document, path } }): StopPlace[] => {
    const value = documents.find(({ index }) => index === document)?.value ?? null;
    const list = isJsonObject(value) ? value.pods : undefined;
    const item = Array.isArray(list) ? list[Number(path.at(-1))] : undefined;
    return isJsonObject(item) ? [{ namespace, name, document, path, value: item }] : [];
  });
}

/** A document that stops one pod. */
export function stopDocument(item: JsonObject): JsonObject {
  return { apiVersion: STOPPED_PODS_VERSION, kind: STOPPED_PODS_KIND, pods: [item] };
}

/** The ConfigMaps and Secrets that a text declares, each with its place in it. */
export function objectsIn(file: string, text: string): readonly ObjectPlace[] {
  return parseConfigText(text, file, "any").objects.flatMap(({ kind, entry }): ObjectPlace[] => {
    const { source, pod: object } = entry;
    const key = podKey(object);
    if (key === undefined) return [];
    const path = source.list === undefined ? [] : [...source.list.split("."), source.index];
    return [{ kind, ...key, document: source.document, path }];
  });
}

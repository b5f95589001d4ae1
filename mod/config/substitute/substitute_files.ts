import type { Problem } from "../../core/mod.ts";
import type { ParsedFile } from "../documents.ts";
import type { LoadedFile } from "../source_memory.ts";
import { substituteEntry } from "./substitute_entry.ts";
import type { ValueSources } from "./values.ts";

/**
 * Files with values in place of the placeholders of their pods, ConfigMaps and Secrets. A pod or
 * object whose placeholders have no value is left out, and its file counts as failed: what was
 * served of it stays.
 */
export async function substituteFiles(
  files: readonly LoadedFile[],
  sources: ValueSources,
): Promise<readonly LoadedFile[]> {
  return await Promise.all(files.map(async (file): Promise<LoadedFile> => {
    if (file.parsed === undefined) return file;
    const { parsed, problems } = await substituteParsed(file.parsed, sources);
    return problems.length === 0
      ? { ...file, parsed }
      : { ...file, parsed, failed: true, problems: [...file.problems, ...problems] };
  }));
}

/** The same for one file; `problems` are those of its placeholders. */
export async function substituteParsed(
  parsed: ParsedFile,
  sources: ValueSources,
): Promise<{ readonly parsed: ParsedFile; readonly problems: readonly Problem[] }> {
  const pods = await Promise.all(
    parsed.entries.map((entry) => substituteEntry(entry, sources, false)),
  );
  const objects = await Promise.all(parsed.objects.map(async ({ kind, entry }) => {
    const substituted = await substituteEntry(entry, sources, kind === "Secret");
    return { ...substituted, kind };
  }));
  const problems = [...pods, ...objects].flatMap((one) => one.problems);
  return {
    parsed: {
      ...parsed,
      // A getter does not come along with the rest.
      hasNodeConfig: parsed.hasNodeConfig,
      entries: pods.flatMap(({ entry }) => entry ?? []),
      objects: objects.flatMap(({ kind, entry }) => entry === undefined ? [] : { kind, entry }),
    },
    problems,
  };
}

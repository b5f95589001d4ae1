/** The archive: its files, what each is, and what is missing. */
import { gzipSync } from "node:zlib";
import { writeTar } from "./tar.ts";

/** One file of the archive. */
export interface BundleFile {
  /** Its path in the archive. */
  readonly name: string;
  /** Without secrets; empty if all of it is missing, and it is then only listed. */
  readonly text: string;
  /** Where it comes from: a command line, or a path. */
  readonly source: string;
  readonly exitCode?: number | undefined;
  readonly durationMs?: number;
  /** What the command said on standard error; without secrets. */
  readonly said?: string;
  /** What is not in it and why, as a sentence without its period. */
  readonly missing?: string | undefined;
}

/** What the archive is about. */
export interface BundleFacts {
  readonly node: string;
  readonly version: string;
  readonly timeMs: number;
  /** Who gathered it. */
  readonly user: "root" | "an ordinary user";
  /** What all of it lacks, as sentences. */
  readonly notes: readonly string[];
}

/** Packs files into one directory of a gzipped tar archive, with a list of what they are. */
export function packBundle(
  directory: string,
  files: readonly BundleFile[],
  facts: BundleFacts,
): Uint8Array {
  const present = files.filter(({ text, missing }) => text !== "" || missing === undefined);
  const list = files.map(({ text, ...file }) => ({ ...file, sizeBytes: new Blob([text]).size }));
  const { timeMs, ...rest } = facts;
  const index = {
    apiVersion: "podstead.dev/v1",
    kind: "SupportBundle",
    time: new Date(timeMs).toISOString(),
    ...rest,
    files: list,
  };
  const entry = (name: string, text: string) => ({
    name: `${directory}/${name}`,
    data: new TextEncoder().encode(text),
    mode: 0o600,
  });
  const tar = writeTar([
    { name: `${directory}/`, directory: true, mode: 0o700 },
    entry("README.txt", readme(files, present, facts)),
    entry("index.json", `${JSON.stringify(index, null, 2)}\n`),
    ...present.map(({ name, text }) => entry(name, text)),
  ], timeMs);
  return gzipSync(tar, { level: 6 });
}

function readme(
  files: readonly BundleFile[],
  present: readonly BundleFile[],
  facts: BundleFacts,
): string {
  const missing = files.filter((file) => file.missing !== undefined);
  return [
    `podstead on the node "${facts.node}", gathered by ${facts.user}`,
    `at ${new Date(facts.timeMs).toISOString()} with podstead ${facts.version}.`,
    "",
    "Values of Secrets, ConfigMaps and environment variables, tokens, passwords and private keys",
    'are left out; "(hidden)" stands for them. Names of pods, images, files and nodes are here, and',
    "logs are as the programs wrote them: look through them before you hand this on.",
    "",
    "FILES",
    ...present.map(({ name, source }) => `  ${name.padEnd(34)}  ${source}`),
    "",
    "MISSING",
    ...(missing.length + facts.notes.length === 0 ? ["  nothing"] : [
      ...facts.notes.map((note) => `  ${note}`),
      ...missing.map(({ name, source, missing }) => `  ${name} (${source}): ${missing}`),
    ]),
    "",
  ].join("\n");
}

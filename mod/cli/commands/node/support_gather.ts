/** Gathers what `podstead support` packs: everything at the same time, each part bounded. */
import { type Clock, errorText } from "../../../core/mod.ts";
import { join } from "node:path";
import { Buffer } from "node:buffer";
import { RevisionStore } from "../../../change/mod.ts";
import { type ConfigFs, defaultSettings, loadConfig, patientFs } from "../../../config/mod.ts";
import { defaultNodeAddress, defaultNodeName, ownCommand } from "../../../os/mod.ts";
import { unsealedFileBeside } from "../../../secrets/mod.ts";
import {
  type BundleFile,
  type PartOutput,
  redactedConfig,
  Redactor,
  runPart,
} from "../../../bundle/mod.ts";
import { agentEnvironment } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { Places } from "../../shell/many/links.ts";
import {
  KUBELET_CONFIG,
  NODE_FILES,
  NODE_PARTS,
  OVERVIEW,
  podParts,
  type SupportPart,
} from "./support_parts.ts";

/** Of all the time, how much may pass before what runs is ended: the rest is for packing. */
const GATHERING = 0.8;
/** The part of it in which the node's own parts must end, so that there is time for pods. */
const NODE_SHARE = 0.6;
const MAX_PART_BYTES = 4 * 1024 * 1024;
const MAX_CONFIG_BYTES = 1024 * 1024;
const MAX_CONFIG_FILES = 300;
/** Most of them wait most of the time. */
const MAX_AT_ONCE = 10;

interface Gathered {
  readonly part: SupportPart;
  readonly output: PartOutput;
}

interface SourceFile {
  readonly name: string;
  readonly path: string;
  /** Why it could not be read if there is none. */
  readonly text: string | Error;
  readonly isYaml: boolean;
}

/** What was gathered, without secrets. */
export interface GatheredSupport {
  readonly files: readonly BundleFile[];
  /** What is missing besides what is missing of each file, as sentences. */
  readonly notes: readonly string[];
  /** The node's name, if the config says it. */
  readonly node?: string;
}

/**
 * Gathers all of it.
 *
 * @param timeoutMs after which the rest is left out
 */
export async function gatherSupport(
  context: CliContext,
  timeoutMs: number,
): Promise<GatheredSupport> {
  const { clock } = context.world;
  const startedMs = clock.now();
  const leftMs = (share: number) => startedMs + timeoutMs * share - clock.now();
  const redactor = new Redactor();
  const run = partRunner(context);
  const config = within(
    clock,
    leftMs(GATHERING),
    readSources(context, redactor, () => leftMs(GATHERING * NODE_SHARE)),
  );
  const overview = run(OVERVIEW, leftMs(GATHERING * NODE_SHARE));
  const places = new Places(MAX_AT_ONCE);
  const queued = async (part: SupportPart, share: number) => {
    await using _place = await places.take();
    return await run(part, leftMs(share));
  };
  const node = NODE_PARTS.map((part) => queued(part, GATHERING * NODE_SHARE));
  const first = await overview;
  const pods = podParts(parsed(first.output.stdout)).map((part) => queued(part, GATHERING));
  const gathered = [first, ...await Promise.all([...node, ...pods])];
  const sources = await config;
  // Without the config the Secrets are not known, and any log may have them.
  const shown = sources === undefined ? gathered.map(withoutLog) : gathered;
  const write = () => [
    ...(sources?.files ?? []).map((file) => fileOfSource(file, redactor)),
    ...shown.map((one) => fileOfPart(one, redactor)),
  ];
  // Every secret is known before the first file is written.
  write();
  const files = write();
  if (sources === undefined) {
    return {
      files,
      notes: ["config/: the config could not be read in time, so logs are left out"],
    };
  }
  return {
    files,
    notes: sources.notes,
    ...(sources.node === undefined ? {} : { node: sources.node }),
  };
}

function withoutLog({ part, output }: Gathered): Gathered {
  if (!part.name.endsWith(".log")) return { part, output };
  const missing = "The secrets that it may have are not known";
  return { part, output: { ...output, stdout: "", stderr: "", missing } };
}

function partRunner(context: CliContext) {
  const { world: { clock, interrupted, env }, globals: { config, socket } } = context;
  const globals = [
    ...(config === undefined ? [] : ["--config", config]),
    ...(socket === undefined ? [] : ["--socket", socket]),
    ...["--color", "never"],
  ];
  return async (part: SupportPart, timeMs: number): Promise<Gathered> => ({
    part,
    output: await runPart(ownCommand(...part.args, ...globals), {
      timeMs,
      sizeBytes: MAX_PART_BYTES,
      clock,
      env,
      signal: interrupted,
    }),
  });
}

interface Sources {
  readonly files: readonly SourceFile[];
  readonly notes: readonly string[];
  readonly node?: string;
}

/** Reads the config and files of the node; learns what is secret, now and in earlier revisions. */
async function readSources(
  context: CliContext,
  redactor: Redactor,
  leftMs: () => number,
): Promise<Sources> {
  const path = context.globals.config ?? DEFAULT_CONFIG_PATH;
  const fs = patientFs();
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const loaded = await loadConfig(path, { ...host, fs, env: agentEnvironment(context) });
  const settings = loaded.settings ?? defaultSettings(host);
  const yaml = loaded.files.slice(0, MAX_CONFIG_FILES).map((file) => file.path);
  const read = async (file: string, isYaml: boolean): Promise<SourceFile> => ({
    name: nameIn(isYaml ? "config" : "node", file),
    path: file,
    isYaml,
    text: await readText(fs, file).catch((error: Error) => error),
  });
  const files: SourceFile[] = [];
  for (const file of [...yaml, KUBELET_CONFIG]) files.push(await read(file, true));
  for (const file of NODE_FILES) files.push(await read(file, false));
  for (const { text, path, isYaml } of files) {
    if (isYaml && typeof text === "string") redactedConfig(text, path, redactor);
  }
  for (const secret of [settings.manifest.tokenFile, unsealedFileBeside(settings.volumesDir)]) {
    if (secret !== null && secret !== undefined) await learnFile(secret, fs, redactor);
  }
  const knowsPast = await learnPast(settings.stateDir, redactor, leftMs);
  const notes = knowsPast && !redactor.isFull
    ? []
    : ["Not all secrets could be looked for in logs: look through them"];
  return { files, notes, ...(loaded.settings === undefined ? {} : { node: settings.node.name }) };
}

/**
 * Logs may have Secrets that were declared once.
 *
 * @returns whether there was time for all of it
 */
async function learnPast(
  stateDir: string,
  redactor: Redactor,
  leftMs: () => number,
): Promise<boolean> {
  const store = new RevisionStore(join(stateDir, "revisions"));
  const numbers = await store.numbers().catch(() => []); // not ours to read
  const seen = new Set<string>();
  for (const number of numbers.toReversed()) {
    if (leftMs() <= 0) return false;
    const revision = await store.read(number).catch(() => undefined); // damaged
    for (const { path, sha256 } of revision?.files ?? []) {
      if (seen.has(sha256)) continue;
      seen.add(sha256);
      const content = await store.content(sha256).catch(() => new Uint8Array());
      redactedConfig(new TextDecoder().decode(content), path, redactor);
    }
  }
  return true;
}

async function readText(fs: ConfigFs, path: string): Promise<string> {
  const { bytes } = await fs.readFile(path, MAX_CONFIG_BYTES);
  return new TextDecoder().decode(bytes);
}

/** The manifest token, and what sealed values were opened to. */
async function learnFile(path: string, fs: ConfigFs, redactor: Redactor): Promise<void> {
  const text = await readText(fs, path).catch(() => ""); // there is none, or it is not ours to read
  const values = parsed(text);
  if (typeof values !== "object" || values === null) return redactor.learn(text.trim());
  for (const value of Object.values(values)) {
    if (typeof value === "string") redactor.learn(Buffer.from(value, "base64").toString("utf8"));
  }
}

/** A path as one of the archive; a tar header has 100 bytes for it. */
function nameIn(folder: string, path: string): string {
  return `${folder}/${path.replace(/^\/+/, "").replace(/[^\w.-]+/g, "_").slice(-50)}`;
}

function fileOfSource({ name, path, text, isYaml }: SourceFile, redactor: Redactor): BundleFile {
  if (text instanceof Error) {
    return { name, source: path, text: "", missing: `It cannot be read: ${errorText(text)}` };
  }
  return {
    name,
    source: path,
    text: isYaml ? redactor.text(redactedConfig(text, path, redactor)) : redactor.text(text),
  };
}

function fileOfPart({ part, output }: Gathered, redactor: Redactor): BundleFile {
  const { stdout, stderr, exitCode, durationMs } = output;
  const said = redactor.text(stderr.trim());
  const silent = stdout === "" && exitCode !== 0
    ? (/^error: (.*)$/m.exec(said)?.[1] ?? said.split("\n")[0]) || "The command said nothing"
    : undefined;
  const missing = output.missing ?? silent;
  return {
    name: part.name,
    source: ["podstead", ...part.args].join(" "),
    text: part.args.includes("json") ? redactor.jsonOutput(stdout) : redactor.output(stdout),
    exitCode,
    durationMs,
    ...(said === "" ? {} : { said }),
    ...(missing === undefined ? {} : { missing }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for what takes longer. */
async function within<T>(clock: Clock, timeMs: number, work: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const late = clock.sleep(Math.max(1, timeMs), over.signal).catch(() => undefined); // not needed
  try {
    return await Promise.race([work, late.then(() => undefined)]);
  } finally {
    over.abort();
  }
}

/** What a kubelet's command line and the files that it names make of its settings. */
import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import type { NodeFiles } from "../os/mod.ts";
import { parseYaml } from "../yaml/mod.ts";
import { type FeatureGates, gatesOfConfig, parseFeatureGates } from "./feature_gates.ts";

/** A kubelet's command, read with its config file and drop-ins. */
export interface KubeletCommand {
  /** Flags by name without dashes; a flag without a value is `true`. The last one wins. */
  readonly flags: Readonly<Record<string, string>>;
  /** `--config`. */
  readonly configFile: string | undefined;
  /**
   * Top-level keys of the config file that are explicitly empty lists. A kubelet that has a
   * config directory, even an empty one, takes the defaults instead of them (seen on 1.36.2:
   * `enforceNodeAllocatable: []`), and may then refuse to start.
   */
  readonly emptyLists: readonly string[];
  /** `--config-dir`. */
  readonly configDirectory: string | undefined;
  /** Files of the config directory that the kubelet reads, in its order. */
  readonly configDropIns: readonly string[];
  /** What matters to static pods, as the kubelet puts it together. */
  readonly settings: KubeletSettings;
}

/** The kubelet's settings for static pods; config file, then drop-ins, then flags. */
export interface KubeletSettings {
  readonly staticPodURL: string | undefined;
  readonly staticPodURLHeader: Readonly<Record<string, readonly string[]>>;
  /** As written, such as `1s`; undefined is the kubelet's default of 20s. */
  readonly httpCheckFrequency: string | undefined;
  readonly staticPodPath: string | undefined;
  /** `--hostname-override`. */
  readonly nodeName: string | undefined;
  /** Of its API; undefined is the kubelet's default of 10250. */
  readonly port: number | undefined;
  /** Of its health endpoint; 0 is none, undefined the kubelet's default of 10248. */
  readonly healthzPort: number | undefined;
  /** Those that are set; of one that is set twice the later place counts. */
  readonly featureGates: FeatureGates;
}

/** Reads the files that a command names, on the node that they belong to. */
export async function readCommand(
  files: NodeFiles,
  command: readonly string[],
): Promise<KubeletCommand> {
  const flags = parseFlags(command.slice(1));
  const configFile = flags["config"];
  const configDirectory = flags["config-dir"];
  const configDropIns = configDirectory === undefined
    ? []
    // Source: kubernetes 1.36 cmd/kubelet/app/server.go, only this suffix, in lexical order.
    : (await files.names(configDirectory))
      .filter((name) => name.endsWith(".conf"))
      .map((name) => `${configDirectory.replace(/\/$/, "")}/${name}`);
  const config = configFile === undefined ? undefined : await readConfig(files, configFile);
  const dropIns = await Promise.all(configDropIns.map((path) => readConfig(files, path)));
  const configs = [config, ...dropIns].filter((one) => one !== undefined);
  return {
    flags,
    configFile,
    emptyLists: emptyLists(config),
    configDirectory,
    configDropIns,
    settings: mergeSettings(configs, flags),
  };
}

function parseFlags(words: readonly string[]): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const flag = /^--?([a-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (flag?.[1] === undefined) continue;
    const next = words[index + 1];
    const value = flag[2] ?? (next === undefined || next.startsWith("-") ? "true" : next);
    // This one is a map, which each further flag adds to.
    const before = flag[1] === "feature-gates" ? flags[flag[1]] : undefined;
    flags[flag[1]] = before === undefined ? value : `${before},${value}`;
  }
  return flags;
}

async function readConfig(files: NodeFiles, path: string): Promise<JsonObject | undefined> {
  const text = await files.text(path);
  if (text === undefined) return undefined;
  const value = parseYaml(text, path).documents.find((document) => document.value !== null)?.value;
  return isJsonObject(value) ? value : undefined;
}

function emptyLists(config: JsonObject | undefined): readonly string[] {
  return Object.entries(config ?? {})
    .filter(([, value]) => Array.isArray(value) && value.length === 0)
    .map(([key]) => key);
}

function mergeSettings(
  configs: readonly JsonObject[],
  flags: Readonly<Record<string, string>>,
): KubeletSettings {
  const last = (key: string): string | undefined =>
    configs.map((config) => config[key]).filter((value) => typeof value === "string").at(-1);
  const lastNumber = (key: string, flag: string | undefined): number | undefined =>
    [...configs.map((config) => config[key]), Number(flag ?? NaN)]
      .filter((value) => Number.isInteger(value)).at(-1) as number | undefined; // integers are left
  const headers: Record<string, readonly string[]> = {};
  for (const config of configs) Object.assign(headers, headerValues(config["staticPodURLHeader"]));
  const flagHeader = /^([^:]+):(.*)$/.exec(flags["manifest-url-header"] ?? "");
  if (flagHeader?.[1] !== undefined) headers[flagHeader[1]] = [flagHeader[2] ?? ""];
  const gates: Record<string, boolean> = {};
  for (const config of configs) Object.assign(gates, gatesOfConfig(config["featureGates"]));
  return {
    staticPodURL: flags["manifest-url"] ?? last("staticPodURL"),
    staticPodURLHeader: headers,
    httpCheckFrequency: flags["http-check-frequency"] ?? last("httpCheckFrequency"),
    staticPodPath: flags["pod-manifest-path"] ?? last("staticPodPath"),
    nodeName: flags["hostname-override"],
    port: lastNumber("port", flags["port"]),
    healthzPort: lastNumber("healthzPort", flags["healthz-port"]),
    featureGates: { ...gates, ...parseFeatureGates(flags["feature-gates"] ?? "").gates },
  };
}

function headerValues(value: JsonValue | undefined): Record<string, readonly string[]> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, values]) => [
      name,
      Array.isArray(values) ? values.map(String) : [],
    ]),
  );
}

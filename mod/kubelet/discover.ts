import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { parseYaml } from "../yaml/mod.ts";
import type { NodeFiles } from "../os/mod.ts";
import { commandWords, listSetting, readUnit, unitEnvironment } from "./unit_file.ts";

/** The kubelet's unit on nodes that have one of its own. */
const KUBELET_UNIT = "kubelet.service";

/** Units of distributions that run the kubelet inside their own process. */
const EMBEDDING_UNITS: Readonly<Record<string, "k3s" | "RKE2">> = {
  "k3s.service": "k3s",
  "k3s-agent.service": "k3s",
  "rke2-server.service": "RKE2",
  "rke2-agent.service": "RKE2",
};

/** The variable that packaged units leave to the administrator. Source: kubeadm's 10-kubeadm.conf. */
const EXTRA_ARGUMENTS = "KUBELET_EXTRA_ARGS";

/** How this node's kubelet is started and configured. */
export interface KubeletFacts {
  /** The unit and its drop-ins. */
  readonly unitFiles: readonly string[];
  /** The command as it runs, variables filled in. */
  readonly command: readonly string[];
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
  /** The variable for more flags, where the command uses one. */
  readonly extraArguments: ExtraArguments | undefined;
  /** Whether kubeadm's drop-in is there: then `--config` is not for hand edits. */
  readonly kubeadm: boolean;
  /** What matters to static pods, as the kubelet puts it together. */
  readonly settings: KubeletSettings;
}

/** A variable that the command line ends with. */
export interface ExtraArguments {
  readonly variable: string;
  /** Empty when it is not set or set to nothing. */
  readonly value: string;
  /** The file that sets it. */
  readonly from: string | undefined;
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
}

/** What runs the kubelet on a node. */
export type KubeletFound =
  | { readonly kind: "unit"; readonly facts: KubeletFacts }
  | { readonly kind: "embedded"; readonly by: "k3s" | "RKE2"; readonly unit: string }
  | { readonly kind: "none" };

/** Finds the kubelet of a node, by its files alone. */
export async function discoverKubelet(files: NodeFiles): Promise<KubeletFound> {
  const unit = await readUnit(files, KUBELET_UNIT);
  if (unit === undefined) {
    for (const [name, by] of Object.entries(EMBEDDING_UNITS)) {
      if (await readUnit(files, name) !== undefined) return { kind: "embedded", by, unit: name };
    }
    return { kind: "none" };
  }
  const environment = await unitEnvironment(files, unit);
  const commandLine = listSetting(unit, "ExecStart").at(-1) ?? "";
  const command = commandWords(commandLine, environment);
  const flags = parseFlags(command.slice(1));
  const configFile = flags["config"];
  const configDirectory = flags["config-dir"];
  const configDropIns = configDirectory === undefined
    ? []
    // Source: kubelet cmd/kubelet/app/server.go, only this suffix, in lexical order.
    : (await files.names(configDirectory))
      .filter((name) => name.endsWith(".conf"))
      .map((name) => `${configDirectory.replace(/\/$/, "")}/${name}`);
  const configs: JsonObject[] = [];
  for (const path of [...(configFile === undefined ? [] : [configFile]), ...configDropIns]) {
    const value = parseConfig(path, await files.text(path));
    if (value !== undefined) configs.push(value);
  }
  const extra = environment.get(EXTRA_ARGUMENTS);
  return {
    kind: "unit",
    facts: {
      unitFiles: unit.files,
      command,
      flags,
      configFile,
      emptyLists: emptyLists(
        configFile === undefined
          ? undefined
          : parseConfig(configFile, await files.text(configFile)),
      ),
      configDirectory,
      configDropIns,
      extraArguments: commandLine.includes(`$${EXTRA_ARGUMENTS}`)
        ? { variable: EXTRA_ARGUMENTS, value: extra?.value ?? "", from: extra?.from }
        : undefined,
      kubeadm: unit.files.some((path) => path.includes("kubeadm")),
      settings: mergeSettings(configs, flags),
    },
  };
}

function parseFlags(words: readonly string[]): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const flag = /^--?([a-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (flag?.[1] === undefined) continue;
    const next = words[index + 1];
    flags[flag[1]] = flag[2] ?? (next === undefined || next.startsWith("-") ? "true" : next);
  }
  return flags;
}

function parseConfig(path: string, text: string | undefined): JsonObject | undefined {
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
  const headers: Record<string, readonly string[]> = {};
  for (const config of configs) Object.assign(headers, headerValues(config["staticPodURLHeader"]));
  const flagHeader = /^([^:]+):(.*)$/.exec(flags["manifest-url-header"] ?? "");
  if (flagHeader?.[1] !== undefined) headers[flagHeader[1]] = [flagHeader[2] ?? ""];
  return {
    staticPodURL: flags["manifest-url"] ?? last("staticPodURL"),
    staticPodURLHeader: headers,
    httpCheckFrequency: flags["http-check-frequency"] ?? last("httpCheckFrequency"),
    staticPodPath: flags["pod-manifest-path"] ?? last("staticPodPath"),
    nodeName: flags["hostname-override"],
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

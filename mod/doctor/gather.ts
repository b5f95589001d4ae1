/** Looks at a node for the doctor. Changes nothing; everything has a deadline. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadConfig, type LoadDeps, type Settings } from "../config/mod.ts";
import { controlPlaneEntries } from "../controlplane/mod.ts";
import {
  errorText,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  PodsteadError,
} from "../core/mod.ts";
import { formatProblem } from "../text/mod.ts";
import {
  connectRuntime,
  findImage,
  inspectRuntime,
  type Runtime,
  RuntimeService,
  SPEC_HASH_ANNOTATION,
} from "../cri/mod.ts";
import {
  judgedBy,
  kubeletClient,
  KubeletFailure,
  type KubeletFound,
  type NodeKubelet,
  podsApi,
  podsApiSocket,
  withFoundCredentials,
} from "../kubelet/mod.ts";
import {
  buildInfo,
  defaultNodeAddress,
  defaultNodeName,
  localGet,
  nodeFiles,
  portHolder,
  readSettingFile,
} from "../os/mod.ts";
import { hasPullSecrets, judgeResolved, objectSource } from "../materialize/mod.ts";
import type { PkiReport } from "../pki/mod.ts";
import { declareObjects, declarePods, formatKey, judge, podKey } from "../pods/mod.ts";
import { DEFAULT_IDENTITY_FILE } from "../secrets/mod.ts";
import { parseYaml } from "../yaml/mod.ts";
import type {
  AgentFacts,
  Asked,
  DiskFacts,
  DoctorFacts,
  FileFacts,
  RuntimeFacts,
} from "./facts.ts";

/** What the doctor is told. */
export interface GatherOptions {
  readonly configPath: string;
  /** Used where the config cannot be. */
  readonly fallback: Settings;
  readonly socket: string;
  /** Asks the agent. */
  readonly agent: () => Promise<AgentFacts>;
  /** Finds this node's kubelet. */
  readonly kubelet: () => Promise<NodeKubelet>;
  readonly nowMs: number;
  /** Whether root asks. */
  readonly root: boolean;
  /** Gives the agent's environment; default: an empty one. */
  readonly env?: NonNullable<LoadDeps["env"]>;
}

/** How long one question may take, in milliseconds. */
const ASK_TIMEOUT_MS = 3_000;

/** Gathers what the checks look at. */
export async function gatherDoctorFacts(options: GatherOptions): Promise<DoctorFacts> {
  const { configPath, nowMs, socket } = options;
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const { env } = options;
  const [loaded, node] = await Promise.all([
    loadConfig(configPath, { ...host, ...(env === undefined ? {} : { env }) }),
    options.kubelet(),
  ]);
  const settings = loaded.settings ?? options.fallback;
  const declared = declarePods(loaded.entries);
  const { controlPlane, node: self } = settings;
  const components = loaded.settings === undefined
    ? []
    : controlPlaneEntries({ config: controlPlane, node: self, file: configPath });
  const objects = declareObjects(loaded.objects, new Map(), {
    sealedOnly: settings.secrets === "sealed-only",
  });
  const errors = [...loaded.problems, ...declared.problems, ...objects.problems]
    .filter(({ severity }) => severity === "error")
    .map((problem) => formatProblem(problem, { color: false }).split("\n")[0] ?? "");
  const [agent, endpoint, kubelet, runtime, secrets, clock, systemd] = await Promise.all([
    asked(options.agent()),
    askEndpoint(settings),
    askKubelet(settings, node),
    asked(askRuntime(settings)),
    lookAtSecrets(settings),
    isClockSynchronized(),
    askSystemd(),
  ]);
  const judging = {
    nodeName: settings.node.name,
    kubeletVersion: kubelet.judgedBy.version,
    featureGates: kubelet.judgedBy.gates,
    standAlone: kubelet.judgedBy.standAlone,
    unknownFields: settings.kubelet.unknownFields,
  };
  const servable = judgeResolved(declared.pods.map(({ pod }) => pod), {
    objects: objectSource(objects.objects.map(({ object }) => object)),
    nodeName: settings.node.name,
    volumesDirectory: settings.volumesDir,
  }, (pods) => pods.map((pod) => judge(pod, judging)));
  const refused = declared.pods.flatMap((pod, at) => {
    const issue = servable[at]?.errors[0];
    if (issue === undefined) return [];
    const { line, column } = pod.entry.positionOf(issue.path);
    const { file } = pod.entry.source;
    return [`${file}:${line}:${column}: error: ${issue.field}: ${issue.type}`];
  });
  return {
    nowMs,
    root: options.root,
    version: buildInfo().version,
    config: {
      path: configPath,
      usable: loaded.settings !== undefined,
      errors: [...errors, ...refused],
      pods: declared.pods.length + components.length,
      podsWithNetwork: declared.pods.filter(({ pod }) => !usesHostNetwork(pod))
        .map(({ key }) => formatKey(key)),
      podsWithPullSecrets: declared.pods.filter(({ pod }) => hasPullSecrets(pod))
        .map(({ key }) => formatKey(key)),
      podKeys: [
        ...declared.pods.map(({ key }) => key),
        ...components.flatMap(({ pod }) => podKey(pod) ?? []),
      ].map(formatKey),
    },
    settings,
    socket,
    agent,
    endpoint,
    kubelet,
    otherStaticPods: await podsOfPath(kubelet, node.found),
    runtime,
    disks: await lookAtDisks(settings.stateDir, podLogsDirOf(kubelet)),
    secrets,
    certificates: await lookAtCertificates(settings, nowMs),
    clockSynchronized: clock,
    systemd,
  };
}

async function lookAtCertificates(
  { controlPlane, node }: Settings,
  nowMs: number,
): Promise<PkiReport | undefined> {
  if (controlPlane === null) return undefined;
  const { checkPki, pkiPlaceOf } = await import("../pki/look.ts");
  return await checkPki({ ...pkiPlaceOf(controlPlane, node), nowMs });
}

async function asked<T>(question: Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await question };
  } catch (error) {
    return {
      failure: {
        message: errorText(error),
        hint: error instanceof PodsteadError ? error.hint : undefined,
        problem: error instanceof KubeletFailure
          ? error.problem
          : error instanceof PodsteadError
          ? error.code
          : undefined,
      },
    };
  }
}

async function askEndpoint({ manifest }: Settings): Promise<DoctorFacts["endpoint"]> {
  const { tokenFile, url } = manifest;
  const token = tokenFile === null
    ? undefined
    : await asked(readSettingFile(tokenFile).then((text) => text.trim()));
  const status = (headers: Readonly<Record<string, string>>) =>
    asked(
      localGet(url, {
        method: "HEAD",
        headers: { "User-Agent": "podstead-doctor", ...headers },
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      }).then((response) => response.status).catch((error: unknown) => {
        const refused = /ECONNREFUSED|ConnectionRefused/i.test(
          `${errorText(error)} ${error instanceof Error ? errorText(error.cause) : ""}`,
        );
        throw new Error(refused ? "connection refused" : errorText(error), { cause: error });
      }),
    );
  const header: Readonly<Record<string, string>> = token !== undefined && "value" in token
    ? { Authorization: `Bearer ${token.value}` }
    : {};
  const [withToken, withoutToken, holder] = await Promise.all([
    status(header),
    status({}),
    portHolder(manifest),
  ]);
  return { withToken, withoutToken, token, holder };
}

async function askKubelet(
  settings: Settings,
  node: NodeKubelet,
): Promise<DoctorFacts["kubelet"]> {
  const localPods = podsApi(() => podsApiSocket(settings.kubelet.podsDirectory));
  const client = kubeletClient({
    ...withFoundCredentials(settings.kubelet),
    nodeName: settings.node.name,
    timeoutMs: ASK_TIMEOUT_MS,
    podsApi: localPods,
  });
  const [local, healthz, pods, configz] = await Promise.all([
    localPods.pods().catch(() => undefined), // the same failure comes with the pods
    asked(client.healthz().then((): true => true)),
    asked(
      client.pods().then((pods) => ({
        count: pods.length,
        ours: pods.filter(({ annotations }) => SPEC_HASH_ANNOTATION in annotations)
          .map(({ name }) => name),
      })),
    ),
    asked(client.configz()),
  ]);
  localPods.close();
  return {
    healthz,
    pods,
    configz,
    verification: client.verification,
    ...(local === undefined ? {} : { podsSocket: podsApiSocket(settings.kubelet.podsDirectory) }),
    found: node.found,
    version: node.version,
    judgedBy: judgedBy(
      { ...node, version: settings.kubelet.version ?? node.version },
      "value" in configz ? configz.value : undefined,
      settings.kubelet.featureGates,
    ),
  };
}

async function askRuntime(settings: Settings): Promise<RuntimeFacts> {
  const runtime = connectRuntime({ ...settings.runtime, timeoutMs: ASK_TIMEOUT_MS });
  try {
    const version = await runtime.call(RuntimeService.method.version, {});
    const { status, info } = await inspectRuntime(runtime);
    const conditions = isJsonObject(status) && Array.isArray(status["conditions"])
      ? status["conditions"].filter((one) => isJsonObject(one))
      : [];
    const condition = (type: string) => conditions.find((one) => one["type"] === type);
    const unmet = conditions.find((one) => one["status"] !== true);
    return {
      name: `${version.runtimeName} ${version.runtimeVersion.replace(/^v/, "")}`,
      ready: condition("RuntimeReady")?.["status"] === true,
      networkReady: condition("NetworkReady")?.["status"] === true,
      message: String(unmet?.["message"] || unmet?.["reason"] || ""),
      cgroupDriver: cgroupDriverOf(info),
      sandboxImage: await sandboxImageOf(info, runtime),
    };
  } finally {
    runtime.close();
  }
}

/** containerd tells its CRI plugin's configuration in the verbose status. */
function configOf(info: JsonObject): JsonObject {
  return isJsonObject(info["config"]) ? info["config"] : {};
}

function cgroupDriverOf(info: JsonObject): RuntimeFacts["cgroupDriver"] {
  const option = member(
    configOf(info),
    "containerd",
    "runtimes",
    String(member(configOf(info), "containerd", "defaultRuntimeName") ?? "runc"),
    "options",
    "SystemdCgroup",
  );
  const known = Object.keys(configOf(info)).length > 0;
  return option === true ? "systemd" : known ? "cgroupfs" : undefined;
}

async function sandboxImageOf(
  info: JsonObject,
  runtime: Runtime,
): Promise<RuntimeFacts["sandboxImage"]> {
  const name = configOf(info)["sandboxImage"];
  if (typeof name !== "string" || name === "") return undefined;
  return { name, present: await findImage(runtime, name) !== undefined };
}

function member(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (inner, key) => isJsonObject(inner) ? inner[key] : undefined,
    value,
  );
}

/** Pods that the kubelet takes from its directory; a file that is no pod is the kubelet's business. */
async function podsOfPath(
  { configz }: DoctorFacts["kubelet"],
  found: KubeletFound,
): Promise<DoctorFacts["otherStaticPods"]> {
  const path = "value" in configz
    ? configz.value["staticPodPath"]
    : found.kind === "unit"
    ? found.facts.settings.staticPodPath
    : undefined;
  if (typeof path !== "string" || path === "") return [];
  const files = nodeFiles("/");
  const pods: { file: string; key: string }[] = [];
  for (const name of await files.names(path)) {
    if (name.startsWith(".")) continue; // as the kubelet leaves them out
    const file = join(path, name);
    const text = await files.text(file);
    if (text === undefined) continue;
    const key = podKey(parseYaml(text, file).documents[0]?.value ?? null);
    if (key !== undefined) pods.push({ file, key: formatKey(key) });
  }
  return pods;
}

function usesHostNetwork(pod: JsonObject): boolean {
  return member(pod, "spec", "hostNetwork") === true;
}

/** Where the kubelet has the logs of containers; its own default where it does not say. */
function podLogsDirOf({ configz }: DoctorFacts["kubelet"]): string {
  const path = "value" in configz ? configz.value["podLogsDir"] : undefined;
  return typeof path === "string" && path !== "" ? path : "/var/log/pods";
}

async function lookAtDisks(stateDir: string, logsDir: string): Promise<readonly DiskFacts[]> {
  const disks: DiskFacts[] = [];
  for (const [path, purpose] of [[stateDir, "podstead's state"], [logsDir, "logs"]] as const) {
    let there = path;
    while (!existsSync(there) && there !== "/") there = dirname(there);
    try {
      const { bavail, blocks, bsize } = await statfs(there);
      disks.push({ path, purpose, freeBytes: bavail * bsize, totalBytes: blocks * bsize });
    } catch {
      // A file system that does not tell is left out.
    }
  }
  return disks;
}

async function lookAtSecrets(settings: Settings): Promise<readonly FileFacts[]> {
  const { manifest, kubelet, pull, stateDir, identityFile } = settings;
  const identity = identityFile ??
    (existsSync(DEFAULT_IDENTITY_FILE) ? DEFAULT_IDENTITY_FILE : null);
  const named = [
    [manifest.tokenFile, "manifest token"],
    [kubelet.clientKey, "key for the kubelet"],
    [kubelet.tokenFile, "token for the kubelet"],
    [pull.credentialsFile, "registry credentials"],
    [identity, "identity of sealed Secrets"],
    [existsSync(stateDir) ? stateDir : null, "state directory"],
  ] as const;
  const files: FileFacts[] = [];
  for (const [path, purpose] of named) {
    if (path === null) continue;
    const mode = await stat(path).then((status) => status.mode & 0o7777).catch(() => undefined);
    files.push({ path, purpose, mode });
  }
  return files;
}

async function isClockSynchronized(): Promise<boolean | undefined> {
  if (existsSync("/run/systemd/timesync/synchronized")) return true;
  const answer = await ask("timedatectl", ["show", "-p", "NTPSynchronized", "--value"]);
  return answer?.trim() === "yes" ? true : answer?.trim() === "no" ? false : undefined;
}

async function askSystemd(): Promise<DoctorFacts["systemd"]> {
  // Source: sd_booted(3).
  if (!existsSync("/run/systemd/system")) return undefined;
  const text = await ask("systemctl", [
    ...["show", "podstead.service", "-p", "LoadState", "-p", "UnitFileState", "-p", "Before"],
  ]);
  if (text === undefined) return undefined;
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  return {
    installed: value("LoadState") === "loaded",
    enabled: value("UnitFileState").startsWith("enabled"),
    before: value("Before").split(" "),
  };
}

/** What a command prints; undefined when it cannot be run. */
function ask(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: ASK_TIMEOUT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}

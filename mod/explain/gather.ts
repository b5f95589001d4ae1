/** Gathers what explains the state of pods: asked when somebody wants to know, and only then. */
import { stat } from "node:fs/promises";
import process from "node:process";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import {
  type ContainerView,
  findImage,
  type PodView,
  type Runtime,
  RuntimeService,
  SPEC_HASH_ANNOTATION,
} from "../cri/mod.ts";
import { type KubeletClient, KubeletFailure } from "../kubelet/mod.ts";
import {
  listLoggedAttempts,
  type LogSource,
  logSourceAt,
  POD_LOGS_DIRECTORY,
  readLog,
} from "../logs/mod.ts";
import { apiServerUnseen } from "./api_server_unseen.ts";
import type { Evidence, ServiceSight } from "./evidence.ts";
import { lastWords } from "./kubelet_down.ts";
import { failingContainer, lastEnd } from "./facts.ts";
import { fresh, type PodStatusRow, staticPodName, type StatusInput } from "../status/mod.ts";
import { isHiddenFromService } from "./hidden_paths.ts";

/** What is asked. */
export interface EvidenceSources {
  readonly runtime: Runtime;
  /** `/var/log/pods` if not set. */
  readonly logsDirectory?: string;
  readonly kubelet: KubeletClient;
  /** What the kubelet should poll. */
  readonly url: string;
  /** The last lines of the kubelet's own log; undefined where the node has no journal. */
  readonly kubeletLog?: ((signal: AbortSignal) => Promise<readonly string[]>) | undefined;
  /** The kubelet's unit; undefined where the node has no systemd. */
  readonly kubeletService?:
    | ((signal: AbortSignal) => Promise<ServiceSight | undefined>)
    | undefined;
  /** The runtime's unit; undefined where the node has no systemd. */
  readonly runtimeService?: (() => Promise<ServiceSight | undefined>) | undefined;
}

/** What holds for every pod of the node. */
export type NodeEvidence =
  & Omit<
    Evidence,
    "row" | "absentImages" | "badHostPaths" | "logTail" | "kubeletLog"
  >
  & { readonly kubeletLog?: readonly string[] | undefined };

/** What is known of one pod. */
export interface PodEvidence {
  /** By image as declared: whether the node has it. */
  readonly images: ReadonlyMap<string, boolean>;
  readonly badHostPaths: readonly { readonly path: string; readonly type: string }[];
  readonly logTail: LogTail | undefined;
}

/** The end of a container's log. */
export interface LogTail {
  readonly container: string;
  readonly attempt: number;
  readonly lines: readonly string[];
}

/** How long each question may take, in milliseconds: a person waits. */
const ASK_TIMEOUT_MS = 2_000;

/** Lines of a failing container's log that are shown. */
const TAIL_LINES = 10;

/** A line of a log is cut there: one of a megabyte explains nothing more. */
const MAX_LINE_LENGTH = 500;

/** Asks kubelet and runtime what a status as joined from `input` leaves open. */
export async function gatherNodeEvidence(
  input: StatusInput,
  sources: EvidenceSources,
): Promise<NodeEvidence> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const { kubelet, runtime, kubeletLog, kubeletService, runtimeService, url } = sources;
  const runtimeDown = input.runtime.failure !== undefined;
  const readable = input.kubelet.failure === undefined && input.kubelet.value !== undefined;
  const [alive, config, networkReady, log, service, ofRuntime, probeCounts] = await Promise.all([
    readable ? true : isAlive(input, kubelet, signal),
    readable ? quietly(kubelet.configz({ signal })) : undefined,
    runtimeDown ? undefined : quietly(isNetworkReady(runtime, signal)),
    kubeletLog === undefined ? undefined : quietly(kubeletLog(signal)),
    kubeletService === undefined || readable ? undefined : quietly(kubeletService(signal)),
    runtimeService === undefined || !runtimeDown ? undefined : quietly(runtimeService()),
    readable && waitsForProbe(input) ? quietly(kubelet.probeCounts({ signal })) : undefined,
  ]);
  return {
    nowMs: input.nowMs,
    fetches: input.fetches,
    limits: input.limits,
    url,
    kubeletFailure: input.kubelet.failure,
    kubeletAlive: alive,
    kubeletPodCount: readable ? input.kubelet.value?.length : undefined,
    kubeletConfig: config,
    probeCounts,
    kubeletLog: log,
    apiServerUnseen: apiServerUnseen(log ?? [], input.nowMs),
    kubeletService: service,
    kubeletLastWords: readable ? undefined : lastWords(log ?? []),
    nodeName: input.nodeName,
    kubeletNodeName: nodeNameOfKubelet(input),
    runtimeFailure: input.runtime.failure,
    runtimeService: ofRuntime,
    runtimeSeenMs: input.runtime.atMs,
    networkReady,
  };
}

/** Whether a container runs and is not ready, or was restarted: then a probe of it may be the reason. */
function waitsForProbe({ kubelet }: StatusInput): boolean {
  return kubelet.value?.some(({ source, containers }) =>
    source !== "api" &&
    containers.some(({ ready, state, restartCount }) =>
      !ready && (state.kind === "running" || restartCount > 0)
    )
  ) ?? false;
}

/**
 * What the kubelet calls this node, where that is not what podstead calls it:
 * a pod with our own spec hash on it runs under another suffix.
 */
function nodeNameOfKubelet(input: StatusInput): string | undefined {
  const { nowMs, limits, desired, nodeName } = input;
  // A sandbox that was made under another name keeps it for as long as its pod keeps its UID:
  // where the kubelet can be asked, only its own word counts.
  const told = fresh(input.kubelet, nowMs, limits.kubeletFreshMs)?.map((pod) => ({
    ...pod,
    hash: pod.annotations[SPEC_HASH_ANNOTATION],
  }));
  const running = told ??
    (fresh(input.runtime, nowMs, limits.runtimeFreshMs) ?? [])
      .filter(({ state }) => state === "SANDBOX_READY")
      .map((pod) => ({ ...pod, hash: pod.specHash }));
  const named = new Set(running.map(({ namespace, name }) => `${namespace}/${name}`));
  for (const pod of desired) {
    if (pod.servedHash === undefined) continue;
    // As long as one of ours is found under its name, the name is right.
    if (named.has(`${pod.namespace}/${staticPodName(pod.name, nodeName)}`)) return undefined;
  }
  for (const pod of desired) {
    const other = running.find(({ namespace, name, hash }) =>
      hash !== undefined && hash === pod.servedHash && namespace === pod.namespace &&
      name.startsWith(`${pod.name}-`)
    );
    if (other !== undefined) return other.name.slice(pod.name.length + 1);
  }
  return undefined;
}

/** Looks at the images, host paths and logs of one pod. */
export async function gatherPodEvidence(
  row: PodStatusRow,
  sources: Pick<EvidenceSources, "runtime" | "logsDirectory">,
  nowMs: number,
): Promise<PodEvidence> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const spec = specOf(row);
  const ended = lastEnd(row, nowMs)?.name;
  const [images, badHostPaths, logTail] = await Promise.all([
    presentImages(spec, sources.runtime, signal),
    findBadHostPaths(spec),
    row.ready === "True" && ended === undefined ? undefined : tailOf(row, ended, sources, signal),
  ]);
  return { images, badHostPaths, logTail };
}

/** Everything about one pod, as `explain` takes it. */
export function evidenceFor(
  row: PodStatusRow,
  node: NodeEvidence,
  pod: PodEvidence,
  names: readonly string[],
): Evidence {
  return {
    ...node,
    row,
    kubeletLog: node.kubeletLog?.filter((line) => names.some((name) => line.includes(name))),
    absentImages: [...pod.images].filter(([, present]) => !present).map(([image]) => image),
    badHostPaths: pod.badHostPaths,
    logTail: pod.logTail?.lines,
  };
}

/**
 * Whether a kubelet runs. Whatever it answered on its API, it answered. Where
 * nobody listens there, its own health endpoint decides; and where that is
 * closed too, polls that still come show that both are merely configured away.
 */
async function isAlive(
  input: StatusInput,
  kubelet: KubeletClient,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { problem } = input.kubelet.failure ?? {};
  const answered = [
    ...["untrusted", "tls", "unauthorized", "forbidden", "authorizer-down", "starting", "answer"],
  ];
  if (problem !== undefined && answered.includes(problem)) return true;
  try {
    await kubelet.healthz({ signal });
    return true;
  } catch (error) {
    if (!(error instanceof KubeletFailure) || error.problem !== "refused") return undefined;
  }
  const { lastGood, intervalMs = 0 } = input.fetches;
  const silenceMs = input.nowMs - (lastGood?.atMs ?? 0);
  // Two polls, and a second for one that is on its way.
  return silenceMs < 2 * intervalMs + 1_000 ? undefined : false;
}

async function isNetworkReady(
  runtime: Runtime,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { status } = await runtime.call(RuntimeService.method.status, {}, { signal });
  return status?.conditions.find(({ type }) => type === "NetworkReady")?.status;
}

async function presentImages(
  spec: JsonObject,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean>> {
  const names = new Set(
    [...listOf(spec["initContainers"]), ...listOf(spec["containers"])]
      .map((container) => isJsonObject(container) ? container["image"] : undefined)
      .filter((image) => typeof image === "string"),
  );
  const found = await Promise.all([...names].map(async (name) => {
    const image = await quietly(findImage(runtime, name, { signal }).then((found) => ({ found })));
    return image === undefined ? undefined : [name, image.found !== undefined] as const;
  }));
  return new Map(found.filter((entry) => entry !== undefined));
}

/** Source: kubernetes pkg/volume/hostpath: these types are checked before the pod starts. */
const HOST_PATH_CHECKS: Readonly<
  Record<string, (file: Awaited<ReturnType<typeof stat>>) => boolean>
> = {
  Directory: (file) => file.isDirectory(),
  DirectoryOrCreate: (file) => file.isDirectory(),
  File: (file) => file.isFile(),
  FileOrCreate: (file) => file.isFile(),
  Socket: (file) => file.isSocket(),
  CharDevice: (file) => file.isCharacterDevice(),
  BlockDevice: (file) => file.isBlockDevice(),
};

async function findBadHostPaths(spec: JsonObject): Promise<PodEvidence["badHostPaths"]> {
  const bad: { path: string; type: string }[] = [];
  for (const volume of listOf(spec["volumes"])) {
    const hostPath = isJsonObject(volume) ? volume["hostPath"] : undefined;
    if (!isJsonObject(hostPath)) continue;
    const { path, type } = hostPath;
    if (typeof path !== "string" || typeof type !== "string") continue;
    const check = HOST_PATH_CHECKS[type];
    // What cannot be seen from here is left to the kubelet's log.
    if (check === undefined || isHiddenFromService(path, process)) continue;
    try {
      if (!check(await stat(path))) bad.push({ path, type });
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === "ENOENT"; // node:fs throws nothing else
      if (gone && !type.endsWith("OrCreate")) bad.push({ path, type });
    }
  }
  return bad;
}

/** The end of the log of the container that is in the way, that is not ready, or that ended last. */
async function tailOf(
  row: PodStatusRow,
  ended: string | undefined,
  { runtime, logsDirectory = POD_LOGS_DIRECTORY }: Pick<
    EvidenceSources,
    "runtime" | "logsDirectory"
  >,
  signal: AbortSignal,
): Promise<LogTail | undefined> {
  const [sandbox] = row.joined.sandboxes;
  if (sandbox === undefined) return await quietly(tailByPath(row, logsDirectory, signal));
  const unready = row.joined.kubelet?.containers.find(({ ready }) => !ready);
  const name = failingContainer({ row })?.name ?? unready?.name ?? ended ??
    sandbox.containers[0]?.name;
  const attempts = attemptsOf(row.joined.sandboxes, name);
  // The newest attempt may have had no time to say anything.
  for (const container of attempts.slice(0, 2)) {
    const lines = await quietly(readTailOf(container, runtime, signal));
    if (lines !== undefined && lines.length > 0) {
      return { container: container.name, attempt: container.attempt, lines };
    }
  }
  return await quietly(tailByPath(row, logsDirectory, signal));
}

/** The end of the log that was written last, for a pod of which the runtime says nothing. */
async function tailByPath(
  { namespace, name }: PodStatusRow,
  logsDirectory: string,
  signal: AbortSignal,
): Promise<LogTail | undefined> {
  const logged = await listLoggedAttempts(
    logsDirectory,
    (other, pod) => other === namespace && pod === name,
  );
  for (const { source, container, attempt } of logged.slice(0, 2)) {
    const lines = await readTail(source, signal);
    if (lines.length > 0) return { container, attempt, lines };
  }
  return undefined;
}

/** Every instance of a container over all sandboxes of its pod, newest first. */
function attemptsOf(
  sandboxes: readonly PodView[],
  name: string | undefined,
): readonly ContainerView[] {
  return sandboxes.flatMap(({ containers }) => containers)
    .filter((container) => container.name === name)
    .toSorted((left, right) => left.createdAt < right.createdAt ? 1 : -1);
}

async function readTailOf(
  container: ContainerView,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = container.status?.logPath ?? await logPathOf(container, runtime, signal);
  return path === "" ? [] : await readTail(logSourceAt(path), signal);
}

async function readTail(source: LogSource, signal: AbortSignal): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  const selection = { tail: TAIL_LINES };
  const options = { selection, output: { format: "text" as const }, signal };
  for await (const chunk of readLog(source, options)) chunks.push(chunk);
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  return text.split("\n").slice(0, -1).map((line) => line.slice(0, MAX_LINE_LENGTH));
}

async function logPathOf(
  { id }: ContainerView,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<string> {
  const request = { containerId: id };
  const { status } = await runtime.call(RuntimeService.method.containerStatus, request, { signal });
  return status?.logPath ?? "";
}

/** Evidence that cannot be read is left out: what matters of the failure is in the status itself. */
async function quietly<T>(evidence: Promise<T>): Promise<T | undefined> {
  try {
    return await evidence;
  } catch {
    return undefined; // see above
  }
}

function specOf({ joined: { desired } }: PodStatusRow): JsonObject {
  const spec = desired?.pod["spec"];
  return isJsonObject(spec) ? spec : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

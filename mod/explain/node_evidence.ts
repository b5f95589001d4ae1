/** What holds for every pod of a node: asked for when a person wants to know, and only then. */
import { type Runtime, RuntimeService, SPEC_HASH_ANNOTATION } from "../cri/mod.ts";
import { type KubeletClient, KubeletFailure } from "../kubelet/mod.ts";
import { fresh, lastPoll, staticPodName, type StatusInput } from "../status/mod.ts";
import { apiServerUnseen } from "./api_server_unseen.ts";
import type { Evidence, KubeletOnDisk, ServiceSight } from "./evidence.ts";
import { lastWords } from "./kubelet_down.ts";
import { ASK_TIMEOUT_MS, quietly } from "./quietly.ts";

/** What is asked. */
export interface EvidenceSources {
  readonly runtime: Runtime;
  /** `/var/log/pods` if not set. */
  readonly logsDirectory?: string;
  readonly kubelet: KubeletClient;
  /** What the kubelet should poll. */
  readonly url: string;
  /** The last lines of the kubelet's own log; undefined if the node has no journal. */
  readonly kubeletLog?: ((signal: AbortSignal) => Promise<readonly string[]>) | undefined;
  /** The kubelet's unit; undefined if the node has no systemd. */
  readonly kubeletService?:
    | ((signal: AbortSignal) => Promise<ServiceSight | undefined>)
    | undefined;
  /** The kubelet's settings by its command line and its files; undefined if they cannot be read. */
  readonly kubeletOnDisk?: (() => Promise<KubeletOnDisk | undefined>) | undefined;
  /** The runtime's unit; undefined if the node has no systemd. */
  readonly runtimeService?: (() => Promise<ServiceSight | undefined>) | undefined;
}

/** What holds for every pod of the node. */
export type NodeEvidence =
  & Omit<
    Evidence,
    "row" | "absentImages" | "badHostPaths" | "logTail" | "kubeletLog"
  >
  & { readonly kubeletLog?: readonly string[] | undefined };

/** Asks kubelet and runtime what a status as joined from `input` leaves open. */
export async function gatherNodeEvidence(
  input: StatusInput,
  sources: EvidenceSources,
): Promise<NodeEvidence> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const { kubelet, runtime, kubeletLog, kubeletService, kubeletOnDisk, runtimeService, url } =
    sources;
  const runtimeDown = input.runtime.failure !== undefined;
  const readable = input.kubelet.failure === undefined && input.kubelet.value !== undefined;
  const [alive, config, networkReady, log, service, onDisk, ofRuntime, probeCounts] = await Promise
    .all([
      readable ? true : isAlive(input, kubelet, signal),
      readable ? quietly(kubelet.configz({ signal })) : undefined,
      runtimeDown ? undefined : quietly(isNetworkReady(runtime, signal)),
      kubeletLog === undefined ? undefined : quietly(kubeletLog(signal)),
      kubeletService === undefined ? undefined : quietly(kubeletService(signal)),
      kubeletOnDisk === undefined || readable ? undefined : quietly(kubeletOnDisk()),
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
    kubeletOnDisk: onDisk,
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

/** Problems of a kubelet that has answered. */
const ANSWERED: ReadonlySet<string> = new Set([
  "untrusted",
  "tls",
  "unauthorized",
  "forbidden",
  "authorizer-down",
  "starting",
  "answer",
]);

/**
 * Whether a kubelet runs. Any answer on its API shows that it does. If no
 * process listens there, its own health endpoint decides; and if that is closed
 * too, polls that still come show that both are merely configured away.
 */
async function isAlive(
  input: StatusInput,
  kubelet: KubeletClient,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { problem } = input.kubelet.failure ?? {};
  if (problem !== undefined && ANSWERED.has(problem)) return true;
  try {
    await kubelet.healthz({ signal });
    return true;
  } catch (error) {
    if (!(error instanceof KubeletFailure) || error.problem !== "refused") return undefined;
  }
  const { intervalMs = 0 } = input.fetches;
  const silenceMs = input.nowMs - (lastPoll(input.fetches)?.atMs ?? 0);
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

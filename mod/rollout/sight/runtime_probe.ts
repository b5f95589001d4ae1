/** What podstead can see of the pods on the node: in the runtime, in the kubelet's directory and API. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  allContainers,
  allSandboxes,
  CONFIG_SOURCE_ANNOTATION,
  CONTAINER_HASH_ANNOTATION,
  CONTAINER_NAME_LABEL,
  type ContainerType,
  containerType,
  criMessages,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  type Runtime,
  SPEC_HASH_ANNOTATION,
} from "../../cri/mod.ts";
import type { KubeletClient } from "../../kubelet/mod.ts";
import type { OldSight } from "../old_pod.ts";

/** A pod of the manifest URL in the runtime: one for each UID. */
export interface SeenPod {
  readonly namespace: string;
  /** With the node's name as its suffix. */
  readonly name: string;
  readonly uid: string;
  readonly specHash: string | undefined;
  /** Whether its sandbox stands or a container runs. */
  readonly alive: boolean;
  readonly sandbox: boolean;
  /** Whether any container runs, an init container too. */
  readonly busy: boolean;
  /** Containers that run, init containers left out. */
  readonly running: number;
  /** The latest instance of each container, by name. */
  readonly containers: ReadonlyMap<string, SeenContainer>;
}

/** An instance of a container. */
export interface SeenContainer {
  readonly type: ContainerType;
  readonly running: boolean;
  /** The kubelet's hash of its name and image. */
  readonly hash: string | undefined;
  /** How often it was started before. */
  readonly attempt: number;
  /** Unix milliseconds. */
  readonly createdMs: number;
}

/** The ways to look at the node. */
export interface RuntimeProbe {
  /** @throws {PodsteadError} if the runtime does not answer */
  pods(signal: AbortSignal): Promise<readonly SeenPod[]>;
  /** Whether the kubelet's directory of a pod is there; undefined if that cannot be seen. */
  directory(uid: string): Promise<boolean | undefined>;
  /** The UIDs in `/runningpods/`; undefined if they cannot be read. */
  listed(signal: AbortSignal): Promise<ReadonlySet<string> | undefined>;
}

/** What is looked through. Asked each time, since settings may change. */
export interface RuntimeProbeDeps {
  readonly runtime: () => Runtime;
  readonly kubelet: () => KubeletClient;
  readonly podsDirectory: () => string;
  readonly monotonicMs: () => number;
}

/** How long `/runningpods/` is not asked after a failure, in milliseconds: most nodes do not let us. */
const BLIND_MS = 60_000;

/** Looks at a real node. */
export function runtimeProbe(deps: RuntimeProbeDeps): RuntimeProbe {
  let blindUntilMs = 0;
  return {
    pods: (signal) => seenPods(deps.runtime(), signal),
    async directory(uid) {
      try {
        return (await stat(join(deps.podsDirectory(), uid))).isDirectory();
      } catch (error) {
        // node:fs throws nothing else
        return (error as NodeJS.ErrnoException).code === "ENOENT" ? false : undefined;
      }
    },
    async listed(signal) {
      if (deps.monotonicMs() < blindUntilMs) return undefined;
      try {
        return new Set((await deps.kubelet().runningPods({ signal })).map(({ uid }) => uid));
      } catch {
        // It is one sign of several; the status says what is wrong with the access.
        blindUntilMs = deps.monotonicMs() + BLIND_MS;
        return undefined;
      }
    },
  };
}

const NANOSECONDS_PER_MS = 1_000_000n;

async function seenPods(runtime: Runtime, signal: AbortSignal): Promise<readonly SeenPod[]> {
  const [sandboxes, containers] = await Promise.all([
    allSandboxes(runtime, { signal }),
    allContainers(runtime, { signal }),
  ]);
  const running = new Map<string, number>();
  const latest = new Map<string, Map<string, SeenContainer>>();
  for (const { labels, annotations, state, metadata, createdAt } of containers) {
    const uid = labels[POD_UID_LABEL] ?? "";
    const type = containerType(annotations);
    const runs = state === criMessages.ContainerState.CONTAINER_RUNNING;
    if (runs) running.set(uid, (running.get(uid) ?? 0) + (type === "init" ? 0 : 1));
    const ofPod = latest.get(uid) ?? new Map<string, SeenContainer>();
    latest.set(uid, ofPod);
    const name = labels[CONTAINER_NAME_LABEL] ?? "";
    const createdMs = Number(createdAt / NANOSECONDS_PER_MS);
    if ((ofPod.get(name)?.createdMs ?? -Infinity) > createdMs) continue;
    const hash = annotations[CONTAINER_HASH_ANNOTATION];
    ofPod.set(name, { type, running: runs, hash, attempt: metadata?.attempt ?? 0, createdMs });
  }
  const pods = new Map<string, SeenPod>();
  for (const { labels, annotations, state } of sandboxes) {
    if (annotations[CONFIG_SOURCE_ANNOTATION] !== "http") continue;
    const uid = labels[POD_UID_LABEL] ?? "";
    const sandbox = state === criMessages.PodSandboxState.SANDBOX_READY ||
      pods.get(uid)?.sandbox === true;
    pods.set(uid, {
      namespace: labels[POD_NAMESPACE_LABEL] ?? "",
      name: labels[POD_NAME_LABEL] ?? "",
      uid,
      specHash: annotations[SPEC_HASH_ANNOTATION],
      alive: sandbox || running.has(uid),
      sandbox,
      busy: running.has(uid),
      running: running.get(uid) ?? 0,
      containers: latest.get(uid) ?? new Map(),
    });
  }
  return [...pods.values()];
}

/** Whether the kubelet runs this as the pod of that key: it appends the node's name. */
export function isOf(
  seen: Pick<SeenPod, "namespace" | "name">,
  pod: { readonly namespace: string; readonly name: string },
  nodeName: string,
): boolean {
  return seen.namespace === pod.namespace &&
    seen.name === `${pod.name}-${nodeName.toLowerCase()}`;
}

/** The versions of a pod that are alive. */
export function aliveVersions(
  seen: readonly SeenPod[],
  pod: { readonly namespace: string; readonly name: string },
  nodeName: string,
): readonly SeenPod[] {
  return seen.filter((one) => one.alive && isOf(one, pod, nodeName));
}

/** Looks at an old version once more. @param seen what the runtime has; undefined if it does not answer */
export async function lookAtOld(
  uids: readonly string[],
  seen: readonly SeenPod[] | undefined,
  listed: ReadonlySet<string> | undefined,
  probe: Pick<RuntimeProbe, "directory">,
): Promise<OldSight> {
  const directories = await Promise.all(uids.map((uid) => probe.directory(uid)));
  const mine = seen?.filter(({ uid }) => uids.includes(uid));
  return {
    running: mine?.some(({ busy }) => busy),
    sandbox: mine?.some(({ sandbox }) => sandbox),
    directory: directories.includes(undefined) ? undefined : directories.includes(true),
    listed: listed === undefined ? undefined : uids.some((uid) => listed.has(uid)),
  };
}

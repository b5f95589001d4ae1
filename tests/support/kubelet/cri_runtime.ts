import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { errorText } from "../../../mod/core/mod.ts";
import { criMessages, ImageService, type Runtime, RuntimeService } from "../../../mod/cri/mod.ts";
import {
  containerConfig,
  type NodeLayout,
  podLogDirectory,
  sandboxConfig,
} from "./container_config.ts";
import type { ContainerSpec, Pod, ProbeSpec } from "./pod.ts";
import { runProbe } from "./probe_run.ts";
import {
  ContainerFailure,
  type ObservedContainer,
  type ObservedPod,
  type ObservedSandbox,
  type PodRuntime,
} from "./runtime.ts";
import { mountVolumes, podDirectory } from "./volumes.ts";

/** How the stand-in meets the container runtime. */
export interface CriRuntimeOptions extends NodeLayout {
  readonly runtime: Runtime;
  /** Whether an absent image is asked of its registry; otherwise it cannot be had. */
  readonly pull: boolean;
}

/** The kubelet's own default of `runtimeRequestTimeout`, in milliseconds. */
const REQUEST_TIMEOUT_MS = 120_000;

const UID_LABEL = "io.kubernetes.pod.uid";
const SOURCE_ANNOTATION = "kubernetes.io/config.source";

/** Runs pods on a real container runtime, over CRI, as the kubelet does. */
export function criRuntime(options: CriRuntimeOptions): PodRuntime {
  const { runtime, rootDir, logRoot } = options;
  const methods = RuntimeService.method;
  const limit = { timeoutMs: REQUEST_TIMEOUT_MS };
  /** Statuses that do not change any more, by container ID. */
  const ended = new Map<string, ObservedContainer>();

  const describe = async (id: string): Promise<ObservedContainer | undefined> => {
    const known = ended.get(id);
    if (known !== undefined) return known;
    const { status } = await runtime.call(methods.containerStatus, { containerId: id })
      .catch((thrown: unknown) => {
        // Removed since it was listed.
        if (isNotFound(thrown)) return { status: undefined };
        throw thrown;
      });
    if (status === undefined) return undefined;
    return {
      id,
      name: status.metadata?.name ?? "",
      sandboxId: "",
      attempt: status.metadata?.attempt ?? 0,
      state: stateName(status.state),
      hash: status.annotations["io.kubernetes.container.hash"] ?? "",
      startedAtMs: milliseconds(status.startedAt),
      finishedAtMs: milliseconds(status.finishedAt),
      exitCode: status.exitCode,
      reason: status.reason,
      message: status.message,
      image: status.image?.image ?? "",
      imageId: status.imageRef,
    };
  };

  const observeAll = async (uid?: string): Promise<ReadonlyMap<string, ObservedPod>> => {
    const filter = { labelSelector: uid === undefined ? {} : { [UID_LABEL]: uid } };
    const [sandboxes, listed] = await Promise.all([
      runtime.call(methods.listPodSandbox, { filter }),
      runtime.call(methods.listContainers, { filter }),
    ]);
    const containers = new Map<string, ObservedContainer[]>();
    const graces = new Map<string, number>();
    for (const { id, podSandboxId, annotations, labels } of listed.containers) {
      const podUid = labels[UID_LABEL];
      const one = await describe(id);
      if (podUid === undefined || one === undefined) continue;
      const placed = { ...one, sandboxId: podSandboxId };
      if (placed.state === "exited") ended.set(id, placed);
      containers.set(podUid, [...containers.get(podUid) ?? [], placed]);
      const grace = Number(annotations["io.kubernetes.pod.terminationGracePeriod"]);
      if (Number.isFinite(grace)) graces.set(podUid, grace);
    }
    if (uid === undefined) forgetMissing(ended, listed.containers);
    const pods = new Map<string, ObservedPod>();
    for (const sandbox of sandboxes.items) {
      const { id, metadata, annotations } = sandbox;
      if (metadata === undefined || annotations[SOURCE_ANNOTATION] !== "http") continue;
      const own: ObservedSandbox = {
        id,
        attempt: metadata.attempt,
        ready: sandbox.state === criMessages.PodSandboxState.SANDBOX_READY,
        createdAtMs: milliseconds(sandbox.createdAt),
      };
      const others = pods.get(metadata.uid)?.sandboxes ?? [];
      pods.set(metadata.uid, {
        uid: metadata.uid,
        namespace: metadata.namespace,
        name: metadata.name,
        graceSeconds: graces.get(metadata.uid) ?? 30,
        sandboxes: [...others, own].sort((left, right) => right.attempt - left.attempt),
        containers: (containers.get(metadata.uid) ?? [])
          .sort((left, right) => right.attempt - left.attempt),
      });
    }
    return pods;
  };

  const imageOf = async (image: string) =>
    (await runtime.call(ImageService.method.imageStatus, { image: { image } })).image;

  return {
    list: () => observeAll(),
    observe: async (uid) => (await observeAll(uid)).get(uid),

    async createDirectory({ metadata }) {
      await mkdir(podDirectory(rootDir, metadata.uid), { recursive: true });
    },
    async removeDirectory(uid) {
      await rm(podDirectory(rootDir, uid), { recursive: true, force: true });
    },
    mountVolumes: (pod) => mountVolumes(pod, rootDir),

    async runSandbox(pod, attempt) {
      const config = sandboxConfig(pod, attempt, options);
      await mkdir(podLogDirectory(logRoot, pod.metadata), { recursive: true });
      return (await runtime.call(methods.runPodSandbox, { config }, limit)).podSandboxId;
    },

    async ensureImage(container: ContainerSpec) {
      const { image } = container;
      if (await imageOf(image) !== undefined) return;
      if (container.imagePullPolicy === "Never") {
        throw new ContainerFailure(
          "ErrImageNeverPull",
          `Container image ${JSON.stringify(image)} is not present with pull policy of Never`,
        );
      }
      if (!options.pull) {
        throw new ContainerFailure(
          "ErrImagePull",
          `failed to pull and unpack image ${JSON.stringify(image)}: no registry can be reached`,
        );
      }
      try {
        await runtime.call(ImageService.method.pullImage, { image: { image } }, limit);
      } catch (thrown) {
        throw new ContainerFailure("ErrImagePull", errorText(thrown), { cause: thrown });
      }
    },

    async startContainer(pod: Pod, sandboxId, container, attempt) {
      const image = await imageOf(container.image);
      const logs = podLogDirectory(logRoot, pod.metadata);
      await mkdir(join(logs, container.name), { recursive: true });
      let id: string;
      try {
        const answer = await runtime.call(methods.createContainer, {
          podSandboxId: sandboxId,
          config: containerConfig(pod, container, attempt, image?.id ?? container.image, options),
          sandboxConfig: sandboxConfig(pod, 0, options),
        }, limit);
        id = answer.containerId;
      } catch (thrown) {
        throw new ContainerFailure("CreateContainerError", errorText(thrown), { cause: thrown });
      }
      try {
        await runtime.call(methods.startContainer, { containerId: id }, limit);
      } catch (thrown) {
        throw new ContainerFailure("RunContainerError", errorText(thrown), { cause: thrown });
      }
      return id;
    },

    async stopContainer(id, graceSeconds) {
      const timeoutMs = REQUEST_TIMEOUT_MS + graceSeconds * 1000;
      await runtime.call(
        methods.stopContainer,
        { containerId: id, timeout: BigInt(graceSeconds) },
        { timeoutMs },
      ).catch(unlessGone);
    },

    async removeContainer(observed, container) {
      await runtime.call(methods.removeContainer, { containerId: container.id }, limit)
        .catch(unlessGone);
      const directory = join(podLogDirectory(logRoot, observed), container.name);
      const prefix = `${container.attempt}.log`;
      for (const file of await readdir(directory).catch(() => [])) {
        if (file === prefix || file.startsWith(`${prefix}.`)) await rm(join(directory, file));
      }
    },

    async stopSandbox(id) {
      await runtime.call(methods.stopPodSandbox, { podSandboxId: id }, limit).catch(unlessGone);
    },

    async removeSandbox(observed, id) {
      await runtime.call(methods.removePodSandbox, { podSandboxId: id }, limit).catch(unlessGone);
      const directory = podLogDirectory(logRoot, observed);
      // A name with a slash would leave the log root; the kubelet's names have none.
      if (basename(directory) === directory.slice(logRoot.length).replace(/^\/+/, "")) {
        await rm(directory, { recursive: true, force: true });
      }
    },

    async probe(_pod, containerId, probe: ProbeSpec, container, timeoutMs) {
      await runProbe(probe, container, timeoutMs, {
        host: options.nodeIp,
        exec: async (cmd, execTimeoutMs) => {
          const answer = await runtime.call(methods.execSync, {
            containerId,
            cmd: [...cmd],
            timeout: BigInt(Math.max(1, Math.ceil(execTimeoutMs / 1000))),
          }, { timeoutMs: execTimeoutMs + 1000 });
          return answer.exitCode;
        },
      });
    },
  };
}

function stateName(state: criMessages.ContainerState): ObservedContainer["state"] {
  const { ContainerState } = criMessages;
  switch (state) {
    case ContainerState.CONTAINER_CREATED:
      return "created";
    case ContainerState.CONTAINER_RUNNING:
      return "running";
    case ContainerState.CONTAINER_EXITED:
      return "exited";
    default:
      return "unknown";
  }
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}

function forgetMissing(
  cache: Map<string, unknown>,
  listed: readonly { readonly id: string }[],
): void {
  const present = new Set(listed.map(({ id }) => id));
  for (const id of cache.keys()) if (!present.has(id)) cache.delete(id);
}

function isNotFound(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "not-found";
}

function unlessGone(thrown: unknown): void {
  if (!isNotFound(thrown)) throw thrown;
}

import { Containers } from "./gen/containerd_containers_pb.ts";
import {
  ContainerState,
  type ContainerStatus,
  PodSandboxState,
  RuntimeService,
} from "./gen/runtime_pb.ts";
import { isNotFound, isUnimplemented } from "./errors.ts";
import { allContainers, allImages, allSandboxes } from "./list.ts";
import { inParallel } from "./parallel.ts";
import { CRI_NAMESPACE, nodePids } from "./pids.ts";
import type { CallOptions, Runtime } from "./runtime.ts";
import { type PodView, podViews } from "./view.ts";

/** What {@linkcode listPods} should ask for. */
export interface ListPodsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Deadline of each call in milliseconds, instead of the runtime's own. */
  readonly timeoutMs?: number | undefined;
  /** Process IDs and sandbox images; true where it is left out. */
  readonly processes?: boolean;
  /** `status` of containers: one call for each; `none` where it is left out. */
  readonly statuses?: "none" | "exited" | "all";
}

/**
 * Every pod that the runtime has, running or not, with its containers: a
 * constant number of calls on containerd unless `statuses` asks for more.
 *
 * @returns sorted by namespace, name and age; empty where nothing was ever run.
 * @throws {PodsteadError} as `Runtime.call`.
 */
export async function listPods(
  runtime: Runtime,
  options: ListPodsOptions = {},
): Promise<PodView[]> {
  const call: CallOptions = { signal: options.signal, timeoutMs: options.timeoutMs };
  const withProcesses = options.processes ?? true;
  const sandboxes = allSandboxes(runtime, call);
  const containers = allContainers(runtime, call);
  const [sandboxList, containerList, images, pids, sandboxImages] = await Promise.all([
    sandboxes,
    containers,
    allImages(runtime, call),
    withProcesses
      ? nodePids(runtime, async () => ({
        sandboxIds: (await sandboxes)
          .filter(({ state }) => state === PodSandboxState.SANDBOX_READY).map(({ id }) => id),
        containerIds: (await containers)
          .filter(({ state }) => state === ContainerState.CONTAINER_RUNNING).map(({ id }) => id),
      }), call)
      : new Map<string, number>(),
    withProcesses ? sandboxImagesOf(runtime, call) : new Map<string, string>(),
  ]);
  const wanted = options.statuses ?? "none";
  const statuses = new Map<string, ContainerStatus>();
  if (wanted !== "none") {
    const asked = containerList.filter(({ state }) =>
      wanted === "all" || state === ContainerState.CONTAINER_EXITED
    );
    await inParallel(asked, async ({ id }) => {
      const status = await statusOrGone(runtime, id, call);
      if (status !== undefined) statuses.set(id, status);
    });
  }
  // A sandbox made between the two lists would make its containers look like orphans.
  const known = new Set(sandboxList.map(({ id }) => id));
  const complete = containerList.every(({ podSandboxId }) => known.has(podSandboxId));
  return podViews({
    sandboxes: complete ? sandboxList : await allSandboxes(runtime, call),
    containers: containerList,
    images,
    pids,
    sandboxImages,
    statuses,
  });
}

/** CRI does not say which image a sandbox runs; containerd does, for all in one call. */
async function sandboxImagesOf(
  runtime: Runtime,
  call: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  try {
    const { containers } = await runtime.call(Containers.method.list, {
      filters: ['labels."io.cri-containerd.kind"==sandbox'],
    }, { ...call, namespace: CRI_NAMESPACE });
    return new Map(containers.map(({ id, image }) => [id, image]));
  } catch (error) {
    if (isUnimplemented(error)) return new Map();
    throw error;
  }
}

/** A container may be removed between the list and the question. */
async function statusOrGone(
  runtime: Runtime,
  containerId: string,
  call: CallOptions,
): Promise<ContainerStatus | undefined> {
  try {
    const { status } = await runtime.call(
      RuntimeService.method.containerStatus,
      { containerId },
      call,
    );
    return status;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

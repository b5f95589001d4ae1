import { Containers } from "./gen/containerd_containers.ts";
import {
  type Container,
  ContainerState,
  type ContainerStatus,
  type PodSandbox,
  PodSandboxState,
  RuntimeService,
} from "./gen/runtime.ts";
import { isNotFound, isTooLarge, isUnimplemented } from "./errors.ts";
import { allContainers, allImages, allSandboxes } from "./list.ts";
import { memoryOf, recall, type RuntimeMemory } from "./memory.ts";
import { inParallel } from "./parallel.ts";
import { CRI_NAMESPACE, nodePids } from "./pids.ts";
import type { CallOptions, Runtime } from "./runtime.ts";
import { type PodView, podViews } from "./view.ts";

/** What {@linkcode listPods} should ask for. */
export interface ListPodsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Deadline of each call in milliseconds, instead of the runtime's own. */
  readonly timeoutMs?: number | undefined;
  /** Process IDs and sandbox images; true if it is left out. */
  readonly processes?: boolean;
  /** Labels and annotations, most of what is answered; true if it is left out. */
  readonly labels?: boolean;
  /** `status` of containers: one call for each; `none` if it is left out. */
  readonly statuses?: "none" | "exited" | "all";
}

/**
 * Every pod that the runtime has, running or not, with its containers: a
 * constant number of calls on containerd unless `statuses` asks for more. What
 * cannot have changed since the last time over this connection is not asked for.
 *
 * @returns sorted by namespace, name and age; empty if nothing was ever run.
 * @throws {PodsteadError} as `Runtime.call`.
 */
export async function listPods(
  runtime: Runtime,
  options: ListPodsOptions = {},
): Promise<PodView[]> {
  const call: CallOptions = { signal: options.signal, timeoutMs: options.timeoutMs };
  const memory = memoryOf(runtime);
  const [images, containers, firstSandboxes] = await Promise.all([
    allImages(runtime, call),
    allContainers(runtime, call),
    allSandboxes(runtime, call),
  ]);
  // A sandbox made between the two lists would make its containers look like orphans.
  const listed = new Set(firstSandboxes.map(({ id }) => id));
  const complete = containers.every(({ podSandboxId }) => listed.has(podSandboxId));
  const sandboxes = complete ? firstSandboxes : await allSandboxes(runtime, call);

  const [processes, exits, others] = await Promise.all([
    options.processes === false ? undefined : recallProcesses(runtime, sandboxes, containers, call),
    options.statuses === undefined || options.statuses === "none" ? undefined : recall(
      memory.exits,
      idsOf(containers, ContainerState.CONTAINER_EXITED),
      (ids) => statusesOf(runtime, ids, call),
    ),
    options.statuses === "all"
      ? statusesOf(
        runtime,
        containers.filter(({ state }) => state !== ContainerState.CONTAINER_EXITED)
          .map(({ id }) => id),
        call,
      )
      : undefined,
  ]);
  if (exits !== undefined) memory.exits = exits;
  return podViews({
    sandboxes,
    containers,
    images,
    pids: processes?.pids ?? new Map(),
    sandboxImages: processes?.sandboxImages ?? new Map(),
    statuses: new Map([...exits ?? [], ...others ?? []]),
    labels: options.labels ?? true,
  });
}

async function recallProcesses(
  runtime: Runtime,
  sandboxes: readonly PodSandbox[],
  containers: readonly Container[],
  call: CallOptions,
): Promise<Pick<RuntimeMemory, "pids" | "sandboxImages">> {
  const memory = memoryOf(runtime);
  const sandboxIds = idsOf(sandboxes, PodSandboxState.SANDBOX_READY);
  const containerIds = idsOf(containers, ContainerState.CONTAINER_RUNNING);
  const isSandbox = new Set(sandboxIds);
  const [pids, sandboxImages] = await Promise.all([
    recall(memory.pids, [...sandboxIds, ...containerIds], (missing) =>
      nodePids(runtime, {
        sandboxIds: missing.filter((id) => isSandbox.has(id)),
        containerIds: missing.filter((id) => !isSandbox.has(id)),
      }, call)),
    recall(
      memory.sandboxImages,
      sandboxes.map(({ id }) => id),
      () => sandboxImagesOf(runtime, call),
    ),
  ]);
  memory.pids = pids;
  memory.sandboxImages = sandboxImages;
  return { pids, sandboxImages };
}

function idsOf<S>(
  items: readonly { readonly id: string; readonly state: S }[],
  state: S,
): string[] {
  return items.filter((item) => item.state === state).map(({ id }) => id);
}

async function statusesOf(
  runtime: Runtime,
  ids: readonly string[],
  call: CallOptions,
): Promise<ReadonlyMap<string, ContainerStatus>> {
  const statuses = await inParallel(ids, (id) => statusOrGone(runtime, id, call));
  return new Map(statuses.flatMap((status) => status === undefined ? [] : [[status.id, status]]));
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
    // Not containerd; or containers by the thousand, whose specs do not fit into one message.
    if (isUnimplemented(error) || isTooLarge(error)) return new Map();
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

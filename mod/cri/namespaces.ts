import { Containers } from "./gen/containerd_containers.ts";
import { Namespaces } from "./gen/containerd_namespaces.ts";
import { Tasks } from "./gen/containerd_tasks.ts";
import { TaskStatus, type Timestamp } from "./gen/containerd_types.ts";
import { PodsteadError } from "../core/mod.ts";
import { isUnimplemented } from "./errors.ts";
import { inParallel } from "./parallel.ts";
import { CRI_NAMESPACE } from "./pids.ts";
import type { CallOptions, Runtime } from "./runtime.ts";

/** A container that CRI does not show: one of containerd's other namespaces. */
export interface NamespacedContainer {
  readonly namespace: string;
  readonly id: string;
  /** Empty for a container that was made without an image. */
  readonly image: string;
  /** Absent if nothing runs in it. */
  readonly pid?: number;
  /** containerd's name for the state of its process; `CREATED` if it has none yet or any longer. */
  readonly status: "CREATED" | "RUNNING" | "STOPPED" | "PAUSED" | "PAUSING" | "UNKNOWN";
  /** RFC 3339 in UTC; absent if containerd does not say. */
  readonly createdAt?: string;
}

/**
 * The names of containerd's namespaces, sorted: `k8s.io` holds what CRI shows,
 * `moby` is Docker's, `default` is what `ctr` uses.
 *
 * @throws {PodsteadError} `failed` for a runtime that is not containerd, else as `Runtime.call`.
 */
export async function listNamespaces(
  runtime: Runtime,
  options?: CallOptions,
): Promise<readonly string[]> {
  try {
    const { namespaces } = await runtime.call(Namespaces.method.list, {}, options);
    return namespaces.map(({ name }) => name).sort();
  } catch (error) {
    if (!isUnimplemented(error)) throw error;
    throw new PodsteadError("failed", "This container runtime has no namespaces", {
      cause: error,
      hint: "Only containerd has them; `podstead containers -k` shows the pods of any runtime",
    });
  }
}

/**
 * The containers of every containerd namespace but Kubernetes' own, sorted by
 * namespace and ID; empty if there is none.
 *
 * @throws {PodsteadError} as `listNamespaces`.
 */
export async function listOtherContainers(
  runtime: Runtime,
  options: CallOptions = {},
): Promise<readonly NamespacedContainer[]> {
  const names = (await listNamespaces(runtime, options)).filter((name) => name !== CRI_NAMESPACE);
  const parts = await inParallel(names, async (namespace) => {
    const call = { ...options, namespace };
    const [{ containers }, { tasks }] = await Promise.all([
      runtime.call(Containers.method.list, {}, call),
      runtime.call(Tasks.method.list, {}, call),
    ]);
    const taskById = new Map(tasks.map((task) => [task.containerId || task.id, task]));
    return containers
      .map(({ id, image, createdAt }): NamespacedContainer => {
        const task = taskById.get(id);
        const created = isoTimestamp(createdAt);
        return {
          namespace,
          id,
          image,
          ...(task !== undefined && task.pid > 0 && { pid: task.pid }),
          status: task === undefined ? "CREATED" : STATUS_NAMES[task.status],
          ...(created !== undefined && { createdAt: created }),
        };
      })
      .sort((left, right) => left.id < right.id ? -1 : 1);
  });
  return parts.flat();
}

/** A protobuf timestamp as RFC 3339; undefined for none. */
export function isoTimestamp(time: Timestamp | undefined): string | undefined {
  if (time === undefined) return undefined;
  return new Date(Number(time.seconds) * 1000 + time.nanos / 1_000_000).toISOString();
}

const STATUS_NAMES: Readonly<Record<TaskStatus, NamespacedContainer["status"]>> = {
  [TaskStatus.TASK_UNKNOWN]: "UNKNOWN",
  [TaskStatus.TASK_CREATED]: "CREATED",
  [TaskStatus.TASK_RUNNING]: "RUNNING",
  [TaskStatus.TASK_STOPPED]: "STOPPED",
  [TaskStatus.TASK_PAUSED]: "PAUSED",
  [TaskStatus.TASK_PAUSING]: "PAUSING",
};

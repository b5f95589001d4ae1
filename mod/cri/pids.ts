import { Tasks } from "./gen/containerd_tasks.ts";
import { RuntimeService } from "./gen/runtime.ts";
import { isNotFound, isUnimplemented } from "./errors.ts";
import { inParallel } from "./parallel.ts";
import type { CallOptions, Runtime } from "./runtime.ts";

/** The containerd namespace in which the CRI plugin keeps everything. */
export const CRI_NAMESPACE = "k8s.io";

/** What to look for where the runtime has no list of processes. */
export interface PidQuery {
  readonly sandboxIds: readonly string[];
  readonly containerIds: readonly string[];
}

/**
 * The process ID of every running sandbox and container, by its ID.
 *
 * containerd says it for the whole node in one call of its own task service.
 * Another runtime is asked for the verbose status of each of `query`, some at
 * once; one that vanishes meanwhile is left out.
 *
 * @throws {PodsteadError} as `Runtime.call`.
 */
export async function nodePids(
  runtime: Runtime,
  query: PidQuery,
  options: CallOptions = {},
): Promise<ReadonlyMap<string, number>> {
  try {
    const { tasks } = await runtime.call(Tasks.method.list, {}, {
      ...options,
      namespace: CRI_NAMESPACE,
    });
    return new Map(
      tasks.filter(({ pid }) => pid > 0).map((task) => [task.containerId || task.id, task.pid]),
    );
  } catch (error) {
    if (!isUnimplemented(error)) throw error;
    return await pidsByStatus(runtime, query, options);
  }
}

async function pidsByStatus(
  runtime: Runtime,
  { sandboxIds, containerIds }: PidQuery,
  options: CallOptions,
): Promise<ReadonlyMap<string, number>> {
  const { containerStatus, podSandboxStatus } = RuntimeService.method;
  const jobs = [
    ...sandboxIds.map((id) => ({ id, isSandbox: true })),
    ...containerIds.map((id) => ({ id, isSandbox: false })),
  ];
  const pids = new Map<string, number>();
  await inParallel(jobs, async ({ id, isSandbox }) => {
    try {
      const { info } = isSandbox
        ? await runtime.call(podSandboxStatus, { podSandboxId: id, verbose: true }, options)
        : await runtime.call(containerStatus, { containerId: id, verbose: true }, options);
      const pid = pidOfInfo(info);
      if (pid !== undefined) pids.set(id, pid);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  });
  return pids;
}

/** Both containerd and CRI-O put `pid` into the JSON under the key `info`. */
function pidOfInfo(info: Readonly<Record<string, string>>): number | undefined {
  try {
    const { pid } = JSON.parse(info.info ?? "{}");
    return typeof pid === "number" && pid > 0 ? pid : undefined;
  } catch {
    return undefined; // not JSON: a runtime that says it another way
  }
}

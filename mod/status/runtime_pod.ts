import type { ContainerView, PodView } from "../cri/mod.ts";

/** The newest instance of each ordinary container of a sandbox, by name. */
export function mainContainers(pod: PodView | undefined): readonly ContainerView[] {
  return newestOf(pod, "container");
}

/** The newest instance of each init container of a sandbox. */
export function initContainers(pod: PodView | undefined): readonly ContainerView[] {
  return newestOf(pod, "init");
}

function newestOf(pod: PodView | undefined, type: ContainerView["type"]): readonly ContainerView[] {
  const newest = new Map<string, ContainerView>();
  for (const container of pod?.containers ?? []) {
    if (container.type !== type) continue;
    const other = newest.get(container.name);
    if (other === undefined || container.attempt >= other.attempt) {
      newest.set(container.name, container);
    }
  }
  return [...newest.values()];
}

/** True if the sandbox stands and one of its containers runs. */
export function isRunning(pod: PodView): boolean {
  return pod.state === "SANDBOX_READY" &&
    pod.containers.some(({ state }) => state === "CONTAINER_RUNNING");
}

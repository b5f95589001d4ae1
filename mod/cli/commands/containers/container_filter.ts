import type { NodePods } from "../../../api/contract/mod.ts";
import { type LabelSelector, selectsLabels } from "../../../core/mod.ts";

type PodView = NodePods["pods"][number];
type ContainerView = PodView["containers"][number];

/** Which pods and containers are wanted; a field that is absent lets everything through. */
export interface ContainerFilter {
  /** Superseded sandboxes and earlier attempts too. */
  readonly all?: boolean | undefined;
  /** Parts of `namespace/name`, or of the name, of which one must be there; none lets all through. */
  readonly pods?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  /** `ready`, `notready`, `created`, `running`, `exited` or `unknown`, as CRI ends its names. */
  readonly state?: string | undefined;
  readonly labels?: LabelSelector | undefined;
  /** A part of the image's name. */
  readonly image?: string | undefined;
}

/**
 * The pods that pass the filter, with the containers that do. Without `all` what counts
 * now is shown: the newest sandbox of each pod, the newest attempt of each container, and
 * whatever runs, newest or not. A state is looked for among all of them.
 */
export function filterPods(pods: readonly PodView[], filter: ContainerFilter): readonly PodView[] {
  const current = filter.all === true || filter.state !== undefined ? pods : currentOnly(pods);
  return current
    .filter((pod) => matchesPod(pod, filter))
    .map((pod) => ({
      ...pod,
      containers: pod.containers.filter((container) => matchesContainer(container, filter)),
    }))
    .filter((pod) => pod.containers.length > 0 || !asksForContainers(filter, pod));
}

function currentOnly(pods: readonly PodView[]): readonly PodView[] {
  const newest = new Map<string, PodView>();
  for (const pod of pods) {
    const key = `${pod.namespace}/${pod.name}`;
    const other = newest.get(key);
    if (other === undefined || supersedes(pod, other)) newest.set(key, pod);
  }
  return pods.flatMap((pod) => {
    const isNewest = newest.get(`${pod.namespace}/${pod.name}`) === pod;
    const containers = currentAttempts(pod.containers).filter((container) =>
      isNewest || isAlive(container)
    );
    return isNewest || pod.state === "SANDBOX_READY" || containers.length > 0
      ? [{ ...pod, containers }]
      : [];
  });
}

function isAlive({ state }: ContainerView): boolean {
  return state === "CONTAINER_RUNNING";
}

/** A sandbox that is ready counts before one that is not, then the younger one. */
function supersedes(pod: PodView, other: PodView): boolean {
  const ready = (view: PodView) => view.state === "SANDBOX_READY";
  if (ready(pod) !== ready(other)) return ready(pod);
  return (pod.createdAt ?? "") >= (other.createdAt ?? "");
}

function currentAttempts(containers: readonly ContainerView[]): readonly ContainerView[] {
  const newest = new Map<string, ContainerView>();
  for (const container of containers) {
    const other = newest.get(container.name);
    if (other === undefined || container.attempt >= other.attempt) {
      newest.set(container.name, container);
    }
  }
  return containers.filter((container) =>
    newest.get(container.name) === container || isAlive(container)
  );
}

function matchesPod(pod: PodView, filter: ContainerFilter): boolean {
  if (filter.namespace !== undefined && pod.namespace !== filter.namespace) return false;
  const { pods = [] } = filter;
  const name = `${pod.namespace}/${pod.name}`;
  if (pods.length > 0 && !pods.some((part) => name.includes(part))) return false;
  return selectsLabels(filter.labels ?? [], pod.labels);
}

function matchesContainer(container: ContainerView, filter: ContainerFilter): boolean {
  if (filter.image !== undefined && !container.image.includes(filter.image)) return false;
  return filter.state === undefined || stateWord(container.state) === filter.state;
}

/** A pod without matching containers still shows when the filter is not about containers. */
function asksForContainers(filter: ContainerFilter, pod: PodView): boolean {
  if (filter.image !== undefined) return true;
  return filter.state !== undefined && stateWord(pod.state) !== filter.state;
}

/** The last word of CRI's name of a state, in lower case. */
export function stateWord(state: PodView["state"] | ContainerView["state"]): string {
  return state.slice(state.indexOf("_") + 1).toLowerCase();
}

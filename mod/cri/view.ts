/**
 * Pods and containers as the container runtime has them, in plain values that
 * go over the admin API as they are. Times are RFC 3339 in UTC.
 */
import type { Container, ContainerStatus, Image, PodSandbox } from "./gen/runtime.ts";
import { ContainerState as StateNumber, PodSandboxState } from "./gen/runtime.ts";
import { imageName, indexImages } from "./image_name.ts";
import {
  CONFIG_HASH_ANNOTATION,
  CONFIG_SOURCE_ANNOTATION,
  CONTAINER_HASH_ANNOTATION,
  CONTAINER_NAME_LABEL,
  type ContainerType,
  containerType,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  RESTART_COUNT_ANNOTATION,
  SPEC_HASH_ANNOTATION,
  type StringMap,
} from "./labels.ts";

/** CRI's names; `SANDBOX_UNKNOWN` where containers are left of a sandbox that is not listed. */
export type SandboxState = "SANDBOX_READY" | "SANDBOX_NOTREADY" | "SANDBOX_UNKNOWN";

/** CRI's names. */
export type ContainerState =
  | "CONTAINER_CREATED"
  | "CONTAINER_RUNNING"
  | "CONTAINER_EXITED"
  | "CONTAINER_UNKNOWN";

/** One sandbox with its containers. A pod has several when it was changed or its sandbox died. */
export interface PodView {
  readonly sandboxId: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** How often the kubelet made a sandbox for this UID before. */
  readonly attempt: number;
  readonly state: SandboxState;
  /** Absent if the sandbox is not listed. */
  readonly createdAt?: string;
  /** The image of the sandbox; absent if the runtime does not say. */
  readonly image?: string;
  /** Absent if it does not run. */
  readonly pid?: number;
  /** True for a pod that the kubelet has from a file or a URL. */
  readonly isStatic: boolean;
  /** `file`, `http` or `api`; absent if the kubelet did not make it. */
  readonly source?: string;
  /** podstead's hash of the pod as declared; absent for pods of others. */
  readonly specHash?: string;
  /** The kubelet's hash of a static pod. */
  readonly configHash?: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** Init containers first, in the order in which they ran; then by name and attempt. */
  readonly containers: readonly ContainerView[];
}

/** One container of a sandbox. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly type: ContainerType;
  readonly attempt: number;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly createdAt: string;
  /** The first tag of its image, or its digest, or what the runtime has. */
  readonly image: string;
  readonly imageId: string;
  /** Absent if it does not run. */
  readonly pid?: number;
  /** The kubelet's hash of the container's spec. */
  readonly hash?: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** Present where it was asked for. */
  readonly status?: ContainerStatusView;
}

/** What only a container's status says. */
export interface ContainerStatusView {
  /** Absent before the start. */
  readonly startedAt?: string;
  /** Absent before the end, like `exitCode`. */
  readonly finishedAt?: string;
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, …; empty while it runs. */
  readonly reason: string;
  readonly message: string;
  /** Where the runtime writes its log; empty if it writes none. */
  readonly logPath: string;
}

/** What the runtime answered, for {@linkcode podViews}. */
export interface RuntimeLists {
  readonly sandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
  readonly images: readonly Image[];
  readonly pids: ReadonlyMap<string, number>;
  readonly sandboxImages: ReadonlyMap<string, string>;
  readonly statuses: ReadonlyMap<string, ContainerStatus>;
  /** Whether the views carry labels and annotations; where not, both are empty. */
  readonly labels: boolean;
}

/** Joins the runtime's lists into pods, sorted by namespace, name and age of the sandbox. */
export function podViews(lists: RuntimeLists): PodView[] {
  const images = indexImages(lists.images);
  const bySandbox = Map.groupBy(lists.containers, ({ podSandboxId }) => podSandboxId);
  const pods = lists.sandboxes.map((sandbox) => {
    const containers = bySandbox.get(sandbox.id) ?? [];
    bySandbox.delete(sandbox.id);
    return {
      ...sandboxView(sandbox, lists),
      containers: containerViews(containers, images, lists),
    };
  });
  for (const [sandboxId, containers] of bySandbox) {
    pods.push({
      ...orphanView(sandboxId, containers[0]?.labels ?? {}),
      containers: containerViews(containers, images, lists),
    });
  }
  return pods.sort((left, right) =>
    compare(left.namespace, right.namespace) || compare(left.name, right.name) ||
    compare(left.createdAt ?? "", right.createdAt ?? "") || left.attempt - right.attempt ||
    compare(left.sandboxId, right.sandboxId)
  );
}

/** CRI's int64 nanoseconds since the epoch as RFC 3339; undefined for 0, "not yet". */
export function isoTime(nanoseconds: bigint): string | undefined {
  return nanoseconds === 0n ? undefined : new Date(Number(nanoseconds / 1_000_000n)).toISOString();
}

/** The plain form of a container's status. */
export function containerStatusView(status: ContainerStatus): ContainerStatusView {
  const startedAt = isoTime(status.startedAt);
  const finishedAt = isoTime(status.finishedAt);
  return {
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt, exitCode: status.exitCode }),
    reason: status.reason,
    message: status.message,
    logPath: status.logPath,
  };
}

function sandboxView(sandbox: PodSandbox, lists: RuntimeLists): PodView {
  const { labels, annotations } = sandbox;
  const source = annotations[CONFIG_SOURCE_ANNOTATION];
  const createdAt = isoTime(sandbox.createdAt);
  return {
    sandboxId: sandbox.id,
    namespace: sandbox.metadata?.namespace || labels[POD_NAMESPACE_LABEL] || "",
    name: sandbox.metadata?.name || labels[POD_NAME_LABEL] || "",
    uid: sandbox.metadata?.uid || labels[POD_UID_LABEL] || "",
    attempt: sandbox.metadata?.attempt ?? 0,
    state: sandbox.state === PodSandboxState.SANDBOX_READY ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
    ...(createdAt !== undefined && { createdAt }),
    ...optional("image", lists.sandboxImages.get(sandbox.id)),
    ...optional("pid", lists.pids.get(sandbox.id)),
    isStatic: source === "file" || source === "http",
    ...optional("source", source),
    ...optional("specHash", annotations[SPEC_HASH_ANNOTATION]),
    ...optional("configHash", annotations[CONFIG_HASH_ANNOTATION]),
    ...mapsOf(sandbox, lists),
    containers: [],
  };
}

/** A sandbox that is known by its containers only: removed, or made while we were listing. */
function orphanView(sandboxId: string, labels: StringMap): PodView {
  return {
    sandboxId,
    namespace: labels[POD_NAMESPACE_LABEL] ?? "",
    name: labels[POD_NAME_LABEL] ?? "",
    uid: labels[POD_UID_LABEL] ?? "",
    attempt: 0,
    state: "SANDBOX_UNKNOWN",
    isStatic: false,
    labels: {},
    annotations: {},
    containers: [],
  };
}

function containerViews(
  containers: readonly Container[],
  images: ReturnType<typeof indexImages>,
  lists: RuntimeLists,
): ContainerView[] {
  return containers.map((container): ContainerView => {
    const { labels, annotations } = container;
    const attempt = container.metadata?.attempt ?? 0;
    const status = lists.statuses.get(container.id);
    return {
      id: container.id,
      name: container.metadata?.name || labels[CONTAINER_NAME_LABEL] || "",
      type: containerType(annotations),
      attempt,
      restartCount: count(annotations[RESTART_COUNT_ANNOTATION]) ?? attempt,
      state: stateName(container.state),
      createdAt: isoTime(container.createdAt) ?? new Date(0).toISOString(),
      image: imageName(container, images),
      imageId: container.imageId || container.imageRef,
      ...optional("pid", lists.pids.get(container.id)),
      ...optional("hash", annotations[CONTAINER_HASH_ANNOTATION]),
      ...mapsOf(container, lists),
      ...optional("status", status === undefined ? undefined : containerStatusView(status)),
    };
  }).sort((left, right) =>
    TYPE_ORDER[left.type] - TYPE_ORDER[right.type] ||
    (left.type === "init" ? compare(left.createdAt, right.createdAt) : 0) ||
    compare(left.name, right.name) || left.attempt - right.attempt ||
    compare(left.createdAt, right.createdAt)
  );
}

const TYPE_ORDER: Readonly<Record<ContainerType, number>> = { init: 0, container: 1, ephemeral: 2 };

function stateName(state: StateNumber): ContainerState {
  switch (state) {
    case StateNumber.CONTAINER_CREATED:
      return "CONTAINER_CREATED";
    case StateNumber.CONTAINER_RUNNING:
      return "CONTAINER_RUNNING";
    case StateNumber.CONTAINER_EXITED:
      return "CONTAINER_EXITED";
    default:
      return "CONTAINER_UNKNOWN";
  }
}

function optional<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  // A computed key is more than the compiler follows: the object has this one member.
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]?: V };
}

function mapsOf(
  { labels, annotations }: { readonly labels: StringMap; readonly annotations: StringMap },
  lists: RuntimeLists,
): { readonly labels: StringMap; readonly annotations: StringMap } {
  if (!lists.labels) return { labels: {}, annotations: {} };
  return { labels: sorted(labels), annotations: sorted(annotations) };
}

/** The runtime gives a map in another order each time; the same pod must give the same JSON. */
function sorted(map: StringMap): StringMap {
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => compare(left, right)));
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

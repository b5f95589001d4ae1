import * as v from "valibot";

/** What a container does now. Times are RFC 3339. */
export type KubeletContainerState =
  | { readonly kind: "waiting"; readonly reason: string; readonly message: string }
  | { readonly kind: "running"; readonly startedAt: string | undefined }
  | KubeletTermination;

/** How a container ended. */
export interface KubeletTermination {
  readonly kind: "terminated";
  readonly exitCode: number;
  /** The signal that ended it; 0 for none. */
  readonly signal: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, … */
  readonly reason: string;
  readonly message: string;
  readonly startedAt: string | undefined;
  readonly finishedAt: string | undefined;
}

/** A container as the kubelet reports it. */
export interface KubeletContainer {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  /** Without its `containerd://`; empty before it was created. */
  readonly containerId: string;
  readonly state: KubeletContainerState;
  /** Whether a running one has got past its startup probe; undefined if that was not told. */
  readonly started?: boolean | undefined;
  /** How the instance before this one ended. */
  readonly lastTermination: KubeletTermination | undefined;
}

/** A condition of a pod. */
export interface KubeletCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  /** Since when it has this status. */
  readonly since: string | undefined;
}

/** A pod as the kubelet reports it. */
export interface KubeletPod {
  readonly namespace: string;
  /** With the node's name as its suffix, where the pod is a static one. */
  readonly name: string;
  readonly uid: string;
  /** `http`, `file` or `api`; undefined if the kubelet does not say. */
  readonly source: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`; empty before there is one. */
  readonly phase: string;
  /** Why the pod as a whole failed, such as `Evicted` or `NodeAffinity`; mostly empty. */
  readonly reason: string;
  readonly message: string;
  readonly startTime: string | undefined;
  readonly conditions: readonly KubeletCondition[];
  readonly initContainers: readonly KubeletContainer[];
  readonly containers: readonly KubeletContainer[];
}

/** A pod whose containers the kubelet runs, or is still clearing away. */
export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

const text = v.optional(v.nullish(v.string(), ""), "");
const time = v.nullish(v.string());
const count = v.nullish(v.number(), 0);

const waiting = v.object({ reason: text, message: text });
const running = v.object({ startedAt: time });
const terminated = v.object({
  exitCode: count,
  signal: count,
  reason: text,
  message: text,
  startedAt: time,
  finishedAt: time,
});
const state = v.object({
  waiting: v.nullish(waiting),
  running: v.nullish(running),
  terminated: v.nullish(terminated),
});
const container = v.object({
  name: v.string(),
  ready: v.nullish(v.boolean(), false),
  started: v.nullish(v.boolean()),
  restartCount: count,
  image: text,
  containerID: text,
  state: v.nullish(state, {}),
  lastState: v.nullish(state, {}),
});
const condition = v.object({
  type: v.string(),
  status: v.picklist(["True", "False", "Unknown"]),
  reason: text,
  message: text,
  lastTransitionTime: time,
});
const metadata = v.object({
  name: v.string(),
  namespace: v.nullish(v.string(), "default"),
  uid: text,
  annotations: v.nullish(v.record(v.string(), v.string()), {}),
});
const pod = v.object({
  metadata,
  status: v.nullish(
    v.object({
      phase: text,
      reason: text,
      message: text,
      startTime: time,
      conditions: v.nullish(v.array(condition), []),
      initContainerStatuses: v.nullish(v.array(container), []),
      containerStatuses: v.nullish(v.array(container), []),
    }),
    {},
  ),
});

/** `/pods`: `items` is null when there are none, and the items carry no kind. */
export const podListSchema = v.object({ items: v.nullish(v.array(pod), []) });
/** `/runningpods/`: names and UIDs, no status. */
export const runningPodListSchema = v.object({
  items: v.nullish(v.array(v.object({ metadata })), []),
});

/** One item of `/pods`, checked. */
export type PodItem = v.InferOutput<typeof pod>;

/** Reads one item of `/pods`. */
export function toKubeletPod({ metadata, status }: PodItem): KubeletPod {
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    source: metadata.annotations["kubernetes.io/config.source"],
    annotations: metadata.annotations,
    phase: status.phase,
    reason: status.reason,
    message: status.message,
    startTime: status.startTime ?? undefined,
    conditions: status.conditions.map(({ lastTransitionTime, ...rest }) => ({
      ...rest,
      since: lastTransitionTime ?? undefined,
    })),
    initContainers: status.initContainerStatuses.map(toContainer),
    containers: status.containerStatuses.map(toContainer),
  };
}

function toContainer(one: v.InferOutput<typeof container>): KubeletContainer {
  const { waiting, running, terminated } = one.state;
  const last = one.lastState.terminated;
  return {
    name: one.name,
    ready: one.ready,
    ...(one.started === null || one.started === undefined ? {} : { started: one.started }),
    restartCount: one.restartCount,
    image: one.image,
    containerId: one.containerID.replace(/^[a-z-]+:\/\//, ""),
    state: running
      ? { kind: "running", startedAt: running.startedAt ?? undefined }
      : terminated
      ? toTermination(terminated)
      : { kind: "waiting", reason: waiting?.reason ?? "", message: waiting?.message ?? "" },
    lastTermination: last ? toTermination(last) : undefined,
  };
}

function toTermination(
  { startedAt, finishedAt, ...rest }: v.InferOutput<typeof terminated>,
): KubeletTermination {
  return {
    kind: "terminated",
    ...rest,
    startedAt: startedAt ?? undefined,
    finishedAt: finishedAt ?? undefined,
  };
}

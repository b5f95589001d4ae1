import type { TrialView } from "./change.ts";
import type { ReportedPodIssue } from "./reload.ts";

/** Whether a pod is ready; `Unknown` if no source says so now. */
export type Ready = "True" | "False" | "Unknown";

/** How what runs differs from what should run; docs/troubleshooting.md tells each. */
export type Drift =
  | "Current"
  | "Pending"
  | "Updating"
  | "Stale"
  | "Rejected"
  | "Blocked"
  | "Missing"
  | "Orphaned"
  | "Unknown";

/** The likely cause and what to do about it, each as one sentence for people. */
export interface Explanation {
  /** One of the causes in docs/troubleshooting.md. */
  readonly code: string;
  readonly cause: string;
  /** Empty if nothing has to be done. */
  readonly nextStep: string;
}

/** The end of a container's log. */
export interface LogTail {
  readonly container: string;
  readonly attempt: number;
  readonly lines: readonly string[];
}

/** One pod in an overview. */
export interface PodSummary {
  readonly id: string;
  readonly ready: Ready;
  readonly phase: string;
  readonly reason: string;
  readonly drift: Drift;
  readonly containers: string;
  readonly restarts: number;
  /** Whether it was seen to be as it should: ready in its version, or done with its work. */
  readonly well: boolean;
  /** More exactly: a pod on its way is no alarm, and what no source sees is not well. */
  readonly state: "holds" | "changing" | "broken" | "unknown";
  /** That state in a few words: `Terminating, 14 s of 30 s left`. */
  readonly text: string;
  /** Of a pod that a person has stopped; `text` says who, when and why. */
  readonly stopped?: true;
  /** When the pod that runs was started, in Unix milliseconds; absent if none runs. */
  readonly startedAtMs?: number;
  /** Images of its containers; absent from agents before 0.2. */
  readonly images?: readonly string[];
  /** Its last change since the agent runs. */
  readonly change?: PodChange;
  /** Of a pod that is broken, or of which nothing is known. */
  readonly explanation?: Explanation;
  readonly logTail?: LogTail;
}

/** What broke a link, and what to do about it. */
export interface LinkCause {
  readonly link: string;
  /** One of the causes in docs/troubleshooting.md. */
  readonly code: string;
  /** One sentence for people. */
  readonly cause: string;
  /** Empty if nothing helps but waiting. */
  readonly nextStep: string;
  /** Unix milliseconds; absent if no source can say. */
  readonly sinceMs?: number;
}

/** One link from the config to the pods: `config`, `agent`, `kubelet`, `polls`, `runtime`. */
export interface Link {
  readonly name: string;
  /** `holds` only if it was confirmed within its interval; `unknown` if nothing tells. */
  readonly state: "holds" | "broken" | "unknown";
  /** In a few words. */
  readonly text: string;
  /** When it was last seen to hold, in Unix milliseconds; absent for never. */
  readonly confirmedMs?: number;
  /** Of a broken link. */
  readonly cause?: LinkCause;
}

/** One line of the verdict: a cause, and the pods that have it. */
export interface CauseLine {
  readonly level: "broken" | "unknown" | "changing";
  /** The link that is broken or not confirmed; absent for a cause within pods. */
  readonly link?: string;
  readonly code: string;
  readonly cause: string;
  readonly nextStep: string;
  /** Unix milliseconds; absent if no source can say. */
  readonly sinceMs?: number;
  /** IDs of the pods that this explains; empty if it explains none. */
  readonly pods: readonly string[];
}

/** The verdict on the node: each link, each pod, and every cause once, worst first. */
export interface Overview {
  readonly state: "well" | "changing" | "unconfirmed" | "unwell";
  readonly links: readonly Link[];
  readonly causes: readonly CauseLine[];
  readonly pods: readonly PodSummary[];
  /** The change that is on trial, and how the last trial ended; absent without an agent. */
  readonly trial?: TrialView;
}

/** Everything that is known of one pod. Times are ISO 8601; absent is not known, or not so. */
export interface PodReport {
  /** `default/nginx-node-1` */
  readonly id: string;
  readonly namespace: string;
  /** With the node's name. */
  readonly name: string;
  readonly ready: Ready;
  readonly readySince?: string;
  /** The source that says so. */
  readonly confirmedBy: "kubelet" | "runtime" | "probe" | "none";
  readonly drift: Drift;
  readonly phase: string;
  readonly reason: string;
  readonly restarts: number;
  /** `podstead` for our own, `file` for pods of the kubelet's static pod path, `http` for another URL. */
  readonly origin: "podstead" | "file" | "http";
  /** Absent for a pod that podstead does not know. */
  readonly declared?: Declared;
  readonly delivery: Delivery;
  readonly kubelet: KubeletPart;
  /** Why the runtime cannot be asked; absent if it can. */
  readonly runtimeFailure?: string;
  readonly sandboxes: readonly SandboxPart[];
  readonly containers: readonly ContainerPart[];
  readonly badHostPaths: readonly { readonly path: string; readonly type: string }[];
  readonly logTail?: LogTail;
  /** Oldest first. */
  readonly events: readonly PodEvent[];
  /** The last change of the pod that podstead saw on its way. */
  readonly change?: PodChange;
  readonly explanation: Explanation;
}

/** What the config says of the pod. */
export interface Declared {
  readonly file: string;
  readonly line: number;
  readonly state: string;
  readonly why?: string;
  readonly hash?: string;
  readonly servingRevision?: number;
  readonly errors: readonly ReportedPodIssue[];
  readonly warnings: readonly ReportedPodIssue[];
}

/** The way to the kubelet. */
export interface Delivery {
  readonly url: string;
  /** The version in the list; absent if the list has none. */
  readonly servedHash?: string;
  readonly servedSince?: string;
  /** The kubelet's last good poll. */
  readonly lastFetch?: string;
  readonly intervalMs?: number;
  /** Whether the kubelet has fetched the list since this version is in it. */
  readonly fetched: boolean;
  readonly lastRefused?: { readonly at: string; readonly status: number; readonly path: string };
}

/** What the kubelet says. */
export interface KubeletPart {
  /** Why it cannot be asked; absent if it can. */
  readonly failure?: string;
  /** Whether it has the pod; absent if it cannot be asked. */
  readonly accepted?: boolean;
  readonly uid?: string;
  readonly startTime?: string;
  readonly message?: string;
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}

/** One sandbox, newest first. */
export interface SandboxPart {
  readonly id: string;
  readonly state: "SANDBOX_READY" | "SANDBOX_NOTREADY" | "SANDBOX_UNKNOWN";
  readonly attempt: number;
  readonly created?: string;
  readonly hash?: string;
}

/** One container of the pod, declared or seen. */
export interface ContainerPart {
  readonly name: string;
  readonly type: "init" | "container" | "ephemeral";
  readonly image: string;
  /** Whether the node has the image; absent if the runtime was not asked. */
  readonly imagePresent?: boolean;
  readonly id?: string;
  readonly ready?: boolean;
  /** `absent` if neither kubelet nor runtime has it. */
  readonly state: "waiting" | "running" | "terminated" | "absent";
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
  readonly exitCode?: number;
  readonly restarts: number;
  readonly lastExit?: { readonly code: number; readonly reason: string; readonly at?: string };
  /** In kubectl's notation, by kind. */
  readonly probes: Readonly<Record<string, string>>;
}

/** One step in the life of a pod. */
export interface PodEvent {
  /** ISO 8601: when it happened, which may be before podstead saw it. */
  readonly at: string;
  /** `served`, `started`, `ready`, …; `podstead events` lists them. */
  readonly type: string;
  readonly namespace: string;
  /** As declared: without the node's name. */
  readonly name: string;
  /** One sentence for people. */
  readonly message: string;
  /** The version of the pod that it is about; absent if it is about no single one. */
  readonly hash?: string;
  /** Of a trial: the revision that is tried, and the one that it goes back to. */
  readonly revision?: number;
  readonly backTo?: number;
  /** Of a trial that went back: why. */
  readonly reason?: string;
  /** Of `started`, `restarted` and `ended`: the instance; its ID is cut to twelve digits. */
  readonly container?: { readonly id: string; readonly name: string };
}

/** One change of one pod on its way. Times are ISO 8601; an absent one has not come yet. */
export interface PodChange {
  readonly namespace: string;
  /** As declared. */
  readonly name: string;
  readonly hash: string;
  readonly applied: string;
  readonly served?: string;
  readonly fetched?: string;
  readonly running?: string;
  readonly ready?: string;
  /** How its new version took the place of the old one; absent for a pod that is new. */
  readonly method?: "in-place" | "quick" | "kubelet";
  /** How long no container of it ran, in milliseconds; absent if the old one was not seen to end. */
  readonly downMs?: number;
}

/** A pod that is waited for. */
export interface AwaitedPod {
  readonly namespace: string;
  /** As declared: without the node's name. */
  readonly name: string;
  /** Spec hash of the version that should run; absent for a pod that should be gone. */
  readonly hash?: string;
}

/** Which pods are waited for. */
export interface WaitRequest {
  /** The pods of a change; empty for every pod that the node should run. */
  readonly pods: readonly AwaitedPod[];
  /** How long each must stay ready, in milliseconds. */
  readonly settleMs: number;
  readonly timeoutMs: number;
}

/**
 * How far one awaited pod has come.
 *
 * - `pending`: on its way, and nothing is wrong yet
 * - `settling`: ready in its new version, but not for long enough yet
 * - `settled`: ready in its new version for as long as was asked, or gone as it should be
 * - `failed`: something is wrong; `final` if no amount of waiting changes it
 */
export type PodProgress =
  & {
    /** `default/web-node-1`; `default/web` if no source knows the pod. */
    readonly id: string;
    /** In a few words; empty for a settled pod. */
    readonly reason: string;
  }
  & (
    | { readonly state: "pending" | "settling" | "settled" }
    | { readonly state: "failed"; readonly final: boolean }
  );

/** How far a wait has come; the last one is `done`. */
export interface WaitProgress {
  readonly done: boolean;
  /** At the end: whether every pod is ready and stays so. False before. */
  readonly settled: boolean;
  /** The pods that are not settled, and why. */
  readonly waitingFor: readonly PodProgress[];
  /** At the end: those pods, explained. Empty when all are settled. */
  readonly pods: readonly PodSummary[];
}

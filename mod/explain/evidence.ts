import type { JsonObject } from "../core/mod.ts";
import type { KubeletSettings, ProbeCount } from "../kubelet/mod.ts";
import type { FetchLog, PodStatusRow, ReadingFailure, StatusLimits } from "../status/mod.ts";

/**
 * What is known about one pod that does not run as it should. Only `row`,
 * `nowMs`, `fetches` and `limits` are needed; every further fact makes the
 * explanation more exact.
 */
export interface Evidence {
  readonly nowMs: number;
  readonly row: PodStatusRow;
  readonly fetches: FetchLog;
  readonly limits: StatusLimits;
  /** `http://127.0.0.1:10261/manifests`: what the kubelet should poll. */
  readonly url: string;
  /** Why the kubelet's `/pods` cannot be read now; undefined if it can. */
  readonly kubeletFailure?: ReadingFailure | undefined;
  /** Whether the kubelet's `/healthz` answers; undefined if it was not asked. */
  readonly kubeletAlive?: boolean | undefined;
  /** The kubelet's unit; undefined if there is no systemd, or it was not asked. */
  readonly kubeletService?: ServiceSight | undefined;
  /** What the kubelet said before it ended, where it did not run when it was asked. */
  readonly kubeletLastWords?: string | undefined;
  /** What podstead calls this node. */
  readonly nodeName?: string | undefined;
  /** What the kubelet calls it, where our own pods show that it is another name. */
  readonly kubeletNodeName?: string | undefined;
  /** How many pods the kubelet lists in all; undefined if it cannot be read. */
  readonly kubeletPodCount?: number | undefined;
  /** Its `KubeletConfiguration`, where it can be read. */
  readonly kubeletConfig?: JsonObject | undefined;
  /** What its command line and files say, where it cannot be asked; undefined if they cannot be read. */
  readonly kubeletOnDisk?: KubeletOnDisk | undefined;
  /** How probes were answered so far; undefined if the kubelet was not asked, or does not say. */
  readonly probeCounts?: readonly ProbeCount[] | undefined;
  /** Lines of the kubelet's own log that name the pod, or the URL; oldest first. */
  readonly kubeletLog?: readonly string[] | undefined;
  /** What the kubelet says of an API server that it has not reached since it was started; undefined for nothing. */
  readonly apiServerUnseen?: string | undefined;
  /** Why the container runtime cannot be read now; undefined if it can. */
  readonly runtimeFailure?: ReadingFailure | undefined;
  /** The runtime's unit, where it cannot be read; undefined if it was not asked. */
  readonly runtimeService?: ServiceSight | undefined;
  /** When it was last read; undefined for never. */
  readonly runtimeSeenMs?: number | undefined;
  /** CRI's condition `NetworkReady`; undefined if it was not asked. */
  readonly networkReady?: boolean | undefined;
  /** Images of the pod that the node does not have; undefined if it was not asked. */
  readonly absentImages?: readonly string[] | undefined;
  /** Host paths of the pod that are not what their type wants. */
  readonly badHostPaths?: readonly { readonly path: string; readonly type: string }[] | undefined;
  /** The last log lines of the failing container, oldest first, without CRI's prefix. */
  readonly logTail?: readonly string[] | undefined;
}

/** As much of the kubelet's settings as tells where it polls and where it answers. */
export type KubeletOnDisk = Pick<KubeletSettings, "staticPodURL" | "port" | "healthzPort">;

/** A unit of the node, as systemd has it. */
export interface ServiceSight {
  /** `kubelet` */
  readonly name: string;
  /** `active`, `activating`, `failed`, `inactive`, … */
  readonly state: string;
  /** `running`, `auto-restart`, `dead`, … */
  readonly subState: string;
  /** How often systemd restarted it by itself. */
  readonly restarts: number;
  /** Since when it is in this state, in Unix milliseconds. */
  readonly sinceMs?: number;
  /** How it ended last, in systemd's word: `exit-code`, `oom-kill`, …; absent for `success`. */
  readonly result?: string;
}

/** Every cause that podstead can name. */
export type CauseCode =
  | "none"
  | "rejected"
  | "config-unreadable"
  | "held"
  | "held-for-take-over"
  | "stopped"
  | "waiting-for-others"
  | "replacing"
  | "runtime-down"
  | "token-wrong"
  | "other-url"
  | "kubelet-down"
  | "kubelet-hangs"
  | "kubelet-other-ports"
  | "node-name"
  | "two-versions"
  | "kubelet-not-polling"
  | "not-yet-fetched"
  | "evicted"
  | "admission-refused"
  | "host-port-taken"
  | "same-name-file"
  | "mirror-pod-conflict"
  | "sources-not-ready"
  | "kubelet-refuses-list"
  | "image-pull"
  | "host-path-missing"
  | "no-cni"
  | "sandbox-failed"
  | "bad-command"
  | "out-of-memory"
  | "port-taken"
  | "container-config"
  | "init-container"
  | "crash-loop"
  | "exited"
  | "liveness"
  | "not-ready"
  | "not-started"
  | "orphaned"
  | "on-its-way"
  | "unknown";

/** The likely cause and what to do about it, each as one sentence for people. */
export interface Explanation {
  readonly code: CauseCode;
  readonly cause: string;
  /** Empty if there is nothing to do. */
  readonly nextStep: string;
}

import type { PodView } from "../cri/mod.ts";
import type { KubeletPod } from "../kubelet/mod.ts";
import type { DesiredPod, ProbeAnswer, RemovedPod } from "./input.ts";

/**
 * How what runs differs from what is wanted.
 *
 * - `Current`: the version that is served runs, or a stopped pod is down
 * - `Pending`: nothing runs yet, and the kubelet is still in time
 * - `Updating`: an older version runs, and the kubelet is still in time
 * - `Stale`: an older version runs, and the kubelet is late
 * - `Rejected`: the declared version is refused; an older one may be served and run
 * - `Blocked`: the image of the declared version cannot be pulled; an older one is served
 * - `Missing`: nothing runs, and the kubelet is late
 * - `Orphaned`: it runs though it is declared nowhere
 * - `Unknown`: no source can tell
 */
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

/** Whether a pod is ready; `Unknown` where no source says so now. */
export type Ready = "True" | "False" | "Unknown";

/** One pod in `get staticpodstatus`. Times are milliseconds since the epoch. */
export interface PodStatusRow {
  /** `default/nginx-node-1`, as on the documentation page. */
  readonly id: string;
  readonly namespace: string;
  /** With the node's name. */
  readonly name: string;
  readonly ready: Ready;
  /** Since when; for `Unknown`, when it was last known. Undefined if it is unknown. */
  readonly readySinceMs: number | undefined;
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  readonly phase: string;
  readonly containers: { readonly ready: number; readonly total: number };
  readonly restarts: number;
  /** The one thing that keeps it from running, in a word or a few; empty if nothing does. */
  readonly reason: string;
  /** When the pod that runs was started; undefined if none runs. */
  readonly startedAtMs: number | undefined;
  readonly drift: Drift;
  /** True for an orphan that was declared until recently, and is ending within its time. */
  readonly ending: boolean;
  /** When a source last saw the pod, or saw that it is not there; undefined for never. */
  readonly seenAtMs: number | undefined;
  /** Which source `ready` comes from. */
  readonly confirmedBy: "kubelet" | "runtime" | "probe" | "none";
  /** `podstead` for our own, `file` for pods of the kubelet's static pod path, `http` for another URL. */
  readonly origin: "podstead" | "file" | "http";
  /** What was joined; undefined if a source does not have it, or is not fresh. */
  readonly joined: JoinedPod;
}

/** One pod in every source. */
export interface JoinedPod {
  readonly namespace: string;
  /** With the node's name. */
  readonly name: string;
  readonly desired: DesiredPod | undefined;
  /** Set if it was served until recently and is stopped, or no longer desired. */
  readonly removed?: RemovedPod;
  /** Only from a fresh reading. */
  readonly kubelet: KubeletPod | undefined;
  /** Its sandboxes, newest first; only from a fresh reading. */
  readonly sandboxes: readonly PodView[];
  /** How its probes answered podstead; only where the kubelet cannot be asked. */
  readonly probe?: ProbeAnswer;
  /**
   * The kubelet has a pod of this name from a file of its `staticPodPath` too.
   * It lists both and takes care of one of them, after its next start perhaps of
   * the other; the first one's containers then run on unattended (seen on
   * kubelet 1.36.2). Nothing of that pod is in this row.
   */
  readonly rivalFromFile?: boolean;
}

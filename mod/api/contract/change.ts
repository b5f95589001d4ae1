/** Changes of what a node declares, on the wire. */
import type { JsonObject, JsonValue } from "../../core/mod.ts";
import type { ReloadOutcome } from "./reload.ts";
import type { TrialRequest } from "./trial.ts";

/** Which pod is meant. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** One step of a change; the steps of one change are done all or none. */
export type ChangeOperation =
  | {
    readonly kind: "apply";
    /** `text` is the document as it was written, for a new file. */
    readonly pods: readonly (PodName & { readonly pod: JsonObject; readonly text?: string })[];
    /** ConfigMaps and Secrets; a new one goes into the file of the pod `beside` it. */
    readonly objects?: readonly (PodName & {
      readonly kind: "ConfigMap" | "Secret";
      readonly object: JsonObject;
      readonly text?: string;
      readonly beside?: PodName;
    })[];
  }
  | { readonly kind: "config"; readonly text: string }
  | {
    readonly kind: "write";
    readonly file: string;
    readonly text: string;
    readonly baseSha256?: string;
  }
  | {
    readonly kind: "patch";
    readonly pod: PodName;
    readonly type: "strategic" | "json";
    readonly patch: JsonValue;
  }
  | {
    readonly kind: "set-image";
    readonly pod: PodName;
    readonly container?: string;
    readonly image: string;
  }
  | { readonly kind: "remove"; readonly pod: PodName }
  | {
    readonly kind: "remove-object";
    readonly object: PodName & { readonly kind: "ConfigMap" | "Secret" };
  }
  /** Keeps it declared, and serves it no longer; `message` says why, `for` what holds it. */
  | { readonly kind: "stop"; readonly pod: PodName; readonly for?: "take-over" }
  | { readonly kind: "start"; readonly pod: PodName };

/** A change that is asked for. */
export interface ChangeRequest {
  readonly operations: readonly ChangeOperation[];
  /** Instead of operations: the files as this revision had them. */
  readonly rollbackTo?: number;
  readonly dryRun?: boolean;
  /** Whether pods that the kubelet would refuse are left out, instead of refusing the change. */
  readonly partial?: boolean;
  /** Refuses the change unless this revision is served. */
  readonly ifRevision?: number;
  /** What the history calls it: `apply`, `edit`, … */
  readonly trigger: string;
  readonly message?: string;
  readonly trial?: TrialRequest;
}

/** A file before and after a change; a side is absent if there is no file then. */
export interface ChangedFile {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** What came of a change. */
export interface ChangeOutcome {
  /**
   * - `applied`: written and reloaded; `reload` says what came of it
   * - `planned`: a dry run
   * - `unchanged`: no file differs
   * - `refused`: a pod or a file has an error that was not there before; nothing was written
   */
  readonly result: "applied" | "planned" | "unchanged" | "refused";
  readonly files: readonly ChangedFile[];
  readonly reload: ReloadOutcome;
  readonly trial?: RunningTrial;
}

/** What a pod's restart comes to. */
export interface PodRestart extends PodName {
  /** Spec hash of its version, which stays. */
  readonly hash: string;
  /** In two steps, or in the kubelet's own time. */
  readonly method: "in-place" | "quick" | "kubelet";
  /** Why it is not in two steps. */
  readonly why?: string;
}

/** A trial that is watched. */
export interface RunningTrial {
  readonly revision: number;
  /** The revision that it goes back to. */
  readonly backTo: number;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly timeoutMs: number;
  readonly settleMs: number;
  readonly confirm: "auto" | "manual";
  /** What the history calls the change. */
  readonly trigger?: string;
  /** Why it goes back, once that is decided. */
  readonly goingBack?: string;
}

/** How a trial ended. */
export interface TrialEnd {
  readonly revision: number;
  readonly backTo: number;
  /** `failed`: it could not be taken back; `cause` says why. */
  readonly result: "kept" | "reverted" | "failed";
  readonly cause?: string;
  /** ISO 8601 */
  readonly at: string;
  /** What the history calls the change. */
  readonly trigger?: string;
}

/** What is known of trials. */
export interface TrialView {
  readonly running?: RunningTrial;
  readonly last?: TrialEnd;
}

/** One revision of the history. */
export interface RevisionView {
  readonly number: number;
  /** Whether it is the one that is served. */
  readonly current: boolean;
  /** ISO 8601 */
  readonly at: string;
  readonly trigger: string;
  readonly callerUid?: number;
  readonly message?: string;
  /** Result of its reload; `damaged` where it cannot be read. */
  readonly result: string;
  /** Why nothing more of it is known; absent for one that can be read. */
  readonly damage?: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly pods: readonly {
    /** `namespace/name` */
    readonly key: string;
    readonly hash: string;
    readonly change: "added" | "changed" | "removed" | "unchanged";
  }[];
  /** The ConfigMaps and Secrets that it changed; absent if there are none. */
  readonly objects?: readonly {
    /** `ConfigMap namespace/name` */
    readonly key: string;
    readonly change: "added" | "changed" | "removed";
  }[];
}

/** One revision by its number; without one, the files as they are on disk now. */
export interface RevisionQuery {
  readonly number?: number;
}

/** Two revisions; 0 stands for a node without pods. */
export interface CompareQuery {
  readonly from: number;
  readonly to: number;
}

/** The texts of a revision's files. */
export interface RevisionFiles {
  readonly files: readonly {
    readonly path: string;
    readonly text: string;
    /** SHA-256 of the text, in hex. */
    readonly sha256: string;
  }[];
  /** The pods that they declare, each with its file. */
  readonly pods: readonly (PodName & { readonly file: string; readonly pod: JsonObject })[];
}

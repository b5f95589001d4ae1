/**
 * What commands that do something print with `-o json`, and answers on other things. The rules
 * of `kinds.ts` hold: members are added, never taken out or changed.
 */
import type {
  ChangeOutcome,
  FleetView,
  PodName,
  PodRestart,
  PullProgress,
  ReloadOutcome,
  RunningTrial,
  TrialEnd,
  WaitProgress,
} from "../../api/contract/mod.ts";
import type { JsonObject, JsonValue, Problem } from "../../core/mod.ts";

/** `podstead apply|add|edit|patch|set|remove|stop|start|rollback -o json`. */
export interface ChangeDocument {
  /** Whether anything was written, or would be. */
  readonly changed: boolean;
  readonly result: ChangeOutcome["result"];
  /** The newest revision after it. */
  readonly revision: number;
  /** Paths of the files that it writes. */
  readonly files: readonly string[];
  readonly pods: ReloadOutcome["pods"];
  readonly problems: ReloadOutcome["problems"];
  /** The trial that it began. */
  readonly trial?: RunningTrial;
  /** How that trial ended, if it was waited for. */
  readonly trialEnd?: TrialEnd;
  /** After `--wait`: what is not ready yet. */
  readonly notReady?: WaitProgress["waitingFor"];
}

/** `podstead diff -o json`. */
export interface DiffDocument {
  /** Whether a file differs. */
  readonly changed: boolean;
  /** The files that differ. */
  readonly files: readonly {
    readonly path: string;
    /** As `diff -u` has it; values of Secrets are hidden unless they were asked for. */
    readonly diff: string;
  }[];
  /** What that does to each pod; absent if no file differs. */
  readonly pods?: ReloadOutcome["pods"];
  readonly problems?: ReloadOutcome["problems"];
}

/** `podstead confirm|cancel -o json`. */
export interface TrialEndDocument extends TrialEnd {
  /** Whether pods went back. */
  readonly changed: boolean;
}

/** `podstead restart -o json`: of a pod, or of one container. */
export interface RestartDocument {
  readonly changed: boolean;
  /** Like the next ones: only of a whole pod that was restarted. */
  readonly namespace?: string;
  readonly name?: string;
  /** Spec hash of its version, which stays. */
  readonly hash?: string;
  /** In two steps, or in the kubelet's own time. */
  readonly method?: PodRestart["method"];
  /** Why it is not in two steps. */
  readonly why?: string;
  /** The container that was stopped, if one was named. */
  readonly container?: string;
  /** The name of that container's next attempt. */
  readonly next?: string;
  /** After `--wait`: what is not ready yet. */
  readonly notReady?: WaitProgress["waitingFor"];
  readonly metadata?: PodIdentity;
}

/** Which pod is meant. */
export interface PodIdentity extends PodName {
  /** `namespace/name` */
  readonly id: string;
}

/** One line of `podstead pull -o json`. */
export interface PullDocument {
  readonly step: "progress" | "done";
  /** Absent at the end. */
  readonly progress?: PullProgress;
  /** What the runtime calls the image; only at the end. */
  readonly image?: string;
  /** Whether the node did not have it before; only at the end. */
  readonly changed?: boolean;
}

/** `podstead inspect -o json`: what the runtime says, in its own words. */
export interface InspectionDocument {
  readonly status: JsonValue;
  readonly info: JsonObject;
  readonly metadata?: PodIdentity;
}

/** `podstead install -o json`. */
export interface InstallDocument {
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** Paths that are written or removed. */
  readonly files: readonly string[];
  readonly groups: readonly string[];
  /** Command lines that are run. */
  readonly commands: readonly string[];
  /** What is left to do by hand. */
  readonly notes: readonly string[];
}

/** `podstead pki init -o json`, `podstead pki renew -o json`. */
export interface PkiDocument {
  readonly changed: boolean;
  readonly files: readonly {
    readonly path: string;
    /** When the certificate in it ends, as ISO 8601; absent for a file without one. */
    readonly expires?: string;
  }[];
  /** Where the files that were replaced are kept; absent if none was. */
  readonly keptDirectory?: string;
}

/** `podstead import -o json`. */
export interface ImportDocument {
  /** Whether the config was written. */
  readonly changed: boolean;
  /** Where the config is, or would be. */
  readonly path: string;
  /** The config that serves the same pods, as YAML. */
  readonly config: string;
  readonly pods: readonly {
    /** `namespace/name` */
    readonly key: string;
    readonly file: string;
    readonly as: "settings" | "pod";
    /** Why a control plane component became a plain pod. */
    readonly reason?: string;
    /** In how many fields the served pod differs. */
    readonly differences: number;
  }[];
  /** What keeps files from being taken over. */
  readonly problems: readonly Problem[];
}

/** `podstead version -o json`. */
export interface VersionDocument {
  readonly version: string;
  /** Short commit hash. */
  readonly commit: string;
  readonly runtime: string;
  readonly platform: string;
  /** The kubelet by which pods are judged. */
  readonly kubelet: {
    /** Null if none is known. */
    readonly version: string | null;
    readonly featureGates: Readonly<Record<string, boolean>>;
    readonly featureGatesFrom: string;
  };
}

/** One finding of `podstead validate`. */
export interface ValidatedIssue {
  /** The kubelet's notation; empty for a whole file or pod. */
  readonly field: string;
  readonly type: string;
  readonly detail: string;
  readonly hint?: string;
  readonly rule?: string;
  readonly subjects?: readonly string[];
  readonly line: number;
  readonly column: number;
}

/** One pod of `podstead validate`, or a file that could not be read as pods. */
export interface ValidatedPod {
  /** The file as it was named; `-` for standard input. */
  readonly source: string;
  readonly document: number;
  readonly index: number;
  readonly line: number;
  readonly column: number;
  /** `<namespace>-<name>`; null if the pod has no name, or the file no pod. */
  readonly id: string | null;
  /** Absent if `id` is null. */
  readonly metadata?: PodIdentity;
  readonly valid: boolean;
  readonly errors: readonly ValidatedIssue[];
  readonly warnings: readonly ValidatedIssue[];
}

/** `podstead validate -o json`. */
export interface ValidationDocument {
  /** Whether every pod is valid; true for none. */
  readonly valid: boolean;
  readonly pods: readonly ValidatedPod[];
}

/** A node of `podstead nodes list -o json`. */
export interface NamedNodeDocument {
  readonly context: string;
  readonly inUse: boolean;
  readonly name: string;
  readonly ssh: string;
  /** Admin socket of its agent, if it is not the usual one. */
  readonly socket?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What `podstead nodes list -o json` has besides the nodes. */
export interface NodeListExtra {
  /** The one in use. */
  readonly context: string;
}

/** A node of `podstead nodes check -o json`. */
export interface CheckedNodeDocument {
  readonly node: string;
  readonly state: "ok" | "failed";
  readonly version?: string;
  readonly access?: string;
  readonly connectMs?: number;
  readonly message?: string;
}

/** A node of `podstead rollout apply --dry-run -o json`. */
export interface PlannedNodeDocument {
  readonly node: string;
  readonly state: string;
  readonly files?: readonly string[];
  /** The pods that are restarted. */
  readonly restarts?: readonly string[];
  readonly pods?: ReloadOutcome["pods"];
  readonly message?: string;
}

/** `podstead rollout status -o json`, and each item of `podstead rollout history -o json`. */
export interface RolloutDocument {
  readonly id: string;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly state: string;
  /** Whether a process drives it. */
  readonly driven: boolean;
  readonly reason?: string;
  readonly message?: string;
  readonly batch: number;
  readonly batches: number;
  /** How many nodes are in each state. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rules: JsonObject;
  readonly items: readonly RolloutNode[];
}

/** Where a node stands in a roll-out. */
export interface RolloutNode {
  readonly node: string;
  readonly state: string;
  /** ISO 8601; absent for one whose turn has not come. */
  readonly since?: string;
  readonly message?: string;
  readonly revision?: number;
}

/** A certificate of `podstead pki check -o json`. */
export interface CertificateDocument {
  readonly path: string;
  readonly subject: string;
  /** ISO 8601 */
  readonly notBefore: string;
  /** ISO 8601 */
  readonly notAfter: string;
}

/** What `podstead pki check -o json` has besides the certificates. */
export interface CertificateListExtra {
  /** What is wrong with them. */
  readonly findings: readonly CertificateFinding[];
}

/** What is wrong with a file of the PKI. */
export interface CertificateFinding {
  /** `held` keeps the control plane back; a `warning` does not. */
  readonly severity: "held" | "warning";
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/** A node of `podstead fleet members -o json`. */
export interface MemberDocument {
  readonly name: string;
  /** Absent for a node that has left. */
  readonly member?: JsonObject;
  /** Absent for a node that has not been seen for a minute. */
  readonly alive?: JsonObject;
  /** Its own words on the current roll-out. */
  readonly report?: JsonObject;
  /** Its state in the current roll-out. */
  readonly rollout?: string;
}

/** `podstead fleet status -o json`. */
export interface FleetStatusDocument {
  /** Null if no agent answers. */
  readonly node: FleetView | null;
  /** Null if etcd does not answer. */
  readonly fleet: JsonObject | null;
}

/** `podstead fleet rollout status -o json`, and each item of its history. */
export interface FleetRolloutDocument {
  /** Absent, like the rest, if there was no roll-out yet. */
  readonly spec?: JsonObject;
  readonly state?: string;
  readonly reason?: string | null;
  /** The state of each node. */
  readonly states?: Readonly<Record<string, string>>;
  /** How many nodes are in each state. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** `podstead fleet rollout apply -o json`. */
export interface FleetRolloutEndDocument {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
}

/** One line of `podstead logs -o json`: of a container, or of a unit's journal. */
export interface LogLineDocument {
  /** ISO 8601 with nanoseconds; null if it could not be read. */
  readonly time: string | null;
  /** `stdout` or `stderr`; null if it could not be read. */
  readonly stream?: string | null;
  /** `namespace/name` */
  readonly pod?: string;
  readonly container?: string;
  /** The restart count. */
  readonly attempt?: number;
  /** Of a journal. */
  readonly unit?: string;
  readonly identifier?: string | null;
  readonly pid?: number | null;
  /** As syslog has them: 0 to 7. */
  readonly priority?: number | null;
  readonly message: string;
}

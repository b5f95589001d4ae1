/** What the checks look at: gathered once, plain data, so that each check is a table row. */
import type { JsonObject } from "../core/mod.ts";
import type { Settings } from "../config/mod.ts";
import type { JudgedBy, KubeletFound } from "../kubelet/mod.ts";
import type { PortHolder } from "../os/mod.ts";
import type { PkiReport } from "../pki/mod.ts";
import type { FetchLog } from "../status/mod.ts";

/** Something that was asked, or why it could not be. */
export type Asked<T> =
  | { readonly value: T }
  | {
    readonly failure: {
      readonly message: string;
      readonly hint?: string | undefined;
      /** A kubelet's `KubeletProblem`, or an error code. */
      readonly problem?: string | undefined;
    };
  };

/** What only a running agent can tell. */
export interface AgentFacts {
  readonly pid: number;
  readonly version: string;
  readonly configPath: string;
  readonly nodeName: string;
  readonly manifestUrl: string;
  readonly fetches: FetchLog;
  /** Every pod, with its likely cause where it is not as it should be. */
  readonly pods: readonly {
    readonly id: string;
    readonly state: "holds" | "changing" | "broken" | "unknown";
    readonly explanation?: { readonly cause: string; readonly nextStep: string };
  }[];
}

/** A file or directory as it lies there. */
export interface FileFacts {
  readonly path: string;
  /** What it is, as text: `manifest token`. */
  readonly purpose: string;
  /** Permission bits; undefined if it is not there. */
  readonly mode: number | undefined;
}

/** How full a file system is. */
export interface DiskFacts {
  readonly path: string;
  /** What is kept there, as text. */
  readonly purpose: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Everything that is known about a node. */
export interface DoctorFacts {
  readonly nowMs: number;
  /** Whether root looks: others may not see what is there. */
  readonly root: boolean;
  readonly version: string;
  readonly config: {
    readonly path: string;
    readonly usable: boolean;
    /** `file:line:column: message`, worst first. */
    readonly errors: readonly string[];
    readonly pods: number;
    /** Pods that do not use the node's network. */
    readonly podsWithNetwork: readonly string[];
    /** Pods whose images are pulled with Secrets of their own. */
    readonly podsWithPullSecrets: readonly string[];
    /** `namespace/name` of each. */
    readonly podKeys: readonly string[];
  };
  readonly settings: Settings;
  readonly socket: string;
  readonly agent: Asked<AgentFacts>;
  /** HTTP statuses of the endpoint. */
  readonly endpoint: {
    readonly withToken: Asked<number>;
    readonly withoutToken: Asked<number>;
    /** Undefined if no token is wanted. */
    readonly token: Asked<string> | undefined;
    /** Who listens on its port; undefined if no process does, or it cannot be known. */
    readonly holder: PortHolder | undefined;
  };
  readonly kubelet: {
    readonly healthz: Asked<true>;
    /** What it has. */
    readonly pods: Asked<{
      readonly count: number;
      /** Full names of the pods that it has from us. */
      readonly ours: readonly string[];
    }>;
    readonly configz: Asked<JsonObject>;
    /** Where its local pods API answers, which no certificate is needed for; absent without one. */
    readonly podsSocket?: string;
    /** How its certificate is judged. */
    readonly verification: string;
    /** By the node's files. */
    readonly found: KubeletFound;
    /** `1.36.2`, from its executable. */
    readonly version: string | undefined;
    /** By what its pods are judged. */
    readonly judgedBy: JudgedBy;
  };
  /** Pods in the kubelet's `staticPodPath`. */
  readonly otherStaticPods: readonly { readonly file: string; readonly key: string }[];
  readonly runtime: Asked<RuntimeFacts>;
  readonly disks: readonly DiskFacts[];
  readonly secrets: readonly FileFacts[];
  /** Whether the clock is kept by another; undefined if nothing says so. */
  readonly clockSynchronized: boolean | undefined;
  /** Certificates of a control plane; undefined on a node without one. */
  readonly certificates: PkiReport | undefined;
  /** Undefined on a node without systemd. */
  readonly systemd: {
    readonly installed: boolean;
    readonly enabled: boolean;
    /** Units that start after ours. */
    readonly before: readonly string[];
  } | undefined;
}

/** What the container runtime says of itself. */
export interface RuntimeFacts {
  /** `containerd 1.7.2`. */
  readonly name: string;
  readonly ready: boolean;
  readonly networkReady: boolean;
  /** What it says of a condition that is not met. */
  readonly message: string;
  readonly cgroupDriver: "systemd" | "cgroupfs" | undefined;
  /** The image of sandboxes, and whether the node has it. */
  readonly sandboxImage: { readonly name: string; readonly present: boolean } | undefined;
}

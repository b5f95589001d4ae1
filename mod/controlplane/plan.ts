/** What rendering gives: pods, the files they need, and what must be there before. */
import type { JsonObject, Path, Problem, Severity } from "../core/mod.ts";

/** The components that podstead renders, in the order in which they are listed. */
export const COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
] as const;

/** One component of a control plane; also the ID of its pod, without a namespace. */
export type Component = (typeof COMPONENTS)[number];

/** Mode and owner of something podstead writes; numeric, as on disk. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A directory that must be there, with its mode and owner, before the pod is served. */
export interface ControlPlaneDirectory extends Ownership {
  readonly path: string;
  /** Mode and owner are only for making it: an existing one belongs to others and stays. */
  readonly keepExisting?: true;
}

/** A file that podstead writes before the pod is served. */
export type ControlPlaneFile =
  & Ownership
  & { readonly path: string }
  & (
    /** The text itself. */
    | { readonly content: string }
    /** A copy of another file, kept up to date. */
    | { readonly copyOf: string }
  );

/** Something that must be on the node, and be good, before the pod is served. */
export type Requirement =
  | {
    readonly kind: "certificate";
    readonly path: string;
    /** Its private key, where the component needs that too. */
    readonly keyPath?: string;
    /** The CA that must have issued it. */
    readonly caPath?: string;
    /** Names and addresses a serving certificate should have; what is missing is a warning. */
    readonly names?: readonly string[];
  }
  /** A private key without a certificate, and its public half where that is a file too. */
  | { readonly kind: "key"; readonly path: string; readonly publicKeyPath?: string }
  | {
    readonly kind: "kubeconfig";
    readonly path: string;
    readonly caPath: string;
    /** A client certificate in a file of its own is looked at too, as a kubelet's that it rotates. */
    readonly followsFiles?: true;
  }
  | { readonly kind: "path"; readonly path: string; readonly type: "any" | "file" | "directory" };

/** Everything about one component. */
export interface ComponentPlan {
  readonly component: Component;
  /** The ID shown by `get staticpods`. */
  readonly id: Component;
  /** The pod, complete but for the hash of the secrets, which `prepareComponent` adds. */
  readonly pod: JsonObject;
  /**
   * The pods that earlier versions of podstead would render of the same
   * settings, if they differ: one that is served stays as it is.
   */
  readonly earlierPods: readonly JsonObject[];
  readonly directories: readonly ControlPlaneDirectory[];
  readonly files: readonly ControlPlaneFile[];
  readonly requires: readonly Requirement[];
  /**
   * Source files that the component reads only when it starts: a change of
   * one must restart it. The others it reads again by itself.
   */
  readonly readAtStart: readonly string[];
}

/** A problem of the config, by the setting it is about. */
export interface RenderProblem {
  readonly severity: Severity;
  /** A stable name of the rule, such as `argument-denied`. */
  readonly code: string;
  /** The component it is about; absent if it is about all. */
  readonly component?: Component;
  /** The document of the node config: the first one, or the Talos document of that kind. */
  readonly document:
    | "node"
    | "KubeAPIServerConfig"
    | "KubeControllerManagerConfig"
    | "KubeSchedulerConfig";
  /** From the root of that document. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly wanted?: string;
  readonly hint?: string;
}

/**
 * Where the key at a path of a document stands; for a path that does not exist
 * the nearest ancestor's. Undefined for a document that the config does not have.
 */
export type PlaceOf = (
  document: RenderProblem["document"],
  path: Path,
) => Pick<Problem, "file" | "position" | "sourceLine"> | undefined;

/** A rendered control plane. A component with an error among its problems is not in `pods`. */
export interface ControlPlanePlan {
  readonly pods: readonly ComponentPlan[];
  /**
   * Components that are wanted but could not be rendered, because of an error
   * among the problems. A version of them that is served must stay.
   */
  readonly failed: readonly Component[];
  readonly problems: readonly RenderProblem[];
  /** How to ask etcd whether it is there; never a condition for serving a pod. */
  readonly etcd: EtcdAccess;
}

/** Where etcd is and with what the API server shows itself there. */
export interface EtcdAccess {
  readonly endpoints: readonly string[];
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

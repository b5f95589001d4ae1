/**
 * What `-o json` prints, by its kind. The JSON Schemas in docs/schema are made of these types
 * (`deno task docs`); within `podstead.dev/v1` members are added, never taken out or changed.
 */
import type {
  CauseLine,
  ContainerUsage,
  ImageView,
  Link,
  NamespacedContainer,
  PodEvent,
  PodReport,
  PodSummary,
  PodView,
  ReloadOutcome,
  RevisionView,
  TrialView,
} from "../../api/contract/mod.ts";
import type { JsonObject } from "../../core/mod.ts";
import type { Finding } from "../../doctor/mod.ts";
import type { ServiceView } from "../../services/mod.ts";

/** The version of everything that podstead prints as data. */
export const API_VERSION = "podstead.dev/v1";

/** Which pod something is about. */
export interface PodMetadata {
  /** With the node's name, as the kubelet and the runtime have it; of an event as declared. */
  readonly name: string;
  readonly namespace: string;
  /** `namespace/name` */
  readonly id: string;
}

/** A pod of the verdict. */
export interface PodSummaryItem extends PodSummary {
  readonly metadata: PodMetadata;
}

/** The verdict: `podstead -o json`, `podstead health -o json`. */
export interface OverviewDocument {
  readonly state: "well" | "changing" | "unconfirmed" | "unwell";
  readonly links: readonly Link[];
  /** Every cause once, worst first. */
  readonly causes: readonly CauseLine[];
  readonly pods: readonly PodSummaryItem[];
  readonly trial?: TrialView;
}

/** Everything about one pod: `podstead describe POD -o json`. */
export interface PodReportDocument extends PodReport {
  readonly metadata: PodMetadata;
}

/** One line of `podstead events -o json`. */
export interface PodEventDocument extends PodEvent {
  /** Absent for what happened to the node. */
  readonly metadata?: PodMetadata;
}

/** `podstead doctor -o json`. */
export interface DoctorDocument {
  /** Whether nothing has failed. */
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

/** `podstead reload -o json`. */
export interface ReloadDocument extends ReloadOutcome {
  /** Whether anything that is served became other than it was. */
  readonly changed: boolean;
}

/** What `podstead get` says of every resource of the documentation page. */
export interface ResourceMetadata {
  /** Always `k8s`, as on that page. */
  readonly namespace: string;
  readonly type: string;
  readonly id: string;
  /** Of a pod: its name as declared. */
  readonly name?: string;
  /** Of a pod: its own namespace. */
  readonly podNamespace?: string;
  /** From 1, +1 per changed spec; survives restarts. */
  readonly version: number;
  /** ISO 8601 */
  readonly created: string;
  /** ISO 8601 */
  readonly updated: string;
}

/** `podstead get staticpods|staticpodstatus|… -o json`. */
export interface ResourceDocument {
  /** The node's address. */
  readonly node: string;
  readonly metadata: ResourceMetadata;
  readonly spec: JsonObject;
  readonly status?: JsonObject;
}

/** Which pod a status is of. */
export interface PodStatusMetadata {
  /** As declared: without the node's name. */
  readonly name: string;
  readonly namespace: string;
  /** `namespace/name-node` */
  readonly id: string;
  readonly labels: JsonObject;
  /** ISO 8601 */
  readonly created: string;
}

/** How a pod is. */
export interface PodStatusState {
  readonly ready: "True" | "False" | "Unknown";
  readonly phase: string;
  /** Ready ones of all: `1/2`. */
  readonly containers: string;
  readonly restarts: number;
  /** What stands in its way in a word; empty if nothing does. */
  readonly reason: string;
  readonly drift: string;
  readonly origin: "podstead" | "file" | "http";
  readonly images: readonly string[];
  /** Unix milliseconds, like those below. */
  readonly startedAtMs?: number;
  readonly readySinceMs?: number;
  readonly seenAtMs?: number;
  readonly confirmedBy?: string;
}

/** `podstead get pods -o json`. */
export interface PodStatusDocument {
  /** The node's address. */
  readonly node: string;
  readonly metadata: PodStatusMetadata;
  readonly status: PodStatusState;
}

/** A pod of the container runtime: `podstead containers -k -o json`. */
export interface ContainerPodDocument extends PodView {
  readonly node: string;
  readonly metadata: PodMetadata;
}

/** A container that is not Kubernetes': `podstead containers -o json`. */
export interface ContainerDocument extends NamespacedContainer {
  readonly node: string;
}

/** `podstead images -o json`. */
export interface ImageDocument extends ImageView {
  readonly node: string;
}

/** `podstead stats -o json`. */
export interface ContainerUsageDocument extends ContainerUsage {
  readonly node: string;
}

/** Documents of one thing, by kind. */
export interface Kinds {
  readonly Overview: OverviewDocument;
  readonly PodReport: PodReportDocument;
  readonly PodEvent: PodEventDocument;
  readonly DoctorReport: DoctorDocument;
  readonly ReloadReport: ReloadDocument;
  readonly StaticPod: ResourceDocument;
  readonly StaticPodStatus: ResourceDocument;
  readonly StaticPodServerStatus: ResourceDocument;
  readonly ConfigStatus: ResourceDocument;
  readonly ConfigMap: ResourceDocument;
  readonly Secret: ResourceDocument;
  readonly PodStatus: PodStatusDocument;
}

/** What is in a list, by the kind of the list. */
export interface ListKinds {
  readonly StaticPodList: ResourceDocument;
  readonly StaticPodStatusList: ResourceDocument;
  readonly StaticPodServerStatusList: ResourceDocument;
  readonly ConfigStatusList: ResourceDocument;
  readonly ConfigMapList: ResourceDocument;
  readonly SecretList: ResourceDocument;
  readonly PodStatusList: PodStatusDocument;
  readonly ContainerPodList: ContainerPodDocument;
  readonly ContainerList: ContainerDocument;
  readonly ImageList: ImageDocument;
  readonly ServiceList: ServiceView;
  readonly ContainerUsageList: ContainerUsageDocument;
  readonly RevisionList: RevisionView;
}

/** A document with what says what it is. */
export function documentOf<Kind extends keyof Kinds>(
  kind: Kind,
  body: Kinds[Kind],
): { readonly apiVersion: typeof API_VERSION; readonly kind: Kind } & Kinds[Kind] {
  return { apiVersion: API_VERSION, kind, ...body };
}

/** Which pod is meant, of its namespace and name. */
export function podMetadata(
  { namespace, name }: { readonly namespace: string; readonly name: string },
): PodMetadata {
  return { name, namespace, id: `${namespace}/${name}` };
}

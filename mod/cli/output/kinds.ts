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
  TrialEnd,
  TrialView,
  WaitProgress,
} from "../../api/contract/mod.ts";
import type {
  CertificateDocument,
  CertificateListExtra,
  ChangeDocument,
  CheckedNodeDocument,
  DiffDocument,
  FleetRolloutDocument,
  FleetRolloutEndDocument,
  FleetStatusDocument,
  ImportDocument,
  InspectionDocument,
  InstallDocument,
  LogLineDocument,
  MemberDocument,
  NamedNodeDocument,
  NodeListExtra,
  PkiDocument,
  PlannedNodeDocument,
  PullDocument,
  RestartDocument,
  RolloutDocument,
  TrialEndDocument,
  ValidationDocument,
  VersionDocument,
} from "./report_kinds.ts";
import type { JsonObject } from "../../core/mod.ts";
import type { Finding } from "../../doctor/mod.ts";
import type { FieldExplanation } from "../../pods/mod.ts";
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
  /** How the trial that it began ended, if it was waited for. */
  readonly trialEnd?: TrialEnd;
  /** After `--wait`: what is not ready yet. */
  readonly notReady?: WaitProgress["waitingFor"];
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

/** What `podstead get -w` adds to a document. */
export interface WatchedDocument {
  /** Absent without `-w`. */
  readonly event?: "created" | "updated" | "destroyed";
}

/** `podstead get staticpods|staticpodstatus|… -o json`. */
export interface ResourceDocument extends WatchedDocument {
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
  readonly labels: Readonly<Record<string, unknown>>;
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
  /** What keeps it from running, in a word; empty if nothing does. */
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
export interface PodStatusDocument extends WatchedDocument {
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
  readonly ChangeReport: ChangeDocument;
  readonly Diff: DiffDocument;
  readonly TrialEnd: TrialEndDocument;
  readonly RestartReport: RestartDocument;
  readonly PullStep: PullDocument;
  readonly Inspection: InspectionDocument;
  readonly InstallReport: InstallDocument;
  readonly UninstallReport: InstallDocument;
  readonly PkiReport: PkiDocument;
  readonly ImportReport: ImportDocument;
  readonly Version: VersionDocument;
  readonly ValidationReport: ValidationDocument;
  readonly FieldExplanation: FieldExplanation;
  readonly Rollout: RolloutDocument;
  readonly FleetStatus: FleetStatusDocument;
  readonly FleetRollout: FleetRolloutDocument;
  readonly FleetRolloutEnd: FleetRolloutEndDocument;
  readonly LogLine: LogLineDocument;
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
  readonly NodeList: NamedNodeDocument;
  readonly NodeCheckList: CheckedNodeDocument;
  readonly NodePlanList: PlannedNodeDocument;
  readonly RolloutList: RolloutDocument;
  readonly CertificateList: CertificateDocument;
  readonly MemberList: MemberDocument;
  readonly FleetRolloutList: FleetRolloutDocument;
  /** Documents of several kinds: `podstead get sp,sps`. */
  readonly List: AnyDocument;
}

/** What lists have besides their items, by the kind of the list. */
export interface ListExtras {
  readonly NodeList: NodeListExtra;
  readonly CertificateList: CertificateListExtra;
}

/** A document of any kind in a list of several. */
export interface AnyDocument {
  readonly apiVersion: "podstead.dev/v1";
  readonly kind: string;
}

/** Anything that is printed as data: a kind of which there is a schema. */
export interface Document {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: keyof Kinds | keyof ListKinds;
}

/** A document of a kind, with what says what it is. */
export type DocumentOf<Kind extends keyof Kinds> =
  & { readonly apiVersion: typeof API_VERSION; readonly kind: Kind }
  & Kinds[Kind];

/** A document with what says what it is. */
export function documentOf<Kind extends keyof Kinds>(
  kind: Kind,
  body: Kinds[Kind],
): DocumentOf<Kind> {
  return { apiVersion: API_VERSION, kind, ...body };
}

/** A value as it is in JSON: without what is undefined. */
export function asJson<Json extends object = JsonObject>(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json; // what is printed is no more than this
}

/** What a list of a kind has besides its items. */
export type ExtraOf<Kind> = Kind extends keyof ListExtras ? ListExtras[Kind] : object;

/** A list of documents of a kind. */
export type ListOf<Kind extends keyof ListKinds> = {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: Kind;
  readonly items: readonly ListKinds[Kind][];
};

/** A list of documents. */
export function listOf<Kind extends keyof ListKinds>(
  kind: Kind,
  items: readonly ListKinds[Kind][],
  more?: ExtraOf<Kind>,
): ListOf<Kind> {
  return { apiVersion: API_VERSION, kind, ...more, items } as const;
}

/** Which pod is meant, of its namespace and name. */
export function podMetadata(
  { namespace, name }: { readonly namespace: string; readonly name: string },
): PodMetadata {
  return { name, namespace, id: `${namespace}/${name}` };
}

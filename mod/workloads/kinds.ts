/** What podstead can do with each kind of object. */

/** The kinds that are taken, with the `apiVersion` that they have. */
export const TAKEN: Readonly<Record<string, string>> = {
  Pod: "v1",
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  ReplicaSet: "apps/v1",
  ReplicationController: "v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  ConfigMap: "v1",
  Secret: "v1",
  Service: "v1",
  PersistentVolumeClaim: "v1",
  PersistentVolume: "v1",
};

/** Versions that Kubernetes no longer has, with the release that removed them. */
export const REMOVED_VERSIONS: Readonly<Record<string, string>> = {
  "extensions/v1beta1": "1.16",
  "apps/v1beta1": "1.16",
  "apps/v1beta2": "1.16",
  "batch/v1beta1": "1.25",
  "batch/v2alpha1": "1.21",
};

/** Why an object is left out, and what to do instead. */
export interface LeftOut {
  readonly why: string;
  readonly hint?: string;
}

const NO_ACCESS: LeftOut = { why: "there is no API server to grant access to" };
const NO_ROUTE: LeftOut = {
  why: "no controller routes requests on this node",
  hint: "Run a proxy as a pod, with its routes in a ConfigMap; or publish the Service (--publish)",
};
const NO_SCALING: LeftOut = {
  why: "the number of pods is fixed",
  hint: "Numbered pods: --replicas",
};
const ONE_NODE: LeftOut = { why: "it is about the nodes of a cluster" };
const EXTENSION: LeftOut = { why: "it extends an API server, and there is none" };
const RECORD: LeftOut = { why: "an API server makes it by itself" };

/** The kinds of Kubernetes that a node without an API server has no use for. */
export const LEFT_OUT: Readonly<Record<string, LeftOut>> = {
  Namespace: { why: "a namespace is part of a pod's name here; nothing has to be made" },
  ServiceAccount: NO_ACCESS,
  Role: NO_ACCESS,
  RoleBinding: NO_ACCESS,
  ClusterRole: NO_ACCESS,
  ClusterRoleBinding: NO_ACCESS,
  Ingress: NO_ROUTE,
  IngressClass: NO_ROUTE,
  Gateway: NO_ROUTE,
  GatewayClass: NO_ROUTE,
  HTTPRoute: NO_ROUTE,
  GRPCRoute: NO_ROUTE,
  TCPRoute: NO_ROUTE,
  TLSRoute: NO_ROUTE,
  UDPRoute: NO_ROUTE,
  Route: NO_ROUTE,
  HorizontalPodAutoscaler: NO_SCALING,
  VerticalPodAutoscaler: NO_SCALING,
  PodDisruptionBudget: {
    why: "podstead itself replaces one pod after the other; nothing else evicts pods",
  },
  NetworkPolicy: {
    why: "the node's network plugin learns of policies from an API server",
    hint: "Restrict traffic with the node's firewall",
  },
  PriorityClass: { why: "the kubelet evicts static pods last, whatever their priority" },
  RuntimeClass: {
    why: "the kubelet learns of runtime classes from an API server",
    hint: "Make the handler containerd's default_runtime_name",
  },
  StorageClass: { why: "no provisioner makes volumes here; claims become directories" },
  VolumeSnapshot: { why: "no controller makes snapshots here" },
  CSIDriver: ONE_NODE,
  CSINode: ONE_NODE,
  Node: ONE_NODE,
  LimitRange: { why: "defaults and limits are set by an API server", hint: "Set resources" },
  ResourceQuota: { why: "quotas are counted by an API server" },
  Endpoints: { why: "no Service needs them here" },
  EndpointSlice: { why: "no Service needs them here" },
  CustomResourceDefinition: EXTENSION,
  APIService: EXTENSION,
  MutatingWebhookConfiguration: EXTENSION,
  ValidatingWebhookConfiguration: EXTENSION,
  ValidatingAdmissionPolicy: EXTENSION,
  ValidatingAdmissionPolicyBinding: EXTENSION,
  PodSecurityPolicy: EXTENSION,
  PodTemplate: { why: "nothing makes pods of it" },
  ControllerRevision: RECORD,
  Event: RECORD,
  Lease: RECORD,
};

/** Kinds whose objects belong to no namespace. */
export const CLUSTER_KINDS: ReadonlySet<string> = new Set([
  ...["Namespace", "Node", "PersistentVolume", "StorageClass", "PriorityClass", "RuntimeClass"],
  ...["ClusterRole", "ClusterRoleBinding", "IngressClass", "GatewayClass", "CSIDriver", "CSINode"],
  ...["CustomResourceDefinition", "APIService", "PodSecurityPolicy"],
  ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
  ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
]);

/**
 * Of a field of a workload's spec: `taken`, or why it is left out. What is in no table is an
 * error: it may be a typing error of something that matters.
 */
export type FieldUse = "taken" | LeftOut;

const BY_PODSTEAD: LeftOut = {
  why: "podstead replaces one pod after the other, in its own way (agent.replace)",
};
const NO_RECORD: LeftOut = { why: 'the revisions of the whole node are kept: "podstead history"' };
const READY_FOR: LeftOut = { why: "a change waits with --settle until pods stay ready" };

const COMMON = { replicas: "taken", selector: "taken", template: "taken" } as const;
const ONE_POD: LeftOut = { why: "the Job becomes one pod" };

/** The fields of the specs of workloads; kubernetes 1.36, apps/v1 and batch/v1. */
export const WORKLOAD_FIELDS: Readonly<Record<string, Readonly<Record<string, FieldUse>>>> = {
  Deployment: {
    ...COMMON,
    strategy: BY_PODSTEAD,
    minReadySeconds: READY_FOR,
    revisionHistoryLimit: NO_RECORD,
    progressDeadlineSeconds: { why: "a change says itself how long it waits (--wait)" },
    paused: { why: "a changed file takes effect with a reload" },
  },
  StatefulSet: {
    ...COMMON,
    serviceName: "taken",
    volumeClaimTemplates: "taken",
    podManagementPolicy: { why: "pods start at once, or after those in podstead.dev/after" },
    updateStrategy: BY_PODSTEAD,
    revisionHistoryLimit: NO_RECORD,
    minReadySeconds: READY_FOR,
    persistentVolumeClaimRetentionPolicy: { why: "data stays until you delete its directory" },
    ordinals: { why: "numbers begin with 0" },
  },
  DaemonSet: {
    selector: "taken",
    template: "taken",
    updateStrategy: BY_PODSTEAD,
    minReadySeconds: READY_FOR,
    revisionHistoryLimit: NO_RECORD,
  },
  ReplicaSet: { ...COMMON, minReadySeconds: READY_FOR },
  ReplicationController: { ...COMMON, minReadySeconds: READY_FOR },
  Job: {
    template: "taken",
    selector: "taken",
    manualSelector: "taken",
    activeDeadlineSeconds: "taken",
    parallelism: ONE_POD,
    completions: ONE_POD,
    completionMode: ONE_POD,
    backoffLimit: { why: "the kubelet tries again without a limit, as restartPolicy says" },
    backoffLimitPerIndex: ONE_POD,
    maxFailedIndexes: ONE_POD,
    suspend: { why: "a declared pod starts at once" },
    ttlSecondsAfterFinished: { why: 'it stays declared until "podstead remove"' },
    podFailurePolicy: { why: "the kubelet knows restartPolicy alone" },
    successPolicy: ONE_POD,
    podReplacementPolicy: ONE_POD,
    managedBy: ONE_POD,
  },
};

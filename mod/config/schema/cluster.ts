/**
 * The schema of `cluster`, `machine.controlPlane` and the Talos 1.14 control
 * plane documents, with their defaults. Every default of the control plane
 * stands here and nowhere else.
 *
 * Names, shapes and the defaults Talos has: Talos machine config v1alpha1 and
 * its 1.14 documents; paths and the rest: kubeadm.
 */
import * as v from "valibot";
import type { JsonObject } from "../../core/mod.ts";
import type {
  ClusterConfig,
  ControlPlaneDocument,
  MachineControlPlane,
} from "../../controlplane/mod.ts";

const described = <const T extends v.GenericSchema>(schema: T, description: string) =>
  v.pipe(schema, v.description(description));

/** A scalar where text is meant: YAML reads `v: 2` as a number. */
const textLike = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], "Expected a string"),
  v.transform(String),
);

const absolutePath = v.pipe(v.string(), v.regex(/^\//, "Expected an absolute path"));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const cidr = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/, "Expected a CIDR such as 10.96.0.0/12"),
);
const subnets = v.pipe(v.array(cidr), v.maxLength(2, "Expected at most one CIDR per IP family"));
const httpUrl = v.pipe(v.string(), v.regex(/^https?:\/\/[^/\s]+/, "Expected an http(s) URL"));
const kubernetesVersion = v.pipe(
  v.string(),
  v.regex(/^v?1\.\d+\.\d+(?:[-+].*)?$/, "Expected a Kubernetes version such as v1.36.2"),
);

/** A document of another system, handed on as it is. */
const jsonObject = v.pipe(
  v.record(v.string(), v.unknown()),
  // The input came out of YAML or JSON, so whatever is inside is JSON.
  v.transform((value) => value as JsonObject),
);

const extraArgs = v.record(
  v.pipe(v.string(), v.regex(/^[a-z][a-z0-9.-]*$/, "Expected a flag name without dashes before")),
  v.union(
    [textLike, v.pipe(v.array(textLike), v.readonly())],
    "Expected a string or a list of them",
  ),
);
const env = v.record(v.string(), textLike);
const quantities = v.record(v.string(), textLike);
const resources = v.strictObject({
  requests: described(v.optional(quantities), "What the node sets aside, such as cpu: 200m"),
  limits: described(
    v.optional(quantities),
    "What the component may use at most; a memory limit also sets GOMEMLIMIT to 95 % of it",
  ),
});

const extraVolume = v.strictObject({
  hostPath: described(absolutePath, "Path on the node; the pod is held back until it exists"),
  mountPath: described(absolutePath, "Path inside the container"),
  readonly: described(v.optional(v.boolean(), false), "Whether the component may only read it"),
  name: described(
    v.optional(v.string()),
    "Name of the volume; made of mountPath where absent",
  ),
  pathType: described(
    v.optional(
      v.picklist([
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
        "CharDevice",
        "BlockDevice",
      ]),
    ),
    "hostPath type that the kubelet checks; with DirectoryOrCreate or FileOrCreate the path need not exist",
  ),
});

const component = {
  image: described(
    v.optional(v.pipe(v.string(), v.nonEmpty())),
    "Container image; <imageRepository>/<component>:<kubernetesVersion> where absent",
  ),
  extraArgs: described(
    v.optional(extraArgs, {}),
    "Command line flags without dashes, each a string or a list; flags that podstead must set itself are refused",
  ),
  extraVolumes: described(v.optional(v.array(extraVolume), []), "Paths of the node to mount"),
  env: described(v.optional(env, {}), "Environment variables"),
};

const kubeconfigClient = {
  kubeconfig: described(
    v.optional(absolutePath),
    "Finished kubeconfig to use; kubeadm's file in kubeconfigDirectory where absent",
  ),
  clientCertificate: described(
    v.optional(absolutePath),
    "Client certificate around which podstead builds the kubeconfig itself; needs clientKey",
  ),
  clientKey: described(v.optional(absolutePath), "Private key of clientCertificate"),
};

const apiServer = v.strictObject({
  ...component,
  resources: described(
    v.optional(resources, { requests: { cpu: "200m", memory: "512Mi" } }),
    "Requests and limits",
  ),
  certSANs: described(
    v.optional(v.array(v.string()), []),
    "Further names and addresses the serving certificate must have; `pki init` and `pki renew` put them in",
  ),
  admissionControl: described(
    v.optional(
      v.array(v.strictObject({
        name: described(v.string(), "Name of the admission plugin"),
        configuration: described(jsonObject, "Its configuration, as it is"),
      })),
      [],
    ),
    "Configuration of admission plugins",
  ),
  auditPolicy: described(
    v.optional(jsonObject),
    "An audit.k8s.io Policy; turns the audit log on, in /var/log/audit/kube",
  ),
  authorizationConfig: described(
    v.optional(v.array(jsonObject), []),
    "Authorizers (type, name, webhook); Node and RBAC are put first where they are not among them",
  ),
  authenticationConfig: described(
    v.optional(jsonObject),
    "Body of an AuthenticationConfiguration (jwt, anonymous)",
  ),
  startupProbes: described(
    v.optional(v.boolean(), true),
    "Whether a startup probe holds the liveness probe off while the API server starts",
  ),
  disablePodSecurityPolicy: described(
    v.optional(v.boolean()),
    "Accepted from old Talos configs; has no effect",
  ),
});

const controllerManager = v.strictObject({
  ...component,
  ...kubeconfigClient,
  resources: described(
    v.optional(resources, { requests: { cpu: "50m", memory: "256Mi" } }),
    "Requests and limits",
  ),
});

const scheduler = v.strictObject({
  ...component,
  ...kubeconfigClient,
  resources: described(
    v.optional(resources, { requests: { cpu: "10m", memory: "64Mi" } }),
    "Requests and limits",
  ),
  config: described(
    v.optional(jsonObject),
    "Body of a KubeSchedulerConfiguration (profiles, extenders, …)",
  ),
});

const etcd = v.strictObject({
  ...component,
  resources: described(
    v.optional(resources, { requests: { cpu: "100m", memory: "100Mi" } }),
    "Requests and limits",
  ),
  dataDirectory: described(v.optional(absolutePath, "/var/lib/etcd"), "Where etcd keeps its data"),
  initialCluster: described(
    v.optional(
      v.array(
        v.pipe(
          v.string(),
          v.regex(/^[^=\s]+=https?:\/\/\S+$/, "Expected name=https://address:2380"),
        ),
      ),
      [],
    ),
    "Members a new member starts with, as name=URL; this node alone where absent",
  ),
  initialClusterState: described(
    v.optional(v.picklist(["new", "existing"]), "new"),
    "Whether this member founds a cluster or joins one",
  ),
});

const externalEtcd = v.strictObject({
  endpoints: described(
    v.pipe(v.array(httpUrl), v.minLength(1, "Expected at least one endpoint")),
    "Client URLs of the members",
  ),
  caFile: described(v.optional(absolutePath), "CA of the members' certificates"),
  certFile: described(
    v.optional(absolutePath),
    "The API server's client certificate; needs keyFile",
  ),
  keyFile: described(v.optional(absolutePath), "Private key of certFile"),
});

const cluster = v.strictObject({
  kubernetesVersion: described(
    v.optional(kubernetesVersion),
    "Version of the components, such as v1.36.2; taken from apiServer.image where absent",
  ),
  imageRepository: described(
    v.optional(v.pipe(v.string(), v.nonEmpty()), "registry.k8s.io"),
    "Where the default images come from",
  ),
  clusterName: described(v.optional(v.string(), "kubernetes"), "Name of the cluster"),
  controlPlane: described(
    v.optional(
      v.strictObject({
        endpoint: described(v.optional(httpUrl), "URL under which the cluster is known"),
        localAPIServerPort: described(v.optional(port, 6443), "Port of the API server"),
      }),
      {},
    ),
    "How the API server is reached",
  ),
  advertiseAddress: described(
    v.optional(v.pipe(v.string(), v.ip("Expected an IP address"))),
    "Address the API server and etcd advertise; agent.node.address where absent",
  ),
  network: described(
    v.optional(
      v.strictObject({
        dnsDomain: described(v.optional(v.string(), "cluster.local"), "DNS domain of the cluster"),
        podSubnets: described(
          v.optional(subnets, ["10.244.0.0/16"]),
          "CIDRs from which nodes get their pod addresses; an empty list leaves that to the network plugin",
        ),
        serviceSubnets: described(
          v.optional(v.pipe(subnets, v.minLength(1, "Expected at least one CIDR")), [
            "10.96.0.0/12",
          ]),
          "CIDRs of service addresses",
        ),
      }),
      {},
    ),
    "Address ranges",
  ),
  pkiDirectory: described(
    v.optional(absolutePath, "/etc/kubernetes/pki"),
    "Certificates and keys in kubeadm's layout; podstead only reads them",
  ),
  kubeconfigDirectory: described(
    v.optional(absolutePath, "/etc/kubernetes"),
    "Where controller-manager.conf and scheduler.conf are; podstead only reads them",
  ),
  configDirectory: described(
    v.optional(absolutePath, "/etc/podstead/control-plane"),
    "Where podstead writes the components' files",
  ),
  runAsNonRoot: described(
    v.optional(v.boolean(), true),
    "true: each as a user of its own, no capabilities, read-only root, with copies of the certificates it needs; false: root on pkiDirectory itself, as kubeadm does",
  ),
  apiServer: described(v.optional(apiServer, {}), "kube-apiserver"),
  controllerManager: described(v.optional(controllerManager, {}), "kube-controller-manager"),
  scheduler: described(v.optional(scheduler, {}), "kube-scheduler"),
  etcd: described(v.optional(etcd), "Present: run a local etcd member as a fourth pod"),
  externalEtcd: described(
    v.optional(externalEtcd),
    "An etcd that podstead does not run; https://127.0.0.1:2379 with kubeadm's certificates where neither is given",
  ),
  secretboxEncryptionSecret: described(
    v.optional(v.string()),
    "Base64 key (32 bytes) with which Secrets are encrypted in etcd",
  ),
  aescbcEncryptionSecret: described(
    v.optional(v.string()),
    "Older base64 key that must still be read; it encrypts only where secretbox is absent",
  ),
});

const pairedFiles = <T extends { clientCertificate?: unknown; clientKey?: unknown }>(value: T) =>
  (value.clientCertificate === undefined) === (value.clientKey === undefined);

/** `cluster`: present means that this node runs a control plane. */
export const clusterSchema = v.pipe(
  cluster,
  v.check(
    (value) => value.etcd === undefined || value.externalEtcd === undefined,
    "Expected one of etcd and externalEtcd, both are given",
  ),
  v.check(
    (value) => pairedFiles(value.controllerManager) && pairedFiles(value.scheduler),
    "Expected clientCertificate and clientKey together, only one is given",
  ),
  v.description("The control plane this node runs, with Talos's names"),
);

const disabled = v.optional(
  v.strictObject({
    disabled: described(v.optional(v.boolean(), false), "Whether this node does without it"),
  }),
  {},
);

/** `machine.controlPlane`. */
export const controlPlaneSchema = v.pipe(
  v.strictObject({
    controllerManager: described(disabled, "kube-controller-manager on this node"),
    scheduler: described(disabled, "kube-scheduler on this node"),
  }),
  v.description("Which components this node does without"),
);

const documentHead = {
  apiVersion: described(v.literal("v1alpha1"), "Version of the document"),
  image: described(v.optional(v.pipe(v.string(), v.nonEmpty())), "Container image"),
  extraArgs: described(v.optional(extraArgs), "Command line flags without dashes"),
  env: described(v.optional(env), "Environment variables"),
  resources: described(v.optional(resources), "Requests and limits"),
};
const enabled = described(v.optional(v.boolean()), "false: this node does without it");

/** Talos 1.14 `kind: KubeAPIServerConfig`. */
export const kubeAPIServerConfigSchema = v.pipe(
  v.strictObject({
    kind: described(v.literal("KubeAPIServerConfig"), "Kind of the document"),
    ...documentHead,
    apiPort: described(v.optional(port), "Port of the API server"),
    certExtraSANs: described(
      v.optional(v.array(v.string())),
      "Further names and addresses the serving certificate must have",
    ),
    startupProbes: described(v.optional(v.boolean()), "Whether there is a startup probe"),
  }),
  v.description("kube-apiserver, as a Talos 1.14 document"),
);

/** Talos 1.14 `kind: KubeControllerManagerConfig`. */
export const kubeControllerManagerConfigSchema = v.pipe(
  v.strictObject({
    kind: described(v.literal("KubeControllerManagerConfig"), "Kind of the document"),
    ...documentHead,
    enabled,
  }),
  v.description("kube-controller-manager, as a Talos 1.14 document"),
);

/** Talos 1.14 `kind: KubeSchedulerConfig`. */
export const kubeSchedulerConfigSchema = v.pipe(
  v.strictObject({
    kind: described(v.literal("KubeSchedulerConfig"), "Kind of the document"),
    ...documentHead,
    enabled,
    config: described(v.optional(jsonObject), "Body of a KubeSchedulerConfiguration"),
  }),
  v.description("kube-scheduler, as a Talos 1.14 document"),
);

/** Settings of `cluster` with every default. @throws where they do not fit the schema */
export function parseCluster(settings: JsonObject): ClusterConfig {
  return v.parse(clusterSchema, settings);
}

/** The control plane documents by their `kind`. */
export const controlPlaneDocumentSchemas = {
  KubeAPIServerConfig: kubeAPIServerConfigSchema,
  KubeControllerManagerConfig: kubeControllerManagerConfigSchema,
  KubeSchedulerConfig: kubeSchedulerConfigSchema,
} as const;

/**
 * Keys of a Talos config under `cluster` and `machine.controlPlane` that
 * podstead knows and does not manage, each as the path below the root. Their
 * certificates and secrets come from `cluster.pkiDirectory` here.
 */
export const ignoredClusterPaths: readonly (readonly string[])[] = [
  ...[
    "id",
    "secret",
    "token",
    "ca",
    "acceptedCAs",
    "aggregatorCA",
    "serviceAccount",
    "proxy",
    "discovery",
    "coreDNS",
    "externalCloudProvider",
    "extraManifests",
    "extraManifestHeaders",
    "inlineManifests",
    "adminKubeconfig",
    "allowSchedulingOnControlPlanes",
    "allowSchedulingOnMasters",
  ].map((key) => ["cluster", key]),
  ["cluster", "network", "cni"],
  ["cluster", "etcd", "ca"],
  ["cluster", "etcd", "advertisedSubnets"],
  ["cluster", "etcd", "listenSubnets"],
  ["cluster", "etcd", "subnet"],
];

// The schemas and the types that rendering reads must not drift apart.
type Assignable<To, From extends To> = From;
type _Cluster = Assignable<ClusterConfig, v.InferOutput<typeof clusterSchema>>;
type _ControlPlane = Assignable<MachineControlPlane, v.InferOutput<typeof controlPlaneSchema>>;
type _Documents = Assignable<
  ControlPlaneDocument,
  v.InferOutput<
    (typeof controlPlaneDocumentSchemas)[keyof typeof controlPlaneDocumentSchemas]
  >
>;
/** The types above are only ever checked. */
export type ClusterSchemaFits = [_Cluster, _ControlPlane, _Documents];

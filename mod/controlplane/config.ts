/**
 * The control plane part of the node config, already checked and with every
 * default filled in. `mod/config/schema/control_plane/` is where the rules and the
 * defaults stand; this is the shape that rendering reads.
 *
 * Names are Talos's where Talos has the setting (`cluster.apiServer`, …).
 */
import type { JsonObject } from "../core/mod.ts";

/** Command line arguments; a list stands for a flag that is given several times. */
export type ExtraArgs = Readonly<Record<string, string | readonly string[]>>;

/** A path of the node that a component sees. */
export interface ExtraVolume {
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readonly: boolean;
  /** The volume's name in the pod; made of `mountPath` where absent. */
  readonly name?: string | undefined;
  /** A hostPath type such as `File`; where absent the path must exist, of any type. */
  readonly pathType?: string | undefined;
}

/** Requests and limits, as quantities (`200m`, `512Mi`). */
export interface ComponentResources {
  readonly requests?: Readonly<Record<string, string>> | undefined;
  readonly limits?: Readonly<Record<string, string>> | undefined;
}

/** What all components can be told. */
export interface ComponentConfig {
  readonly image?: string | undefined;
  readonly extraArgs: ExtraArgs;
  readonly extraVolumes: readonly ExtraVolume[];
  readonly env: Readonly<Record<string, string>>;
  readonly resources: ComponentResources;
}

/** One plugin of `--admission-control-config-file`. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly configuration: JsonObject;
}

/** `cluster.apiServer`. */
export interface ApiServerConfig extends ComponentConfig {
  readonly certSANs: readonly string[];
  readonly admissionControl: readonly AdmissionPlugin[];
  readonly auditPolicy?: JsonObject | undefined;
  /** Authorizers in order; Node and RBAC are put before them where they are not among them. */
  readonly authorizationConfig: readonly JsonObject[];
  /** The body of an `AuthenticationConfiguration`, without `apiVersion` and `kind`. */
  readonly authenticationConfig?: JsonObject | undefined;
  readonly startupProbes: boolean;
}

/** A component that reads a kubeconfig. */
export interface KubeconfigClient extends ComponentConfig {
  /** A finished kubeconfig; kubeadm's name under `kubeconfigDirectory` where absent. */
  readonly kubeconfig?: string | undefined;
  /** With `clientKey`: podstead builds the kubeconfig around these two files instead. */
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** `cluster.controllerManager`. */
export type ControllerManagerConfig = KubeconfigClient;

/** `cluster.scheduler`. */
export interface SchedulerConfig extends KubeconfigClient {
  /** The body of a `KubeSchedulerConfiguration`. */
  readonly config?: JsonObject | undefined;
}

/** `cluster.etcd`: a local etcd member as a fourth pod. */
export interface EtcdConfig extends ComponentConfig {
  readonly dataDirectory: string;
  /** `name=https://address:2380` of every member; this node alone where empty. */
  readonly initialCluster: readonly string[];
  readonly initialClusterState: "new" | "existing";
}

/** `cluster.externalEtcd`: an etcd that podstead does not run. */
export interface ExternalEtcdConfig {
  readonly endpoints: readonly string[];
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** `cluster`. */
export interface ClusterConfig {
  /** `v1.36.2`; the tag of the API server's image where absent. */
  readonly kubernetesVersion?: string | undefined;
  readonly imageRepository: string;
  readonly clusterName: string;
  readonly controlPlane: {
    /** `https://host:port` under which the cluster is known. */
    readonly endpoint?: string | undefined;
    readonly localAPIServerPort: number;
  };
  /** The address the API server advertises; the node's address where absent. */
  readonly advertiseAddress?: string | undefined;
  readonly network: {
    readonly dnsDomain: string;
    readonly podSubnets: readonly string[];
    readonly serviceSubnets: readonly string[];
  };
  /** Certificates and keys in kubeadm's layout; only read. */
  readonly pkiDirectory: string;
  /** Where kubeadm keeps `controller-manager.conf` and `scheduler.conf`; only read. */
  readonly kubeconfigDirectory: string;
  /** Podstead's own files for the components. */
  readonly configDirectory: string;
  /** Each as a user of its own with copies of what it needs, or as root on the files themselves. */
  readonly runAsNonRoot: boolean;
  readonly apiServer: ApiServerConfig;
  readonly controllerManager: ControllerManagerConfig;
  readonly scheduler: SchedulerConfig;
  readonly etcd?: EtcdConfig | undefined;
  readonly externalEtcd?: ExternalEtcdConfig | undefined;
  readonly secretboxEncryptionSecret?: string | undefined;
  readonly aescbcEncryptionSecret?: string | undefined;
}

/** `machine.controlPlane`. */
export interface MachineControlPlane {
  readonly controllerManager: { readonly disabled: boolean };
  readonly scheduler: { readonly disabled: boolean };
}

/** The part of a component that a Talos 1.14 document sets. */
interface ComponentDocument {
  readonly apiVersion: "v1alpha1";
  readonly image?: string | undefined;
  readonly extraArgs?: ExtraArgs | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly resources?: ComponentResources | undefined;
}

/** `kind: KubeAPIServerConfig`. */
export interface KubeAPIServerDocument extends ComponentDocument {
  readonly kind: "KubeAPIServerConfig";
  readonly apiPort?: number | undefined;
  readonly certExtraSANs?: readonly string[] | undefined;
  readonly startupProbes?: boolean | undefined;
}

/** `kind: KubeControllerManagerConfig`. */
export interface KubeControllerManagerDocument extends ComponentDocument {
  readonly kind: "KubeControllerManagerConfig";
  readonly enabled?: boolean | undefined;
}

/** `kind: KubeSchedulerConfig`. */
export interface KubeSchedulerDocument extends ComponentDocument {
  readonly kind: "KubeSchedulerConfig";
  readonly enabled?: boolean | undefined;
  readonly config?: JsonObject | undefined;
}

/** A Talos 1.14 document that podstead reads for the control plane. */
export type ControlPlaneDocument =
  | KubeAPIServerDocument
  | KubeControllerManagerDocument
  | KubeSchedulerDocument;

/** All that a node config says about its control plane. */
export interface ControlPlaneConfig {
  readonly cluster: ClusterConfig;
  readonly controlPlane: MachineControlPlane;
  readonly documents: readonly ControlPlaneDocument[];
  /** `agent.allowUnknownFlags`; false if absent. */
  readonly allowUnknownFlags?: boolean;
}

import type { ControlPlaneConfig, ControlPlaneDocument } from "../controlplane/mod.ts";
import * as v from "valibot";
import { nodeConfigSchema } from "./schema/node_config.ts";
import type { NodeConfig } from "./schema/node_config.ts";

/** Every setting of a node with its value; `null` where one is not set and has no default. */
export interface Settings {
  readonly node: { readonly name: string; readonly address: string };
  readonly manifest: {
    readonly address: string;
    readonly port: number;
    readonly path: string;
    /** `http://127.0.0.1:10261/manifests`: what goes into the kubelet's `staticPodURL`. */
    readonly url: string;
    readonly tokenFile: string | null;
  };
  /** Further names that the Host header may have. */
  readonly hosts: readonly string[];
  readonly runtime: { readonly endpoint: string; readonly timeoutMs: number };
  readonly kubelet: {
    readonly endpoint: string;
    readonly clientCertificate: string | null;
    readonly clientKey: string | null;
    readonly certificateAuthority: string | null;
    readonly tokenFile: string | null;
    /** `null` to detect it. */
    readonly version: string | null;
    /** `null` for the one that its command line names. */
    readonly kubeconfig: string | null;
    readonly podsDirectory: string;
    /** Gates that the kubelet has and podstead cannot find, or finds otherwise. */
    readonly featureGates: Readonly<Record<string, boolean>>;
    readonly unknownFields: "refuse" | "allow";
  };
  readonly admin: {
    readonly socket: string;
    readonly group: string;
    readonly readGroup: string;
  };
  /** As written: relative to the directory of the config file. */
  readonly include: readonly string[];
  readonly stateDir: string;
  readonly volumesDir: string;
  readonly log: {
    readonly level: "debug" | "info" | "warn" | "error";
    readonly format: "json" | "text";
  };
  readonly replace: "in-place" | "quick" | "kubelet";
  readonly rollback: "never" | "control-plane" | "on-failure";
  readonly afterTimeoutMs: number;
  readonly pull: { readonly timeoutMs: number; readonly credentialsFile: string | null };
  readonly metrics: { readonly containers: boolean };
  /** Whether placeholders in pods and objects are replaced. */
  readonly substitute: boolean;
  /** The variables that a placeholder may name. */
  readonly substituteEnv: readonly string[];
  readonly secrets: "any" | "sealed-only";
  /** `null` to look at the usual places. */
  readonly identityFile: string | null;
  /** Program and arguments that are run when the node is unhealthy; empty for none. */
  readonly onUnhealthy: readonly string[];
  readonly pki: {
    /** `auto`: certificates are renewed before they end. */
    readonly renew: "manual" | "auto";
  };
  /** `null` where this node is a member of no fleet. */
  readonly fleet: FleetSettings | null;
  /** `null` where this node renders no control plane. */
  readonly controlPlane: ControlPlaneConfig | null;
}

/** How a node is a member of a fleet. */
export interface FleetSettings {
  readonly name: string;
  readonly endpoints: readonly string[];
  readonly certificateAuthority: string | null;
  readonly clientCertificate: string | null;
  readonly clientKey: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly prefix: string;
}

/** What only the node itself knows: the defaults of `agent.node`. */
export interface HostFacts {
  /** In any case. */
  readonly hostname: string;
  readonly address: string;
}

/** Settings out of a checked node config. */
export function toSettings(
  config: NodeConfig,
  documents: readonly ControlPlaneDocument[],
  host: HostFacts,
): Settings {
  const { agent, machine, cluster } = config;
  const { manifest, kubelet } = agent;
  const worker = machine.type === "worker" || machine.type === "join";
  const hostPart = manifest.address.includes(":") ? `[${manifest.address}]` : manifest.address;
  return {
    node: {
      name: agent.node.name ?? host.hostname.toLowerCase(),
      address: agent.node.address ?? host.address,
    },
    manifest: {
      address: manifest.address,
      port: manifest.port,
      path: manifest.path,
      url: `http://${hostPart}:${manifest.port}${manifest.path}`,
      tokenFile: manifest.tokenFile ?? null,
    },
    hosts: agent.hosts,
    runtime: { endpoint: agent.runtime.endpoint, timeoutMs: agent.runtime.timeout },
    kubelet: {
      endpoint: kubelet.endpoint,
      ...kubeletClientFiles(agent.kubelet, cluster === undefined || worker ? undefined : cluster),
      certificateAuthority: kubelet.certificateAuthority ?? null,
      tokenFile: kubelet.tokenFile ?? null,
      version: kubelet.version ?? null,
      kubeconfig: kubelet.kubeconfig ?? null,
      podsDirectory: kubelet.podsDirectory,
      featureGates: kubelet.featureGates,
      unknownFields: kubelet.unknownFields,
    },
    admin: agent.admin,
    include: agent.include,
    stateDir: agent.stateDir,
    volumesDir: agent.volumesDir,
    log: agent.log,
    replace: agent.replace,
    rollback: agent.rollback,
    afterTimeoutMs: agent.afterTimeout,
    pull: {
      timeoutMs: agent.pull.timeout,
      credentialsFile: agent.pull.credentialsFile ?? null,
    },
    substitute: agent.substitute,
    substituteEnv: agent.substituteEnv,
    secrets: agent.secrets,
    identityFile: agent.identityFile ?? null,
    pki: agent.pki,
    metrics: agent.metrics,
    onUnhealthy: agent.onUnhealthy,
    fleet: fleetSettings(agent.fleet),
    controlPlane: cluster === undefined || worker ? null : {
      cluster,
      controlPlane: machine.controlPlane,
      documents,
      ...(agent.allowUnknownFlags ? { allowUnknownFlags: true } : {}),
    },
  };
}

function fleetSettings({ name, ...rest }: NodeConfig["agent"]["fleet"]): FleetSettings | null {
  if (name === undefined) return null;
  return {
    name,
    endpoints: rest.endpoints,
    certificateAuthority: rest.certificateAuthority ?? null,
    clientCertificate: rest.clientCertificate ?? null,
    clientKey: rest.clientKey ?? null,
    labels: rest.labels,
    prefix: rest.prefix,
  };
}

const KUBEADM_PKI = "/etc/kubernetes/pki";

/**
 * With what podstead shows itself to the kubelet. A control plane node that
 * sets nothing has a certificate that its kubelet takes: the API server's. It
 * is looked for in kubeadm's directory anyway (kubelet/find_credentials.ts).
 */
function kubeletClientFiles(
  { clientCertificate, clientKey, tokenFile }: NodeConfig["agent"]["kubelet"],
  cluster: NodeConfig["cluster"] | undefined,
): Pick<Settings["kubelet"], "clientCertificate" | "clientKey"> {
  const isSet = [clientCertificate, clientKey, tokenFile].some((path) => path !== undefined);
  if (isSet || cluster === undefined || cluster.pkiDirectory === KUBEADM_PKI) {
    return { clientCertificate: clientCertificate ?? null, clientKey: clientKey ?? null };
  }
  const path = `${cluster.pkiDirectory}/apiserver-kubelet-client`;
  return { clientCertificate: `${path}.crt`, clientKey: `${path}.key` };
}

/** The settings of a file that is read on its own; undefined if it has no good node config. */
export function settingsIn(
  { nodeConfig }: { readonly nodeConfig: NodeConfig | undefined },
  host: HostFacts,
): Settings | undefined {
  return nodeConfig && toSettings(nodeConfig, [], host);
}

/** A node config that sets nothing. */
export function emptyNodeConfig(): NodeConfig {
  return v.parse(nodeConfigSchema, {});
}

/** The settings of a node whose config file sets nothing. */
export function defaultSettings(host: HostFacts): Settings {
  return toSettings(emptyNodeConfig(), [], host);
}

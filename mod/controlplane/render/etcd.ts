/** A local etcd member, in kubeadm's manner. */
import { ETCD_POLICY } from "./argument_policy.ts";
import { type Arguments, argumentValue } from "./arguments.ts";
import { assembleComponent } from "./component.ts";
import { componentArguments } from "./component_arguments.ts";
import type { EtcdConfig } from "../config.ts";
import { type RenderContext, type RenderedComponent, urlHost } from "../context.ts";
import { livenessProbe, type ProbeTarget, readinessProbe, startupProbe } from "./probes.ts";
import { authority, pair } from "./secret_files.ts";
import { defaultEtcdTag, imageTag, parseEtcdVersion } from "../version.ts";
import { hostVolume } from "./volumes.ts";

const COMPONENT = "etcd";
const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
/** kubeadm's port for metrics and health, without TLS and only on the loopback. */
const METRICS_PORT = 2381;

/** Renders etcd. It runs as root, which owns the data of an existing member. */
export function renderEtcd(context: RenderContext, config: EtcdConfig): RenderedComponent {
  const { cluster } = context;
  const image = config.image ??
    `${cluster.imageRepository}/etcd:${defaultEtcdTag(context.version.minor, context.defaults)}`;
  const version = parseEtcdVersion(imageTag(image) ?? "") ?? { minor: 6, patch: 0 };
  const { args, problems } = componentArguments({
    own: ownArguments(context, config, version.minor),
    extraArgs: config.extraArgs,
    policy: ETCD_POLICY,
    rules: {
      component: COMPONENT,
      minor: version.minor,
      allowUnknown: context.allowUnknownFlags,
    },
  });
  const target = probeTarget(argumentValue(args, "listen-metrics-urls"), context.loopback);
  const [live, ready] = healthPaths(version.minor, version.patch);
  return assembleComponent(context, {
    component: COMPONENT,
    config,
    image,
    args,
    probes: {
      livenessProbe: livenessProbe(target, live),
      readinessProbe: readinessProbe(target, ready),
      startupProbe: startupProbe(target, ready, context.defaults),
    },
    annotations: annotations(context),
    volumes: [
      hostVolume("etcd-certs", `${cluster.pkiDirectory}/etcd`, "Directory"),
      hostVolume("etcd-data", config.dataDirectory, "Directory", false),
    ],
    directories: [
      { path: config.dataDirectory, mode: 0o700, uid: 0, gid: 0, keepExisting: true },
    ],
    files: [],
    requires: [
      authority(cluster, "etcd/ca"),
      pair(cluster, "etcd/server", "etcd/ca", [
        context.node.name,
        context.advertiseAddress,
        context.loopback,
      ]),
      pair(cluster, "etcd/peer", "etcd/ca", [context.advertiseAddress]),
    ],
    // It reads its certificates at every handshake, its CA only when it starts.
    readAtStart: [`${cluster.pkiDirectory}/etcd/ca.crt`],
    problems,
  });
}

function ownArguments(context: RenderContext, config: EtcdConfig, minor: number): Arguments {
  const { pkiDirectory } = context.cluster;
  const host = urlHost(context.advertiseAddress);
  const clientUrl = `https://${host}:${CLIENT_PORT}`;
  const peerUrl = `https://${host}:${PEER_PORT}`;
  return {
    "advertise-client-urls": clientUrl,
    "cert-file": `${pkiDirectory}/etcd/server.crt`,
    "client-cert-auth": "true",
    "data-dir": config.dataDirectory,
    "initial-advertise-peer-urls": peerUrl,
    "initial-cluster": initialCluster(config, context.node.name, peerUrl),
    ...(config.initialClusterState === "existing" ? { "initial-cluster-state": "existing" } : {}),
    "key-file": `${pkiDirectory}/etcd/server.key`,
    "listen-client-urls": `https://${urlHost(context.loopback)}:${CLIENT_PORT},${clientUrl}`,
    "listen-metrics-urls": `http://${urlHost(context.loopback)}:${METRICS_PORT}`,
    "listen-peer-urls": peerUrl,
    "name": context.node.name,
    "peer-cert-file": `${pkiDirectory}/etcd/peer.crt`,
    "peer-client-cert-auth": "true",
    "peer-key-file": `${pkiDirectory}/etcd/peer.key`,
    "peer-trusted-ca-file": `${pkiDirectory}/etcd/ca.crt`,
    "snapshot-count": "10000",
    "trusted-ca-file": `${pkiDirectory}/etcd/ca.crt`,
    ...versionArguments(minor),
  };
}

/** The members a new etcd member starts with. */
function initialCluster(etcd: EtcdConfig, nodeName: string, peerUrl: string): string {
  return etcd.initialCluster.length === 0
    ? `${nodeName}=${peerUrl}`
    : etcd.initialCluster.join(",");
}

/**
 * Flags that etcd renamed when they left their experiment. Source: etcd
 * CHANGELOG-3.6; etcd 3.4.23 as Debian has it does not know the interval.
 */
function versionArguments(minor: number): Arguments {
  if (minor >= 6) {
    return {
      "feature-gates": "InitialCorruptCheck=true",
      "watch-progress-notify-interval": "5s",
    };
  }
  return {
    "experimental-initial-corrupt-check": "true",
    ...(minor >= 5 ? { "experimental-watch-progress-notify-interval": "5s" } : {}),
  };
}

/** `/livez` and `/readyz` came with 3.5.11 (kubernetes/kubeadm issue 3039). */
function healthPaths(minor: number, patch: number): readonly [string, string] {
  const known = minor > 5 || (minor === 5 && patch >= 11);
  return known ? ["/livez", "/readyz"] : ["/health?exclude=NOSPACE&serializable=true", "/health"];
}

/** kubeadm finds the members of a cluster by this when it joins a node. */
function annotations(context: RenderContext): Readonly<Record<string, string>> {
  return {
    "kubeadm.kubernetes.io/etcd.advertise-client-urls": `https://${
      urlHost(context.advertiseAddress)
    }:${CLIENT_PORT}`,
  };
}

function probeTarget(metricsUrls: string | undefined, loopback: string): ProbeTarget {
  const fallback: ProbeTarget = { host: loopback, port: METRICS_PORT, scheme: "HTTP" };
  const first = metricsUrls?.split(",")[0];
  if (first === undefined || !URL.canParse(first)) return fallback;
  const url = new URL(first);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? METRICS_PORT : Number(url.port),
    scheme: url.protocol === "https:" ? "HTTPS" : "HTTP",
  };
}

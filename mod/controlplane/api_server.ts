/** kube-apiserver. Flags, paths and probes as kubeadm sets them. */
import { checkApiServer } from "./api_server_checks.ts";
import { type NamedConfigFile, namedConfigFiles } from "./api_server_config_files.ts";
import { API_SERVER_POLICY, withDenied } from "./argument_policy.ts";
import { type Arguments, argumentValue, formatArguments, mergeArguments } from "./arguments.ts";
import {
  componentDirectory,
  deniedProblems,
  externalVolumes,
  imageOf,
  versionOf,
} from "./component.ts";
import { formatConfigFile } from "./config_files.ts";
import { type RenderContext, type RenderedComponent, urlHost } from "./context.ts";
import { userId } from "./identity.ts";
import { apiServerNames } from "./names.ts";
import type { ControlPlaneFile, Requirement } from "./plan.ts";
import { buildPod, CONFIG_HASH_ANNOTATION, contentHash } from "./pod.ts";
import { livenessProbe, probeHost, readinessProbe, startupProbe } from "./probes.ts";
import { authority, etcdAccess, pair, readableBy, SecretFiles } from "./secret_files.ts";
import {
  extraVolume,
  extraVolumeRequirement,
  hostVolume,
  memoryVolume,
  type MountedVolume,
} from "./volumes.ts";

const COMPONENT = "kube-apiserver";
/** Where the audit log goes; Talos's directory. */
const AUDIT_DIRECTORY = "/var/log/audit/kube";

/** Renders kube-apiserver. */
export function renderApiServer(context: RenderContext): RenderedComponent {
  const { cluster } = context;
  const config = cluster.apiServer;
  const version = versionOf(context, config.image);
  const secrets = new SecretFiles(COMPONENT, cluster);
  const configFiles = namedConfigFiles(context, version.minor);
  const configured = configFiles.filter((file) => file.value !== undefined);
  const policy = withDenied(
    API_SERVER_POLICY,
    Object.fromEntries(configured.map((file) => [file.flag, `set ${file.setting} instead`])),
  );
  const own = ownArguments(context, secrets, configured);
  const { merged, denied } = mergeArguments(own, config.extraArgs, policy);
  const args = withoutConflicts(merged, config.extraArgs);
  const command = [COMPONENT, ...formatArguments(args)];
  const files = configured.map((file) => ({ ...file, path: `${secrets.directory}/${file.name}` }));
  const written: ControlPlaneFile[] = files.map((file) => ({
    path: file.path,
    content: formatConfigFile(file.value ?? {}),
    ...readableBy(COMPONENT, cluster),
  }));
  const hash = contentHash(
    written.filter((file) => !files.some((named) => named.path === file.path && named.reloaded)),
  );
  const target = {
    host: probeHost(argumentValue(args, "bind-address") ?? probeDefault(context)),
    port: cluster.controlPlane.localAPIServerPort,
    scheme: "HTTPS",
  } as const;
  const audit = config.auditPolicy !== undefined;
  const etcd = etcdAccess(cluster, context.loopback);
  return {
    plan: {
      component: COMPONENT,
      id: COMPONENT,
      pod: buildPod({
        component: COMPONENT,
        config,
        image: imageOf(context, COMPONENT, config.image),
        runAsNonRoot: cluster.runAsNonRoot,
        command,
        volumes: volumes(context, secrets, written.length > 0, audit),
        probes: {
          livenessProbe: livenessProbe(target, "/livez"),
          readinessProbe: readinessProbe(target, "/readyz"),
          ...(config.startupProbes ? { startupProbe: startupProbe(target, "/livez") } : {}),
        },
        annotations: {
          ...(cluster.runAsNonRoot ? {} : {
            // kubeadm reads this when it upgrades or joins nodes.
            "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": `${
              urlHost(context.advertiseAddress)
            }:${target.port}`,
          }),
          ...(hash === undefined ? {} : { [CONFIG_HASH_ANNOTATION]: hash }),
        },
        // Its binary carries this file capability: without it in the bounding set, exec fails.
        capabilities: ["NET_BIND_SERVICE"],
      }),
      directories: [
        ...(written.length > 0 || secrets.copies.length > 0
          ? [componentDirectory(COMPONENT, cluster)]
          : []),
        ...(audit ? [{ path: AUDIT_DIRECTORY, ...auditOwner(context) }] : []),
      ],
      files: [...written, ...secrets.copies],
      requires: requirements(context),
      readAtStart: [
        `${cluster.pkiDirectory}/sa.pub`,
        `${cluster.pkiDirectory}/sa.key`,
        ...(etcd.caFile === undefined ? [] : [etcd.caFile]),
      ],
    },
    problems: [...deniedProblems(denied), ...checkApiServer(context, args, version.minor)],
  };
}

function ownArguments(
  context: RenderContext,
  secrets: SecretFiles,
  configured: readonly NamedConfigFile[],
): Arguments {
  const { cluster } = context;
  const etcd = etcdAccess(cluster, context.loopback);
  return {
    "advertise-address": context.advertiseAddress,
    "allow-privileged": "true",
    ...(configured.some((file) => file.flag === "authorization-config")
      ? {}
      : { "authorization-mode": "Node,RBAC" }),
    "client-ca-file": secrets.pki("ca.crt"),
    "enable-admission-plugins": "NodeRestriction",
    "enable-bootstrap-token-auth": "true",
    "etcd-servers": etcd.endpoints.join(","),
    ...(etcd.caFile === undefined ? {} : { "etcd-cafile": secrets.at(etcd.caFile, "etcd-ca.crt") }),
    ...(etcd.certFile === undefined
      ? {}
      : { "etcd-certfile": secrets.at(etcd.certFile, "apiserver-etcd-client.crt") }),
    ...(etcd.keyFile === undefined
      ? {}
      : { "etcd-keyfile": secrets.at(etcd.keyFile, "apiserver-etcd-client.key") }),
    "kubelet-client-certificate": secrets.pki("apiserver-kubelet-client.crt"),
    "kubelet-client-key": secrets.pki("apiserver-kubelet-client.key"),
    "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
    "proxy-client-cert-file": secrets.pki("front-proxy-client.crt"),
    "proxy-client-key-file": secrets.pki("front-proxy-client.key"),
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-client-ca-file": secrets.pki("front-proxy-ca.crt"),
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-username-headers": "X-Remote-User",
    "secure-port": String(cluster.controlPlane.localAPIServerPort),
    "service-account-issuer": `https://kubernetes.default.svc.${cluster.network.dnsDomain}`,
    "service-account-key-file": secrets.pki("sa.pub"),
    "service-account-signing-key-file": secrets.pki("sa.key"),
    "service-cluster-ip-range": cluster.network.serviceSubnets.join(","),
    "tls-cert-file": secrets.pki("apiserver.crt"),
    "tls-private-key-file": secrets.pki("apiserver.key"),
    ...(cluster.apiServer.auditPolicy === undefined ? {} : {
      "audit-log-maxage": "30",
      "audit-log-maxbackup": "10",
      "audit-log-maxsize": "100",
      "audit-log-path": `${AUDIT_DIRECTORY}/kube-apiserver.log`,
    }),
    ...Object.fromEntries(
      configured.map((file) => [file.flag, `${secrets.directory}/${file.name}`]),
    ),
  };
}

/** The mode flag and the config file exclude each other: the user's file wins over our mode. */
function withoutConflicts(args: Arguments, extra: Arguments): Arguments {
  if (!Object.hasOwn(extra, "authorization-config")) return args;
  const { "authorization-mode": _, ...others } = args;
  return others;
}

function requirements(context: RenderContext): readonly Requirement[] {
  const { cluster } = context;
  const etcd = etcdAccess(cluster, context.loopback);
  const etcdClient: readonly Requirement[] = etcd.certFile === undefined ? [] : [{
    kind: "certificate",
    path: etcd.certFile,
    ...(etcd.keyFile === undefined ? {} : { keyPath: etcd.keyFile }),
  }];
  const etcdCa: readonly Requirement[] = etcd.caFile === undefined
    ? []
    : [{ kind: "certificate", path: etcd.caFile }];
  return [
    authority(cluster, "ca"),
    pair(cluster, "apiserver", "ca", apiServerNames(cluster, context.node)),
    pair(cluster, "apiserver-kubelet-client", "ca"),
    authority(cluster, "front-proxy-ca"),
    pair(cluster, "front-proxy-client", "front-proxy-ca"),
    {
      kind: "key",
      path: `${cluster.pkiDirectory}/sa.key`,
      publicKeyPath: `${cluster.pkiDirectory}/sa.pub`,
    },
    ...etcdCa,
    ...etcdClient,
    ...cluster.apiServer.extraVolumes.flatMap(extraVolumeRequirement),
  ];
}

function volumes(
  context: RenderContext,
  secrets: SecretFiles,
  hasConfigFiles: boolean,
  audit: boolean,
): readonly MountedVolume[] {
  const { cluster } = context;
  const etcd = etcdAccess(cluster, context.loopback);
  const extra = cluster.apiServer.extraVolumes.map(extraVolume);
  const auditVolume = audit ? [hostVolume("audit", AUDIT_DIRECTORY, "Directory", false)] : [];
  if (cluster.runAsNonRoot) {
    return [
      hostVolume("podstead", secrets.directory, "Directory"),
      memoryVolume("tmp", "/tmp"),
      memoryVolume("run", "/var/run/kubernetes"),
      ...auditVolume,
      ...extra,
    ];
  }
  return [
    hostVolume("k8s-certs", cluster.pkiDirectory, "Directory"),
    ...externalVolumes(
      cluster.pkiDirectory,
      [etcd.caFile, etcd.certFile, etcd.keyFile].filter((path) => path !== undefined),
      "etcd-certs",
    ),
    ...(hasConfigFiles ? [hostVolume("podstead", secrets.directory, "Directory")] : []),
    ...auditVolume,
    ...extra,
  ];
}

function probeDefault(context: RenderContext): string {
  return context.loopback === "::1" ? "::" : "0.0.0.0";
}

function auditOwner(context: RenderContext) {
  const id = userId(COMPONENT, context.cluster.runAsNonRoot);
  return { mode: 0o700, uid: id, gid: id };
}

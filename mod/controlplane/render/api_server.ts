/** kube-apiserver. Files and probes as kubeadm sets them. */
import { posix } from "node:path";
import { API_SERVER_POLICY } from "./argument_policy.ts";
import { apiServerArguments, AUDIT_DIRECTORY, withoutConflicts } from "./api_server_arguments.ts";
import { checkApiServer } from "./api_server_checks.ts";
import { apiServerConfigFiles } from "./api_server_config_files.ts";
import { assembleComponent } from "./component.ts";
import { componentArguments } from "./component_arguments.ts";
import {
  componentVersion,
  type RenderContext,
  type RenderedComponent,
  urlHost,
} from "../context.ts";
import { userId } from "../access/identity.ts";
import { apiServerNames } from "../access/names.ts";
import type { ControlPlaneDirectory, Requirement } from "../plan.ts";
import { livenessProbe, readinessProbe, secureTarget, startupProbe } from "./probes.ts";
import { authority, pair, SecretFiles } from "./secret_files.ts";
import { hostVolume, memoryVolume, type MountedVolume } from "./volumes.ts";

const COMPONENT = "kube-apiserver";

/** Renders kube-apiserver. */
export function renderApiServer(context: RenderContext): RenderedComponent {
  const { cluster, etcd } = context;
  const config = cluster.apiServer;
  const { minor } = componentVersion(context, config);
  const secrets = new SecretFiles(COMPONENT, cluster);
  const configFiles = apiServerConfigFiles(context, secrets.directory, minor);
  const joined = componentArguments({
    own: apiServerArguments(context, secrets, configFiles),
    extraArgs: config.extraArgs,
    policy: API_SERVER_POLICY,
    rules: { component: COMPONENT, minor, allowUnknown: context.allowUnknownFlags },
    configFiles,
  });
  const args = withoutConflicts(joined.args, config.extraArgs);
  const target = secureTarget(args, {
    bindAddress: context.loopback === "::1" ? "::" : "0.0.0.0",
    port: cluster.controlPlane.localAPIServerPort,
  });
  return assembleComponent(context, {
    component: COMPONENT,
    config,
    args,
    probes: {
      livenessProbe: livenessProbe(target, "/livez"),
      readinessProbe: readinessProbe(target, "/readyz"),
      ...(config.startupProbes
        ? { startupProbe: startupProbe(target, "/livez", context.defaults) }
        : {}),
    },
    annotations: cluster.runAsNonRoot ? {} : {
      // kubeadm reads this when it upgrades or joins nodes.
      "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": `${
        urlHost(context.advertiseAddress)
      }:${target.port}`,
    },
    // Its binary carries this file capability: without it in the bounding set, exec fails.
    capabilities: ["NET_BIND_SERVICE"],
    volumes: volumes(context, secrets),
    configFiles,
    files: secrets.copies,
    directories: config.auditPolicy === undefined ? [] : [auditDirectory(context)],
    requires: requirements(context),
    readAtStart: [
      `${cluster.pkiDirectory}/sa.pub`,
      `${cluster.pkiDirectory}/sa.key`,
      ...(etcd.caFile === undefined ? [] : [etcd.caFile]),
    ],
    problems: [...joined.problems, ...checkApiServer(context, args)],
  });
}

function requirements(context: RenderContext): readonly Requirement[] {
  const { cluster, etcd } = context;
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
  ];
}

function volumes(context: RenderContext, secrets: SecretFiles): readonly MountedVolume[] {
  const { cluster } = context;
  return [
    ...(cluster.runAsNonRoot
      ? [memoryVolume("run", "/var/run/kubernetes")]
      : [...secrets.pkiVolumes, ...etcdVolumes(context)]),
    ...(cluster.apiServer.auditPolicy === undefined
      ? []
      : [hostVolume("audit", AUDIT_DIRECTORY, "Directory", false)]),
  ];
}

/** The directories of etcd's client files that lie outside of the PKI directory. */
function etcdVolumes({ cluster, etcd }: RenderContext): readonly MountedVolume[] {
  const { pkiDirectory } = cluster;
  const files = [etcd.caFile, etcd.certFile, etcd.keyFile].filter((path) => path !== undefined);
  const directories = [...new Set(files.map((file) => posix.dirname(file)))].sort();
  return directories
    .filter((directory) => directory !== pkiDirectory && !directory.startsWith(`${pkiDirectory}/`))
    .map((directory, index) => hostVolume(`etcd-certs-${index}`, directory, "Directory"));
}

function auditDirectory({ cluster }: RenderContext): ControlPlaneDirectory {
  const id = userId(COMPONENT, cluster.runAsNonRoot);
  return { path: AUDIT_DIRECTORY, mode: 0o700, uid: id, gid: id };
}
